#include "sim/app/recorded_run.h"

#include <chrono>
#include <memory>
#include <optional>
#include <utility>

#include "sim/app/version.h"
#include "sim/report/run_directory.h"
#include "sim/report/state_snapshots.h"
#include "sim/report/verdicts.h"
#include "sim/trace/history.h"
#include "sim/trace/json_lines.h"

namespace bsim {
namespace {

namespace fs = std::filesystem;

class NoHistory : public HistorySink {
  public:
    void send(const ClientOp& /*op*/) override {}
    void poll(const ClientOp& /*op*/) override {}
    void commit(const CommitOp& /*op*/) override {}
};

std::vector<CheckExpectation> expectations_of(const Scenario& scenario) {
    std::vector<CheckExpectation> out;
    for (const ExpectSpec& expect : scenario.expect) {
        const auto* check = std::get_if<CheckExpect>(&expect.form);
        if (check == nullptr)
            continue;
        const bool holds = expect.outcome == ExpectedOutcome::Holds;
        out.push_back({expect.id, check->check,
                       holds ? DeclaredOutcome::Holds : DeclaredOutcome::Violated, expect.because});
    }
    return out;
}

RunOutcome outcome_of(const RunPlan& plan, const JudgedRun& run, bool completed) {
    RunOutcome outcome;
    outcome.scenario = plan.scenario.name;
    outcome.seed = plan.seed;
    outcome.hash = run.hash();
    outcome.ended = completed ? RunEnd::Completed : RunEnd::Interrupted;
    outcome.strict = plan.strict;
    outcome.end = run.now();
    outcome.events = run.events();
    outcome.messages = run.messages();
    outcome.messages_dropped = run.messages_dropped();
    outcome.records_duplicated = run.records_duplicated();
    outcome.records_lost = run.records_lost();
    outcome.expectations = expectations_of(plan.scenario);
    outcome.timed = run.timed_expectations();
    for (const ExpectSpec& expect : plan.scenario.expect)
        outcome.expectation_order.push_back(expect.id);
    outcome.checks = run.checks();
    outcome.availability = run.availability();
    return outcome;
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

Manifest manifest_of(const RunPlan& plan) {
    Manifest manifest;
    manifest.program_version = std::string(kVersion);
    manifest.kafka_version = std::string(kKafkaVersion);
    manifest.scenario = plan.scenario.name;
    manifest.title = plan.scenario.title;
    manifest.source = plan.source;
    manifest.seed = plan.seed;
    manifest.end = plan.end;
    manifest.strict = plan.strict;
    manifest.libraries = library_versions();
    manifest.nodes = nodes_of(plan.scenario);
    return manifest;
}

// The topmost directory that must be made for this one to be there; empty if it is there.
fs::path first_missing(const fs::path& directory) {
    fs::path missing;
    std::error_code error;
    for (fs::path at = fs::absolute(directory, error);
         !fs::exists(at, error) && at.has_relative_path(); at = at.parent_path())
        missing = at;
    return missing;
}

struct RunFiles {
    std::unique_ptr<FileTextSink> trace;
    std::unique_ptr<FileTextSink> history;
    std::unique_ptr<FileTextSink> metrics;
    std::unique_ptr<FileTextSink> snapshots;  // none unless the scenario asks for them
};

// All that can fail before anything is simulated; of directories made for it nothing is left then.
RunFiles prepare(const RunPlan& plan, const fs::path& directory) {
    const fs::path made[] = {first_missing(directory), first_missing(plan.data)};
    try {
        take(prepare_run_directory(directory));
        if (plan.data != directory / "data")
            take(prepare_data_directory(plan.data));
        take(write_file_atomically(directory / "manifest.json", manifest_json(manifest_of(plan))));
        take(write_file_atomically(directory / plan.source.stored_name(), plan.source.text));
        RunFiles out{take(FileTextSink::open(directory / "trace.jsonl")),
                     take(FileTextSink::open(directory / "history.jsonl")),
                     take(FileTextSink::open(directory / "metrics.csv")), nullptr};
        if (plan.scenario.snapshot_every)
            out.snapshots = take(FileTextSink::open(directory / "snapshots.jsonl"));
        return out;
    } catch (const HostError&) {
        std::error_code ignored;
        for (const fs::path& path : made) {
            if (!path.empty())
                fs::remove_all(path, ignored);
        }
        throw;
    }
}

}  // namespace

SimulatedRun simulate(const RunPlan& plan, const RunOutputs& outputs, const RunWatch& watch) {
    const auto started = std::chrono::steady_clock::now();
    NoHistory no_history;
    std::optional<HistoryWriter> history;
    if (outputs.history != nullptr)
        history.emplace(*outputs.history);
    std::optional<JsonLinesWriter> trace;
    ResultsFold counts;
    std::vector<EventSink*> sinks{&counts};
    if (outputs.trace != nullptr) {
        trace.emplace(*outputs.trace, TraceHeader{plan.scenario.name, plan.seed},
                      plan.scenario.record_events);
        sinks.push_back(&*trace);
    }
    HistorySink& told = history ? static_cast<HistorySink&>(*history) : no_history;
    JudgedRun run(plan.scenario, {plan.seed, plan.end, plan.data.string(), told, std::move(sinks),
                                  outputs.metrics_csv});
    const auto interval = plan.scenario.snapshot_every;
    if (interval && trace && outputs.snapshots != nullptr) {
        run.every(*interval, [&](SimTime now) {
            outputs.snapshots->write(snapshot_line(
                {now, EventNumber(run.events()), {trace->bytes(), trace->lines()}}, run.view()));
        });
    }
    const bool completed = run.execute([&](SimTime now, std::uint64_t events) {
        return watch({now, events, run.view().faults().size(), run.violations_so_far()});
    });
    RunOutcome outcome = outcome_of(plan, run, completed);
    outcome.wall_ns = std::chrono::duration_cast<std::chrono::nanoseconds>(
                          std::chrono::steady_clock::now() - started)
                          .count();
    SimulatedRun out;
    out.results = conclude(std::move(outcome), counts);
    out.results_text = results_json(out.results, counts, run.view());
    out.open_metrics = run.open_metrics();
    out.refused_topics = run.refused_topics();
    for (const FaultView& fault : run.view().faults())
        out.fired.push_back(fault.fault);
    return out;
}

SimulatedRun record_run(const RunPlan& plan, const fs::path& directory, const RunWatch& watch) {
    const RunFiles files = prepare(plan, directory);
    SimulatedRun run = simulate(
        plan, {files.trace.get(), files.history.get(), files.metrics.get(), files.snapshots.get()},
        watch);
    for (FileTextSink* const file : {files.trace.get(), files.history.get(), files.metrics.get()})
        take(file->close());
    if (files.snapshots)
        take(files.snapshots->close());
    take(write_file_atomically(directory / "metrics.om", run.open_metrics));
    take(write_file_atomically(directory / "verdicts.jsonl", verdicts_jsonl(run.results)));
    take(write_file_atomically(directory / "results.json", run.results_text));
    return run;
}

std::string read_file(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(in), {}};
    if (!in)
        throw HostError(file.string() + ": cannot be read");
    return text;
}

}  // namespace bsim
