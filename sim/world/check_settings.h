#pragma once
// What checkers must know of a scenario's settings.

#include "sim/check/checker.h"
#include "sim/scenario/scenario.h"

namespace bsim {

// min.insync.replicas as the scenario declares it, by topic.
CheckSettings declared_settings(const Scenario& scenario);

// The same for checkers. Where nodes differ, or the run changes a setting while it goes, the laxest
// value counts from the start on: the lowest min.insync.replicas, unclean elections if ever.
CheckSettings check_settings(const Scenario& scenario);

}  // namespace bsim
