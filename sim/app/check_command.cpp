#include "sim/app/check_command.h"

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "sim/app/load_scenario.h"
#include "sim/report/verdict.h"
#include "sim/scenario/diagnostic.h"

namespace bsim {

void add_check_command(CLI::App& root, const GlobalOptions& global, int& exit_code) {
    auto options = std::make_shared<ScenarioOptions>();
    CLI::App* command = root.add_subcommand("check", "Validate scenarios without running them");
    command->alias("validate");
    add_scenario_options(*command, *options);
    command->callback([options, &global, &exit_code] {
        std::vector<Diagnostic> all;
        for (const std::string& path : options->scenarios) {
            const ScenarioRequest request{path, options->overrides, options->max_errors};
            ScenarioFindings findings = find_in_scenario(request);
            exit_code = std::max(exit_code, findings.exit_code);
            if (global.json) {
                all.insert(all.end(), std::make_move_iterator(findings.found.begin()),
                           std::make_move_iterator(findings.found.end()));
                continue;
            }
            print_diagnostics(findings.found, request, global);
            if (findings.loaded && !global.quiet)
                say(path + ": ok");
        }
        if (global.json)
            print_diagnostics_json(all, options->scenarios);
    });
}

}  // namespace bsim
