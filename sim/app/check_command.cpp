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

void add_explain_command(CLI::App& root, int& exit_code) {
    auto code = std::make_shared<std::string>();
    CLI::App* command = root.add_subcommand("explain", "Explain the code of a diagnostic");
    command->add_option("CODE", *code, "A code such as E0107")->required();
    command->callback([code, &exit_code] {
        const auto text = explain_code(*code);
        if (!text) {
            say("brokersim: no diagnostic has the code \"" + *code + "\"");
            exit_code = static_cast<int>(ExitCode::Usage);
            return;
        }
        print(*text);
        std::fputc('\n', stdout);
    });
}

}  // namespace bsim
