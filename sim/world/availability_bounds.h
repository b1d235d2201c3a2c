#pragma once
// How long clients and partitions may be without service after a disturbance, of a scenario's
// settings.

#include "sim/check/checker.h"
#include "sim/scenario/scenario.h"

namespace bsim {

// The longest that Kafka's own timeouts make each step take, one after the other.
AvailabilityBounds availability_bounds(const Scenario& scenario);

}  // namespace bsim
