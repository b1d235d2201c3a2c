#pragma once
// What an expression of a scenario was worth in the course of a stored run.

#include <istream>
#include <optional>
#include <string>
#include <vector>

#include "sim/base/result.h"
#include "sim/base/time.h"
#include "sim/scenario/expression.h"
#include "sim/trace/event.h"
#include "sim/trace/reader.h"

namespace bsim {

struct ExpressionMoment {
    SimTime t;
    EventNumber i;  // the event that changed it, or the newest one that it depends on, if time did
    ExpressionValue value;
};

struct ExpressionHistory {
    std::vector<ExpressionMoment> moments;  // each change of the value, in order; the first one too
    // The newest event of each kind that the expression depends on, up to the end.
    std::vector<EventNumber> newest;

    // The value at that moment, and what made it so; nullptr before the first one.
    const ExpressionMoment* at(SimTime t) const;
    // The last moment, not after that one, at which it became true (false).
    const ExpressionMoment* last(bool value, SimTime t) const;
    // The first one, not before `from`, at which it was or became true (false).
    const ExpressionMoment* first(bool value, SimTime from) const;
};

// Reads the trace from its beginning up to `until`, that instant included.
Result<ExpressionHistory, TraceError> expression_history(std::istream& trace,
                                                         const Expression& expression,
                                                         std::optional<SimTime> until);

}  // namespace bsim
