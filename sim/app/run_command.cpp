#include "sim/app/run_command.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fmt/format.h>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "sim/app/interrupt.h"
#include "sim/app/load_scenario.h"
#include "sim/app/progress_bar.h"
#include "sim/app/recorded_run.h"
#include "sim/app/run_summary.h"
#include "sim/app/usage.h"
#include "sim/report/run_directory.h"
#include "sim/scenario/quantity.h"

namespace bsim {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kDefaultSeed = 1;

struct RunOptions : ScenarioOptions {
    std::string seed;
    std::string until;
    std::string out;
    std::string data;
    bool strict = false;
};

// results.json for stdout, which tells of the warnings too: stderr is not for programs to read.
std::string with_warnings(const std::string& results, const std::vector<Diagnostic>& warnings) {
    if (warnings.empty())
        return results;
    auto out = nlohmann::ordered_json::parse(results);
    auto& list = out["warnings"] = nlohmann::ordered_json::array();
    for (const Diagnostic& warning : warnings)
        list.push_back(to_json(warning));
    return out.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

// Files of the run, the talk about it, and its exit code.
int run_plan(const RunPlan& plan,
             const fs::path& directory,
             const RunOptions& options,
             const GlobalOptions& global) {
    ProgressBar bar(global.show_progress(), plan.end);
    const SimulatedRun run = record_run(plan, directory, [&](const RunProgress& progress) {
        bar.update(progress);
        return !interrupted();
    });
    bar.finish();
    for (const RefusedTopic& topic : run.refused_topics)
        say("brokersim: topic \"" + topic.topic + "\" was not created: " + topic.why);
    if (options.out.empty())
        take(point_latest_at(directory));
    if (global.json) {
        print(with_warnings(run.results_text, plan.scenario.warnings));
    } else if (!global.quiet) {
        const RunPlace place{directory.string(), global.program, fs::exists("scripts/plot.py")};
        const std::string summary = run_summary(run.results, place);
        std::fwrite(summary.data(), 1, summary.size(), stderr);
    }
    return static_cast<int>(run.results.exit_code);
}

int run_one(const std::string& path, const RunOptions& options, const GlobalOptions& global) {
    int exit_code = 0;
    const auto loaded =
        load_scenario({path, options.overrides, options.max_errors}, global, exit_code);
    if (!loaded)
        return exit_code;
    const Scenario& scenario = loaded->scenario;
    RunPlan plan{scenario,
                 {loaded->text, path.ends_with(".jsonc"), options.overrides},
                 scenario.seed.value_or(kDefaultSeed),
                 SimTime(0) + scenario.duration,
                 options.strict,
                 {}};
    if (!options.seed.empty())
        plan.seed = *parse_seed(options.seed);
    if (!options.until.empty()) {
        plan.end = std::min(plan.end, SimTime(0) + *parse_duration(options.until));
    }
    const fs::path directory =
        options.out.empty()
            ? fs::path("runs") / run_directory_name(scenario.name, plan.seed, plan.source.hash())
            : fs::path(options.out);
    plan.data = options.data.empty() ? directory / "data" : fs::path(options.data);
    try {
        return run_plan(plan, directory, options, global);
    } catch (const InternalBug& bug) {
        say(std::string("brokersim: internal bug: ") + bug.what());
        say(fmt::format("  replay: brokersim run {} --seed {}", path, plan.seed));
        if (global.json)
            print_json({{"internal_bug", bug.what()}});
        return static_cast<int>(ExitCode::InternalBug);
    }
}

}  // namespace

void add_run_command(CLI::App& root, const GlobalOptions& global, int& exit_code) {
    auto options = std::make_shared<RunOptions>();
    CLI::App* command = root.add_subcommand("run", "Simulate scenarios and check them");
    add_scenario_options(*command, *options);
    command->add_option("--seed", options->seed, "Seed: a number, 0x…, or a commit id")
        ->check([](const std::string& text) {
            return parse_seed(text)
                       ? std::string()
                       : "seed \"" + text + "\" is no number below 2^53, no 0x… and no commit id";
        });
    command->add_option("--until", options->until, "Stop at this simulated time, such as 30s")
        ->check(duration_complaint);
    command->add_option("-o,--out", options->out, "Run directory")->check(path_complaint);
    command->add_option("--data", options->data, "Where the nodes' files lie")
        ->check(path_complaint);
    command->add_flag("--strict", options->strict, "A fault that never fired is inconclusive");
    command->callback([options, &global, &exit_code] {
        if (options->scenarios.size() > 1 && !(options->out.empty() && options->data.empty())) {
            throw CLI::ValidationError("-o and --data name the place of one run, not of several");
        }
        catch_interrupts();
        // Of several runs, too, one JSON object comes out.
        const bool list = global.json && options->scenarios.size() > 1;
        std::string_view before = "{\"runs\": [\n";
        for (const std::string& path : options->scenarios) {
            if (list)
                print(before);
            before = ",\n";
            exit_code = std::max(exit_code, run_one(path, *options, global));
            if (interrupted())
                break;
        }
        if (list)
            print("]}\n");
    });
}

}  // namespace bsim
