#pragma once
// The scenario that a run directory holds, and what explanations must know of it.

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "sim/base/result.h"
#include "sim/report/why/run_facts.h"
#include "sim/scenario/scenario.h"

namespace bsim {

struct StoredScenario {
    Scenario scenario;
    std::string text;                    // of the file, before anything was set
    std::string file;                    // its path
    std::vector<std::string> overrides;  // --set of the run, in order
};

// By the directory's manifest; the error says why there is none that this program can read.
Result<StoredScenario, std::string> read_stored_scenario(const std::string& directory);

RunFacts facts_of(const StoredScenario& stored);

// A condition as the scenario's own expectations are read: names must exist in the scenario. The
// error is a text for the user.
Result<Expression, std::string> parse_condition(const StoredScenario& stored,
                                                const std::string& text);

}  // namespace bsim
