#include "sim/app/run_command.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fmt/format.h>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sim/app/load_scenario.h"
#include "sim/app/progress_bar.h"
#include "sim/app/run_summary.h"
#include "sim/app/usage.h"
#include "sim/app/version.h"
#include "sim/base/host_error.h"
#include "sim/report/manifest.h"
#include "sim/report/results.h"
#include "sim/report/run_directory.h"
#include "sim/report/verdicts.h"
#include "sim/scenario/quantity.h"
#include "sim/trace/history.h"
#include "sim/trace/json_lines.h"
#include "sim/trace/run_hash.h"
#include "sim/world/judged_run.h"

namespace bsim {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kDefaultSeed = 1;

volatile std::sig_atomic_t interrupted = 0;

struct RunOptions : ScenarioOptions {
    std::string seed;
    std::string until;
    std::string out;
    std::string data;
    bool strict = false;
};

template <class T>
T take(Result<T, std::string> result) {
    if (!result.ok())
        throw HostError(result.error());
    return std::move(result).value();
}

// Everything about one run that is fixed before it starts.
struct RunPlan {
    const LoadedScenario& loaded;
    std::string scenario_path;
    std::uint64_t seed = 0;
    SimTime end;
    fs::path directory;
    fs::path data;
    std::string scenario_hash;
};

std::map<std::string, std::string> override_map(const std::vector<std::string>& overrides) {
    std::map<std::string, std::string> map;
    for (const std::string& text : overrides) {
        const std::size_t equals = text.find('=');
        map[text.substr(0, equals)] = equals == std::string::npos ? "" : text.substr(equals + 1);
    }
    return map;
}

std::map<std::string, ManifestNode> nodes_of(const Scenario& scenario) {
    std::map<std::string, ManifestNode> nodes;
    for (const NodeSpec& spec : scenario.brokers) {
        nodes[NodeName::broker(spec.id).text()] = {true, spec.combined, spec.rack, spec.settings};
    }
    for (const NodeSpec& spec : scenario.controllers) {
        if (!spec.combined)
            nodes[NodeName::controller(spec.id).text()] = {false, true, spec.rack, spec.settings};
    }
    return nodes;
}

std::vector<CheckExpectation> expectations_of(const Scenario& scenario) {
    std::vector<CheckExpectation> out;
    for (const ExpectSpec& expect : scenario.expect) {
        const auto* check = std::get_if<CheckExpect>(&expect.form);
        if (check == nullptr)
            continue;
        const bool holds = expect.outcome == ExpectedOutcome::Holds;
        out.push_back(
            {expect.id, check->check, holds ? DeclaredOutcome::Holds : DeclaredOutcome::Violated});
    }
    return out;
}

RunOutcome outcome_of(const RunPlan& plan, const JudgedRun& run, RunEnd ended) {
    RunOutcome outcome;
    outcome.scenario = plan.loaded.scenario.name;
    outcome.seed = plan.seed;
    outcome.hash = run.hash();
    outcome.ended = ended;
    outcome.end = run.now();
    outcome.events = run.events();
    outcome.messages = run.messages();
    outcome.messages_dropped = run.messages_dropped();
    outcome.records_duplicated = run.records_duplicated();
    outcome.records_lost = run.records_lost();
    outcome.expectations = expectations_of(plan.loaded.scenario);
    outcome.timed = run.timed_expectations();
    for (const ExpectSpec& expect : plan.loaded.scenario.expect)
        outcome.expectation_order.push_back(expect.id);
    outcome.checks = run.checks();
    return outcome;
}

// Simulates, writes all files, returns the results.
Results execute(const RunPlan& plan,
                const RunOptions& options,
                const GlobalOptions& global,
                std::string& results_text) {
    const auto started = std::chrono::steady_clock::now();
    take(prepare_run_directory(plan.directory));
    if (!options.data.empty())
        take(prepare_data_directory(plan.data));
    Manifest manifest;
    manifest.program_version = std::string(kVersion);
    manifest.kafka_version = std::string(kKafkaVersion);
    manifest.scenario = plan.loaded.scenario.name;
    manifest.title = plan.loaded.scenario.title;
    manifest.scenario_hash = plan.scenario_hash;
    manifest.seed = plan.seed;
    manifest.overrides = override_map(options.overrides);
    manifest.libraries = library_versions();
    manifest.nodes = nodes_of(plan.loaded.scenario);
    take(write_file_atomically(plan.directory / "manifest.json", manifest_json(manifest)));

    auto trace_file = take(FileTextSink::open(plan.directory / "trace.jsonl"));
    auto history_file = take(FileTextSink::open(plan.directory / "history.jsonl"));
    auto metrics_file = take(FileTextSink::open(plan.directory / "metrics.csv"));
    JsonLinesWriter trace(*trace_file, {plan.loaded.scenario.name, plan.seed}, {});
    HistoryWriter history(*history_file);
    ResultsFold counts;
    JudgedRun run(
        plan.loaded.scenario,
        {plan.seed, plan.end, plan.data.string(), history, {&trace, &counts}, metrics_file.get()});
    ProgressBar bar(global.show_progress(), plan.end);
    const bool completed = run.execute([&](SimTime now, std::uint64_t events) {
        bar.update({now, events, run.view().faults().size(), run.violations_so_far()});
        return interrupted == 0;
    });
    bar.finish();
    trace.flush();
    history.flush();
    take(trace_file->close());
    take(history_file->close());
    take(metrics_file->close());
    take(write_file_atomically(plan.directory / "metrics.om", run.open_metrics()));
    for (const RefusedTopic& topic : run.refused_topics()) {
        say("brokersim: topic \"" + topic.topic + "\" was not created: " + topic.why);
    }

    RunOutcome outcome = outcome_of(plan, run, completed ? RunEnd::Completed : RunEnd::Interrupted);
    outcome.strict = options.strict;
    outcome.wall_ns = std::chrono::duration_cast<std::chrono::nanoseconds>(
                          std::chrono::steady_clock::now() - started)
                          .count();
    Results results = conclude(std::move(outcome), counts);
    results_text = results_json(results, counts, run.view());
    take(write_file_atomically(plan.directory / "verdicts.jsonl", verdicts_jsonl(results)));
    take(write_file_atomically(plan.directory / "results.json", results_text));
    if (options.out.empty())
        take(point_latest_at(plan.directory));
    return results;
}

int run_one(const std::string& path, const RunOptions& options, const GlobalOptions& global) {
    int exit_code = 0;
    const auto loaded =
        load_scenario({path, options.overrides, options.max_errors}, global, exit_code);
    if (!loaded)
        return exit_code;
    const Scenario& scenario = loaded->scenario;
    RunPlan plan{*loaded,
                 path,
                 scenario.seed.value_or(kDefaultSeed),
                 SimTime(0) + scenario.duration,
                 {},
                 {},
                 xxh3_128_hex(loaded->text)};
    if (!options.seed.empty())
        plan.seed = *parse_seed(options.seed);
    if (!options.until.empty()) {
        plan.end = std::min(plan.end, SimTime(0) + *parse_duration(options.until));
    }
    plan.directory =
        options.out.empty()
            ? fs::path("runs") / run_directory_name(scenario.name, plan.seed, plan.scenario_hash)
            : fs::path(options.out);
    plan.data = options.data.empty() ? plan.directory / "data" : fs::path(options.data);

    std::string results_text;
    try {
        const Results results = execute(plan, options, global, results_text);
        if (global.json) {
            std::fwrite(results_text.data(), 1, results_text.size(), stdout);
        } else if (!global.quiet) {
            const RunPlace place{plan.directory.string(), global.program,
                                 fs::exists("scripts/plot.py")};
            const std::string summary = run_summary(results, place);
            std::fwrite(summary.data(), 1, summary.size(), stderr);
        }
        return static_cast<int>(results.exit_code);
    } catch (const InternalBug& bug) {
        say(std::string("brokersim: internal bug: ") + bug.what());
        say(fmt::format("  replay: brokersim run {} --seed {}", path, plan.seed));
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
        std::signal(SIGINT, [](int) { interrupted = 1; });
        for (const std::string& path : options->scenarios) {
            exit_code = std::max(exit_code, run_one(path, *options, global));
            if (interrupted != 0)
                break;
        }
    });
}

}  // namespace bsim
