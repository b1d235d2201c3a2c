#pragma once
// All metric families, in the order in which they stand in files.

#include <memory>
#include <vector>

#include "sim/metrics/metric_family.h"

namespace bsim::metrics {

std::vector<std::unique_ptr<MetricFamily>> make_metric_families();

}  // namespace bsim::metrics
