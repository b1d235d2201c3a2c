#pragma once
// Reads recorded transitions of a real cluster, for `brokersim compare`. reports/docs/recordings.md
// describes the form.

#include <string>
#include <vector>

#include "sim/base/result.h"
#include "sim/report/transition_comparison.h"
#include "sim/scenario/diagnostic.h"

namespace bsim {

// Every story of the text, one for each of its partitions. All that is wrong with the text, with
// its place; never empty on failure.
Result<std::vector<RecordedStory>, std::vector<Diagnostic>> parse_recording(
    const std::string& text, const std::string& file_name);

}  // namespace bsim
