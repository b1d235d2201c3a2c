#pragma once
// All checkers by the names that users see. The scenario's vocabulary is filled from here.

#include <memory>
#include <string_view>
#include <vector>

#include "sim/check/checker.h"

namespace bsim {

// The names that `expect` may use, sorted. Among them are `segments-readable`, which reads files
// instead of events (check/segments_readable.h), the anomalies of the history
// (check/history_check.h) and `availability`.
const std::vector<std::string_view>& check_names();

// One of each checker that folds over events alone, in the order of check_names().
std::vector<std::unique_ptr<Checker>> make_checkers(const CheckSettings& settings);

}  // namespace bsim
