#include "sim/app/check_command.h"

#include <algorithm>
#include <cstdio>
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
        for (const std::string& path : options->scenarios) {
            int code = 0;
            const auto loaded =
                load_scenario({path, options->overrides, options->max_errors}, global, code);
            exit_code = std::max(exit_code, code);
            if (!loaded)
                continue;
            if (global.json) {
                print_diagnostics_json(loaded->scenario.warnings, path);
            } else if (!global.quiet) {
                say(path + ": ok");
            }
        }
    });
}

}  // namespace bsim
