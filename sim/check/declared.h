#pragma once
// What a declared violation brings with it.

#include <vector>

#include "sim/check/checker.h"
#include "sim/check/checker_set.h"

namespace bsim {

// A scenario that declares a check to be violated tells of one fault, which other checks may see as
// well: a lost record is also an offset that holds two values. If a declared violation came, what
// the checks of safety found that the scenario does not name becomes permitted.
void permit_what_follows(const CheckSettings& settings, std::vector<CheckResult>& results);

}  // namespace bsim
