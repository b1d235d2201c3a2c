#pragma once
// The words of `trace --where` against what a trace can hold.

#include <string>

#include "sim/report/trace_text.h"

namespace bsim {

// Empty, or what cannot be: an unknown kind, an attribute that no such event has, a number that is
// none.
std::string where_complaint(const TraceWhere& where);

// Times may stand with their unit, as "5s"; from here on they are nanoseconds.
void take_units(TraceWhere& where);

}  // namespace bsim
