#pragma once
// Is an event one of those that an expression describes?

#include <string>
#include <string_view>
#include <vector>

#include "sim/scenario/scenario.h"
#include "sim/trace/event.h"

namespace bsim {

// The kind's attributes are compared as they stand in the trace, strings without their quotation
// marks. Where both sides are whole numbers they are compared as numbers. An attribute that is a
// list equals a value that is in it. `n` equals a node's name and also its bare id.
bool matches(const EventPattern& pattern, const Event& event);

// All kinds with their attributes, for a scenario's vocabulary.
std::vector<EventWords> event_words();

}  // namespace bsim
