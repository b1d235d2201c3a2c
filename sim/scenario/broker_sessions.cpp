#include "sim/scenario/broker_sessions.h"

#include <algorithm>

namespace bsim {

SimDuration longest_broker_session(const Scenario& scenario) {
    SimDuration longest;
    for (const NodeSpec& controller : scenario.controllers)
        longest = std::max(longest, controller.config.broker_session_timeout);
    return longest;
}

}  // namespace bsim
