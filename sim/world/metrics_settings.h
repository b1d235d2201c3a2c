#pragma once
// What metrics must know of a scenario, as events do not tell it.

#include "sim/metrics/metric_lookup.h"
#include "sim/scenario/scenario.h"

namespace bsim {

metrics::Settings metrics_settings(const Scenario& scenario);

}  // namespace bsim
