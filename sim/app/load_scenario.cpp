#include "sim/app/load_scenario.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include <nlohmann/json.hpp>

#include "sim/app/usage.h"
#include "sim/report/verdict.h"
#include "sim/scenario/load.h"
#include "sim/world/judged_run.h"

namespace bsim {
void print_diagnostics(const std::vector<Diagnostic>& found,
                       const ScenarioRequest& request,
                       const GlobalOptions& global) {
    int printed = 0;
    for (const Diagnostic& diagnostic : found) {
        if (global.quiet && diagnostic.severity == Severity::Warning)
            continue;
        if (printed++ == request.max_errors) {
            say("brokersim: " + std::to_string(static_cast<int>(found.size()) - printed + 1) +
                " more (--max-errors)");
            break;
        }
        const std::string text = format_diagnostic(diagnostic, global.use_color());
        std::fwrite(text.data(), 1, text.size(), stderr);
    }
}

void add_override_option(CLI::App& command, std::vector<std::string>& overrides) {
    command.add_option("--set", overrides, "PTR=VALUE: set a value of the scenario")
        ->allow_extra_args(false)
        ->check([](const std::string& text) {
            const bool form = text.starts_with('/') && text.find('=') != std::string::npos;
            return form ? std::string() : "\"" + text + "\" is no PTR=VALUE, such as /duration=30s";
        });
}

void add_scenario_options(CLI::App& command, ScenarioOptions& options) {
    command.add_option("SCENARIO", options.scenarios, "Scenario files; - is standard input")
        ->required()
        ->check(path_complaint);
    add_override_option(command, options.overrides);
    command.add_option("--max-errors", options.max_errors, "Errors to print")
        ->check(count_complaint);
}

void print_diagnostics_json(const std::vector<Diagnostic>& found,
                            const std::vector<std::string>& files) {
    nlohmann::ordered_json out;
    out["ok"] = std::none_of(found.begin(), found.end(), [](const Diagnostic& diagnostic) {
        return diagnostic.severity == Severity::Error;
    });
    out["files"] = files;
    auto& list = out["diagnostics"] = nlohmann::ordered_json::array();
    for (const Diagnostic& diagnostic : found)
        list.push_back(to_json(diagnostic));
    print_json(out);
}

ScenarioFindings find_in_scenario(const ScenarioRequest& request) {
    ScenarioFindings out;
    auto loaded = load_scenario_file(request.path);
    if (!loaded.ok()) {
        out.exit_code =
            static_cast<int>(loaded.error().io ? ExitCode::IoError : ExitCode::InvalidScenario);
        out.found = {loaded.error().diagnostic};
        return out;
    }
    auto parsed = parse_scenario(ScenarioText{loaded->text, loaded->file_name, request.overrides},
                                 vocabulary());
    if (!parsed.ok()) {
        out.exit_code = static_cast<int>(ExitCode::InvalidScenario);
        out.found = parsed.error();
        return out;
    }
    out.found = parsed->warnings;
    out.loaded = LoadedScenario{std::move(*parsed), std::move(loaded->text)};
    return out;
}

std::optional<LoadedScenario> load_scenario(const ScenarioRequest& request,
                                            const GlobalOptions& global,
                                            int& exit_code) {
    ScenarioFindings findings = find_in_scenario(request);
    if (!findings.loaded) {
        exit_code = findings.exit_code;
        if (global.json) {
            print_diagnostics_json(findings.found, {request.path});
        } else {
            print_diagnostics(findings.found, request, global);
        }
    } else if (!global.json) {
        print_diagnostics(findings.found, request, global);
    }
    return std::move(findings.loaded);
}

}  // namespace bsim
