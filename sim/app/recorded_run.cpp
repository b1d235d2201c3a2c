#include "sim/app/recorded_run.h"

#include <chrono>
#include <memory>
#include <optional>
#include <utility>

#include "sim/app/version.h"
#include "sim/report/run_directory.h"
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
        out.push_back(
            {expect.id, check->check, holds ? DeclaredOutcome::Holds : DeclaredOutcome::Violated});
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
                      std::set<std::string, std::less<>>{});
        sinks.push_back(&*trace);
    }
    HistorySink& told = history ? static_cast<HistorySink&>(*history) : no_history;
    JudgedRun run(plan.scenario, {plan.seed, plan.end, plan.data.string(), told, std::move(sinks),
                                  outputs.metrics_csv});
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
    take(prepare_run_directory(directory));
    if (plan.data != directory / "data")
        take(prepare_data_directory(plan.data));
    take(write_file_atomically(directory / "manifest.json", manifest_json(manifest_of(plan))));
    take(write_file_atomically(directory / plan.source.stored_name(), plan.source.text));
    const auto trace = take(FileTextSink::open(directory / "trace.jsonl"));
    const auto history = take(FileTextSink::open(directory / "history.jsonl"));
    const auto metrics = take(FileTextSink::open(directory / "metrics.csv"));
    SimulatedRun run = simulate(plan, {trace.get(), history.get(), metrics.get()}, watch);
    for (FileTextSink* const file : {trace.get(), history.get(), metrics.get()})
        take(file->close());
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
