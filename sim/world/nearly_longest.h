#pragma once
// For those who judge or draw scenarios without drawing from their distributions.

#include "sim/model/dist.h"

namespace bsim {

// What a hundredth of the draws exceeds, or fewer.
SimDuration nearly_longest(const LatencyDist& dist);

}  // namespace bsim
