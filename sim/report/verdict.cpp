#include "sim/report/verdict.h"

#include <algorithm>

#include "sim/base/check.h"

namespace bsim {

std::string_view name(Verdict verdict) {
    switch (verdict) {
        case Verdict::Pass:
            return "pass";
        case Verdict::Fail:
            return "fail";
        case Verdict::Inconclusive:
            return "inconclusive";
    }
    BSIM_CHECK(false);
}

Verdict decide(const VerdictInput& input,
               const std::vector<CheckExpectation>& expectations,
               const std::vector<ExpectationResult>& outcomes,
               const std::vector<CheckResult>& checks) {
    const auto any = [&](ExpectationOutcome wanted) {
        return std::any_of(outcomes.begin(), outcomes.end(), [&](const ExpectationResult& result) {
            return result.outcome == wanted;
        });
    };
    if (any(ExpectationOutcome::Failed) || !unexpected_failures(expectations, checks).empty()) {
        return Verdict::Fail;
    }
    const bool skipped = input.strict && input.fault_skipped;
    if (input.ended != RunEnd::Completed || skipped || any(ExpectationOutcome::NotReached)) {
        return Verdict::Inconclusive;
    }
    return Verdict::Pass;
}

ExitCode exit_code(Verdict verdict, RunEnd ended) {
    if (ended == RunEnd::Interrupted)
        return ExitCode::Interrupted;
    switch (verdict) {
        case Verdict::Pass:
            return ExitCode::Pass;
        case Verdict::Fail:
            return ExitCode::Fail;
        case Verdict::Inconclusive:
            return ExitCode::Inconclusive;
    }
    BSIM_CHECK(false);
}

}  // namespace bsim
