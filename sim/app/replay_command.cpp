#include "sim/app/replay_command.h"

#include <cstdio>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <memory>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "sim/app/interrupt.h"
#include "sim/app/recorded_run.h"
#include "sim/app/run_summary.h"
#include "sim/app/trace_comparison.h"
#include "sim/app/usage.h"
#include "sim/app/version.h"
#include "sim/report/run_directory.h"
#include "sim/sweep/scratch.h"

namespace bsim {
namespace {

namespace fs = std::filesystem;

// The files of one replay; without room for them in memory they go to the disk.
constexpr std::uint64_t kRoom = 256ULL << 20U;

struct ReplayOptions {
    std::string run;
    std::string out;
    bool check = false;
};

struct StoredRun {
    ReplayOrder order;
    Scenario scenario;
    std::string text;

    RunPlan plan(fs::path data) const {
        return {scenario,     {text, order.scenario_file.ends_with(".jsonc"), order.overrides},
                order.seed,   order.end,
                order.strict, std::move(data)};
    }
};

StoredRun read_run(const fs::path& run, const GlobalOptions& global) {
    auto order = read_manifest(read_file(run / "manifest.json"));
    if (!order.ok())
        throw HostError(fmt::format("{}/manifest.json {}", run.string(), order.error()));
    const fs::path file = run / order->scenario_file;
    std::string text = read_file(file);
    const std::string name = file.string();
    auto scenario = parse_scenario(ScenarioText{text, name, order->overrides}, vocabulary());
    if (!scenario.ok()) {
        for (const Diagnostic& diagnostic : scenario.error())
            say(format_diagnostic(diagnostic, global.use_color()));
        throw HostError(name + ": is no scenario that this brokersim can run");
    }
    if (!global.quiet && order->program_version != kVersion) {
        say(fmt::format("brokersim: the run is one of brokersim {}, this is {}",
                        order->program_version, kVersion));
    }
    if (ScenarioSource{text, false, {}}.hash() != order->scenario_hash)
        say(fmt::format("brokersim: {} is not what the run was made from", name));
    return {std::move(*order), std::move(*scenario), std::move(text)};
}

// What results.json of the stored run says; a run that crashed has none.
struct StoredEnd {
    std::string hash;
    bool cut_short = true;
};
StoredEnd read_end(const fs::path& run) {
    if (!fs::exists(run / "results.json"))
        return {};
    const auto json = nlohmann::json::parse(read_file(run / "results.json"), nullptr, false);
    if (!json.is_object() || !json.contains("hash") || !json["hash"].is_string())
        throw HostError((run / "results.json").string() + ": is no outcome of a run");
    return {json["hash"].get<std::string>(),
            json.value("exit_code", 0) == static_cast<int>(ExitCode::Interrupted)};
}

struct Comparison {
    SimulatedRun run;
    std::uint64_t lines = 0;
    std::optional<TraceDifference> difference;
};

Comparison run_against_trace(const StoredRun& stored, const fs::path& run, ProgressBar& bar) {
    const auto scratch = take(Scratch::make(kRoom));
    std::ifstream trace(run / "trace.jsonl", std::ios::binary);
    TraceComparison comparison(trace);
    Comparison out;
    const RunOutputs outputs{trace ? &comparison : nullptr, nullptr, nullptr};
    out.run = simulate(stored.plan(scratch.path() / "data"), outputs, [&](const RunProgress& now) {
        bar.update(now);
        return !interrupted();
    });
    bar.finish();
    if (trace.is_open() && !interrupted())
        comparison.finish();
    out.lines = comparison.lines();
    out.difference = comparison.difference();
    return out;
}

void print_check(const Comparison& found, const StoredEnd& end, const GlobalOptions& global) {
    const std::string& hash = found.run.results.outcome.hash;
    const bool same = !found.difference && (end.cut_short || hash == end.hash);
    if (global.json) {
        nlohmann::ordered_json out{{"same", same}, {"hash", hash}, {"stored_hash", end.hash}};
        if (found.difference) {
            out["line"] = found.difference->line;
            out["stored"] = found.difference->stored;
            out["now"] = found.difference->now;
        }
        print_json(out);
        return;
    }
    std::string text;
    if (!same) {
        // The run itself is the same: then what differs is the file.
        text = hash == end.hash
                   ? fmt::format(
                         "different  the hash is the same, {}: the stored trace is damaged\n", hash)
                   : fmt::format("different  hash {}, stored {}\n", hash,
                                 end.hash.empty() ? "none" : end.hash);
        text += found.difference ? to_string(*found.difference)
                                 : "there is no stored trace that tells more\n";
    } else if (end.cut_short) {
        text = fmt::format("same as far as the stored run went: {} lines\n", found.lines);
    } else {
        text = fmt::format("same  hash {}  {}\n", hash,
                           found.lines == 0 ? "there is no stored trace to compare"
                                            : fmt::format("{} lines", found.lines));
    }
    if (!same || !global.quiet)
        print(text);
}

ExitCode check(const StoredRun& stored, const fs::path& run, const GlobalOptions& global) {
    const StoredEnd end = read_end(run);
    ProgressBar bar(global.show_progress(), stored.order.end);
    Comparison found = run_against_trace(stored, run, bar);
    if (interrupted())
        return ExitCode::Interrupted;
    // A stored run that was cut short may end wherever it likes, even within a line.
    if (end.cut_short && found.difference) {
        const TraceDifference& at = *found.difference;
        if (at.now.starts_with(at.stored))
            found.difference.reset();
    }
    print_check(found, end, global);
    const bool same =
        !found.difference && (end.cut_short || found.run.results.outcome.hash == end.hash);
    return same ? ExitCode::Pass : ExitCode::NotDeterministic;
}

ExitCode again(const StoredRun& stored, const fs::path& directory, const GlobalOptions& global) {
    ProgressBar bar(global.show_progress(), stored.order.end);
    const SimulatedRun run =
        record_run(stored.plan(directory / "data"), directory, [&](const RunProgress& now) {
            bar.update(now);
            return !interrupted();
        });
    bar.finish();
    if (global.json) {
        print(run.results_text);
    } else if (!global.quiet) {
        const std::string summary =
            run_summary(run.results, {directory.string(), global.program, false});
        std::fwrite(summary.data(), 1, summary.size(), stderr);
    }
    return run.results.exit_code;
}

ExitCode replay(const ReplayOptions& options, const GlobalOptions& global) {
    const fs::path run = options.run;
    const StoredRun stored = read_run(run, global);
    fs::path out = options.out;
    if (out.empty()) {
        const std::string name =
            run_directory_name(stored.scenario.name, stored.order.seed, stored.order.scenario_hash);
        out = fs::path("runs") / (name + "-replay");
    }
    std::error_code error;
    if (!options.check && fs::equivalent(out, run, error))
        throw HostError(out.string() + ": is the run itself; choose another directory");
    try {
        return options.check ? check(stored, run, global) : again(stored, out, global);
    } catch (const InternalBug& bug) {
        say(std::string("brokersim: internal bug: ") + bug.what());
        say(fmt::format("  replay: {} replay {}", shell_word(global.program),
                        shell_word(options.run)));
        return ExitCode::InternalBug;
    }
}

}  // namespace

void add_replay_command(CLI::App& root, const GlobalOptions& global, int& exit_code) {
    auto options = std::make_shared<ReplayOptions>();
    CLI::App* command = root.add_subcommand("replay", "Run again what a run directory holds");
    command->add_option("RUN", options->run, "Run directory")->required()->check(path_complaint);
    command->add_flag("--check", options->check,
                      "Only compare with the stored run; exit 5 at the first difference");
    command->add_option("-o,--out", options->out, "Run directory of the replay")
        ->check(path_complaint);
    command->callback([options, &global, &exit_code] {
        if (options->check && !options->out.empty())
            throw CLI::ValidationError("--check writes nothing, so that -o has no place");
        catch_interrupts();
        exit_code = static_cast<int>(replay(*options, global));
    });
}

}  // namespace bsim
