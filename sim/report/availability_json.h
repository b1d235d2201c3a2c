#pragma once
// The section `availability` of results.json. Times are integers in ns, partitions are sorted;
// TRACE.md and reports/docs/results.md say what the fields mean.

#include <nlohmann/json_fwd.hpp>

#include "sim/check/availability_report.h"

namespace bsim {

nlohmann::ordered_json availability_json(const AvailabilityReport& report);

}  // namespace bsim
