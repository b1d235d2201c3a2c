#pragma once
// What an expression of a scenario was worth in the course of a stored run.

#include <istream>
#include <optional>
#include <string>
#include <vector>

#include "sim/base/result.h"
#include "sim/base/time.h"
#include "sim/scenario/expression.h"
#include "sim/scenario/scenario.h"
#include "sim/trace/event.h"
#include "sim/trace/reader.h"

namespace bsim {

struct ExpressionMoment {
    SimTime t;
    // The event that changed it; if time did, the newest one that it depends on, or of durations
    // the one that tells of the longest.
    EventNumber i;
    ExpressionValue value;
};

struct ExpressionHistory {
    std::vector<ExpressionMoment> moments;  // each change of the value, in order; the first one too
    // The newest event of each kind that the expression depends on, up to the end.
    std::vector<EventNumber> newest;
    SimTime end;  // of what was read

    // The value at that moment, and what made it so; nullptr before the first one.
    const ExpressionMoment* at(SimTime t) const;
    // The last moment, not after that one, at which it became true (false).
    const ExpressionMoment* last(bool value, SimTime t) const;
    // The first one, not before `from`, at which it was or became true (false).
    const ExpressionMoment* first(bool value, SimTime from) const;
};

// Reads the trace from its beginning up to `until`, that instant included.
Result<ExpressionHistory, TraceError> expression_history(std::istream& trace,
                                                         const Scenario& scenario,
                                                         const Expression& expression,
                                                         std::optional<SimTime> until);

}  // namespace bsim
