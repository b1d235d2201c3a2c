#pragma once
// What is to be explained about an expectation of a stored run that is about time: which moment,
// and which event made the expression what it was then.

#include <istream>
#include <optional>

#include "sim/app/stored_verdicts.h"
#include "sim/base/result.h"
#include "sim/scenario/scenario.h"
#include "sim/trace/reader.h"

namespace bsim {

// `spec` is no CheckExpect.
Result<ExpressionStory, TraceError> story_of(std::istream& trace,
                                             const Scenario& scenario,
                                             const ExpectSpec& spec,
                                             const StoredExpectation& judged);

// About a condition: the last time that it became true, up to `at` or else the end of the run.
Result<ExpressionStory, TraceError> story_of(std::istream& trace,
                                             const Scenario& scenario,
                                             const Expression& condition,
                                             std::optional<SimTime> at);

}  // namespace bsim
