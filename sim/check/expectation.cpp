#include "sim/check/expectation.h"

#include <algorithm>
#include <fmt/format.h>

#include "sim/base/check.h"

namespace bsim {

namespace {

const CheckResult& find_check(const std::vector<CheckResult>& checks, const std::string& name) {
    const auto found = std::find_if(checks.begin(), checks.end(),
                                    [&](const CheckResult& check) { return check.name == name; });
    BSIM_CHECK(found != checks.end());
    return *found;
}

// The earliest finding of either kind; nullptr if there is none.
const Finding* first_finding(const CheckResult& check) {
    const Finding* const violation = check.violations.empty() ? nullptr : &check.violations.front();
    const Finding* const permitted = check.permitted.empty() ? nullptr : &check.permitted.front();
    if (violation == nullptr || permitted == nullptr)
        return violation ? violation : permitted;
    return permitted->i < violation->i ? permitted : violation;
}

ExpectationResult evaluate_one(const CheckExpectation& expectation,
                               const CheckResult& check,
                               const EndOfRun& end) {
    ExpectationResult result;
    result.id = expectation.id;
    result.declared = expectation.outcome;
    result.because = expectation.because;
    const Finding* const first = first_finding(check);
    const bool holds = expectation.outcome == DeclaredOutcome::Holds;
    result.at = first != nullptr ? first->t : end.t;
    result.i = first != nullptr ? first->i : end.i;
    if (first != nullptr) {
        result.outcome = holds ? ExpectationOutcome::Failed : ExpectationOutcome::Met;
        result.detail = first->detail;
    } else if (check.evaluations == 0) {
        result.outcome = ExpectationOutcome::NotReached;
        result.detail = fmt::format("{} was never put to the test", check.name);
    } else {
        result.outcome = holds ? ExpectationOutcome::Met : ExpectationOutcome::Failed;
        result.detail = fmt::format("{} held in {} evaluations", check.name, check.evaluations);
    }
    return result;
}

}  // namespace

std::string_view name(ExpectationOutcome outcome) {
    switch (outcome) {
        case ExpectationOutcome::Met:
            return "met";
        case ExpectationOutcome::Failed:
            return "failed";
        case ExpectationOutcome::NotReached:
            return "not_reached";
    }
    BSIM_CHECK(false);
}

std::vector<ExpectationResult> evaluate(const std::vector<CheckExpectation>& expectations,
                                        const std::vector<CheckResult>& checks,
                                        const EndOfRun& end) {
    std::vector<ExpectationResult> results;
    for (const CheckExpectation& expectation : expectations) {
        results.push_back(evaluate_one(expectation, find_check(checks, expectation.check), end));
    }
    return results;
}

std::vector<const CheckResult*> unexpected_failures(
    const std::vector<CheckExpectation>& expectations, const std::vector<CheckResult>& checks) {
    std::vector<const CheckResult*> failures;
    for (const CheckResult& check : checks) {
        const bool named =
            std::any_of(expectations.begin(), expectations.end(),
                        [&](const CheckExpectation& e) { return e.check == check.name; });
        if (!named && check.kind == CheckKind::Safety && check.violation_count > 0) {
            failures.push_back(&check);
        }
    }
    return failures;
}

}  // namespace bsim
