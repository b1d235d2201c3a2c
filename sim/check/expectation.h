#pragma once
// What the scenario expects of named checks, set against what the checkers found.
//
// Rules. A safety check that no expectation names fails the run when it has a violation; losses
// that the settings permit fail nothing. A liveness check counts only if an expectation names it.
// For a named check the expectation decides alone: `holds` is met when there is neither a violation
// nor a permitted loss (who writes down that no acknowledged record is lost, means it), `violated`
// when there is one of either.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/ratio.h"
#include "sim/base/time.h"
#include "sim/check/checker_set.h"

namespace bsim {

enum class DeclaredOutcome { Holds, Violated };

struct CheckExpectation {
    std::string id;
    std::string check;
    DeclaredOutcome outcome = DeclaredOutcome::Holds;
    std::string because = {};  // why it is declared
};

enum class ExpectationOutcome { Met, Failed, NotReached };
std::string_view name(ExpectationOutcome outcome);

struct ExpectationResult {
    std::string id;
    ExpectationOutcome outcome = ExpectationOutcome::NotReached;
    SimTime at;     // when it was decided
    EventNumber i;  // the event that decided, or the last one
    // Of timed expectations: a time, or a number that is none, and what it is of.
    std::optional<SimDuration> measured_ns;
    std::optional<Ratio> measured = {};
    std::string measured_what = {};
    std::string detail;
    DeclaredOutcome declared = DeclaredOutcome::Holds;
    std::string because = {};
};

// One result for each expectation, in their order. `end` is the end of the run. A check that was
// never evaluated proved nothing: NotReached, whatever is declared of it.
std::vector<ExpectationResult> evaluate(const std::vector<CheckExpectation>& expectations,
                                        const std::vector<CheckResult>& checks,
                                        const EndOfRun& end);

// The checks that fail the run although no expectation names them.
std::vector<const CheckResult*> unexpected_failures(
    const std::vector<CheckExpectation>& expectations, const std::vector<CheckResult>& checks);

}  // namespace bsim
