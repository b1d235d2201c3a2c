#include "sim/app/load_scenario.h"

#include <cstdio>
#include <utility>

#include <nlohmann/json.hpp>

#include "sim/app/usage.h"
#include "sim/report/verdict.h"
#include "sim/scenario/load.h"
#include "sim/world/judged_run.h"

namespace bsim {
namespace {

void print_text(const std::vector<Diagnostic>& found,
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

void print(const std::vector<Diagnostic>& found,
           const ScenarioRequest& request,
           const GlobalOptions& global) {
    if (global.json)
        return print_diagnostics_json(found, request.path);
    print_text(found, request, global);
}

}  // namespace

void add_scenario_options(CLI::App& command, ScenarioOptions& options) {
    command.add_option("SCENARIO", options.scenarios, "Scenario files; - is standard input")
        ->required()
        ->check(path_complaint);
    command.add_option("--set", options.overrides, "PTR=VALUE: set a value of the scenario")
        ->allow_extra_args(false);
    command.add_option("--max-errors", options.max_errors, "Errors to print")
        ->check(count_complaint);
}

void print_diagnostics_json(const std::vector<Diagnostic>& found, const std::string& file) {
    nlohmann::ordered_json out;
    out["file"] = file;
    auto& list = out["diagnostics"] = nlohmann::ordered_json::array();
    for (const Diagnostic& diagnostic : found)
        list.push_back(to_json(diagnostic));
    const std::string text =
        out.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
    print(text);
}

std::optional<LoadedScenario> load_scenario(const ScenarioRequest& request,
                                            const GlobalOptions& global,
                                            int& exit_code) {
    auto loaded = load_scenario_file(request.path);
    if (!loaded.ok()) {
        exit_code =
            static_cast<int>(loaded.error().io ? ExitCode::IoError : ExitCode::InvalidScenario);
        print({loaded.error().diagnostic}, request, global);
        return std::nullopt;
    }
    auto parsed = parse_scenario(ScenarioText{loaded->text, loaded->file_name, request.overrides},
                                 vocabulary());
    if (!parsed.ok()) {
        exit_code = static_cast<int>(ExitCode::InvalidScenario);
        print(parsed.error(), request, global);
        return std::nullopt;
    }
    if (!parsed->warnings.empty() && !global.json)
        print(parsed->warnings, request, global);
    return LoadedScenario{std::move(*parsed), std::move(loaded->text)};
}

}  // namespace bsim
