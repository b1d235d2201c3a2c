#pragma once
// How long a cluster may take a dead broker for a living one.

#include "sim/base/time.h"
#include "sim/scenario/scenario.h"

namespace bsim {

// The longest broker.session.timeout.ms of a controller; zero without controllers.
SimDuration longest_broker_session(const Scenario& scenario);

}  // namespace bsim
