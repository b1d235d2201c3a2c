#pragma once
// What was judged of a stored run: its results.json and verdicts.jsonl.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/base/result.h"
#include "sim/base/time.h"
#include "sim/report/why/explainer.h"

namespace bsim {

struct StoredExpectation {
    std::string id;
    std::string outcome;  // met, failed, not_reached
    std::string detail;
    SimTime at;
    EventNumber i;  // 0: it was not reached
};

struct StoredCheck {
    std::string name;
    std::uint64_t evaluations = 0;
    std::optional<CheckFinding> first;  // a violation, or else a loss that is permitted
};

struct StoredVerdicts {
    std::string verdict;
    std::vector<StoredExpectation> expectations;
    std::vector<StoredCheck> checks;

    const StoredExpectation* expectation(const std::string& id) const;
    const StoredCheck* check(const std::string& name) const;
};

// The error is a text for the user.
Result<StoredVerdicts, std::string> read_verdicts(const std::string& directory);

}  // namespace bsim
