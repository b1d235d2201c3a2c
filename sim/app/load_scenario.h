#pragma once
// Reads and validates a scenario for a command, and prints what is wrong with it.

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

#include "sim/app/terminal.h"
#include "sim/scenario/scenario.h"

namespace bsim {

// What all commands on scenarios take.
struct ScenarioOptions {
    std::vector<std::string> scenarios;  // "-" is standard input
    std::vector<std::string> overrides;  // PTR=VALUE
    int max_errors = 20;
};
void add_scenario_options(CLI::App& command, ScenarioOptions& options);
void add_override_option(CLI::App& command, std::vector<std::string>& overrides);

struct ScenarioRequest {
    std::string path;                    // "-" for standard input
    std::vector<std::string> overrides;  // PTR=VALUE
    int max_errors = 20;
};

struct LoadedScenario {
    Scenario scenario;  // its warnings are already printed, but for --json
    std::string text;   // as read; its hash names the run directory
};

// One JSON object on stdout: whether there are no errors, the files, and what was found in them.
void print_diagnostics_json(const std::vector<Diagnostic>& found,
                            const std::vector<std::string>& files);

struct ScenarioFindings {
    std::optional<LoadedScenario> loaded;  // none if there is an error
    std::vector<Diagnostic> found;         // errors, or else warnings
    int exit_code = 0;                     // 3, or 6 if the file cannot be read
};
// Prints nothing.
ScenarioFindings find_in_scenario(const ScenarioRequest& request);
// On stderr: as many as the request allows; no warnings if the user wants quiet.
void print_diagnostics(const std::vector<Diagnostic>& found,
                       const ScenarioRequest& request,
                       const GlobalOptions& global);

// Prints diagnostics (stderr, or one JSON object on stdout) and returns nothing if there is an
// error; `exit_code` is then 3, or 6 if the file cannot be read.
std::optional<LoadedScenario> load_scenario(const ScenarioRequest& request,
                                            const GlobalOptions& global,
                                            int& exit_code);

}  // namespace bsim
