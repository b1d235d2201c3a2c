#include "sim/sweep/sweep_text.h"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>

#include "sim/sweep/seed_list.h"

namespace bsim {
namespace {

std::string cell_text(const SweepCell& cell) {
    return fmt::format("{}", fmt::join(cell.values, " "));
}

// Per cell: runs, and how many of them failed or stayed open.
void add_cells(const SweepOrder& order, const SweepOutcome& outcome, std::string& text) {
    struct Tally {
        std::uint64_t runs = 0;
        std::uint64_t failed = 0;
        std::uint64_t open = 0;
        std::uint64_t first_seed = 0;
    };
    std::vector<Tally> tallies(order.cells.size());
    for (const RunRecord& record : outcome.records) {
        Tally& tally = tallies[record.cell];
        ++tally.runs;
        tally.open += record.report.verdict == RunVerdict::Inconclusive ? 1 : 0;
        if (is_failure(record.report.verdict) && tally.failed++ == 0)
            tally.first_seed = record.seed;
    }
    const auto out = std::back_inserter(text);
    fmt::format_to(out, "\n{:>8} {:>8} {:>12}  {:<10}  {}\n", "runs", "failed", "inconclusive",
                   "first seed", "values");
    for (std::size_t i = 0; i < tallies.size(); ++i) {
        const Tally& tally = tallies[i];
        fmt::format_to(out, "{:>8} {:>8} {:>12}  {:<10}  {}\n", tally.runs, tally.failed,
                       tally.open, tally.failed > 0 ? std::to_string(tally.first_seed) : "-",
                       cell_text(order.cells[i]));
    }
}

void add_checks(const SweepOutcome& outcome, std::string& text) {
    if (outcome.checks.empty())
        return;
    const auto out = std::back_inserter(text);
    fmt::format_to(out, "\n{:<28} {:>8} {:>14} {:>10}  {}\n", "check", "runs", "evaluations",
                   "violations", "first seed");
    for (const auto& [name, check] : outcome.checks) {
        fmt::format_to(out, "{:<28} {:>8} {:>14} {:>10}  {}\n", name, check.runs,
                       check.tally.evaluations, check.tally.violations,
                       check.first_seed ? std::to_string(*check.first_seed) : "-");
    }
}

void add_faults(const SweepOrder& order, const SweepOutcome& outcome, std::string& text) {
    if (outcome.faults.empty())
        return;
    const auto out = std::back_inserter(text);
    fmt::format_to(out, "\n{:<28} {:>8} {:>14} {:>10}\n", "fault", "runs", "took effect",
                   order.swarm ? "drawn" : "");
    for (const auto& [name, fault] : outcome.faults) {
        fmt::format_to(out, "{:<28} {:>8} {:>14} {:>10}\n", name, fault.runs, fault.fired,
                       order.swarm ? std::to_string(fault.drawn) : "");
    }
}

}  // namespace

std::string run_lines(const SweepHead& head, const SweepOrder& order, const RunRecord& record) {
    std::string text;
    const auto out = std::back_inserter(text);
    const RunReport& report = record.report;
    fmt::format_to(out, "seed {:<6} {:<12} {:<32} {:>8} events", record.seed, name(report.verdict),
                   report.hash.empty() ? "-" : report.hash, report.events);
    const SweepCell& cell = order.cells[record.cell];
    if (!cell.values.empty())
        fmt::format_to(out, "  {}", cell_text(cell));
    if (order.swarm) {
        fmt::format_to(out, "  knobs: {}  faults: {}", fmt::join(record.knobs, ", "),
                       fmt::join(record.faults, "; "));
    }
    text += '\n';
    if (report.verdict == RunVerdict::Pass)
        return text;
    for (const Complaint& complaint : report.complaints) {
        fmt::format_to(out, "  {}: {}", complaint.about, complaint.detail);
        text += complaint.i > 0 ? fmt::format(" (event {})\n", complaint.i) : "\n";
    }
    if (!record.directory.empty()) {
        fmt::format_to(out, "  replay: {} replay {}/{}{}\n", head.program, head.directory,
                       record.directory, record.complete ? "" : "  (not complete)");
    }
    return text;
}

std::string sweep_summary(const SweepHead& head,
                          const SweepOrder& order,
                          const SweepOutcome& outcome) {
    std::string text;
    const auto out = std::back_inserter(text);
    const auto of = [&](RunVerdict verdict) {
        const auto at = outcome.verdicts.find(verdict);
        return at == outcome.verdicts.end() ? std::uint64_t{0} : at->second;
    };
    if (order.cells.size() > 1)
        add_cells(order, outcome, text);
    add_checks(outcome, text);
    add_faults(order, outcome, text);
    fmt::format_to(out, "\n{}: {} runs  {} passed  {} failed  {} inconclusive  seeds {}\n",
                   head.scenario, outcome.records.size(), of(RunVerdict::Pass), outcome.failed(),
                   of(RunVerdict::Inconclusive), head.seeds);
    std::vector<std::uint64_t> failed;
    for (const RunRecord& record : outcome.records) {
        if (is_failure(record.report.verdict))
            failed.push_back(record.seed);
    }
    failed.erase(std::unique(failed.begin(), failed.end()), failed.end());
    if (!failed.empty())
        fmt::format_to(out, "failed: seeds {}  kept in {}\n", seed_list_text(failed),
                       head.directory);
    if (outcome.runs_missing == 0)
        return text;
    const std::string why = outcome.end == SweepEnd::StoppedAfter
                                ? fmt::format("stopped after {} failures", outcome.failed())
                            : outcome.end == SweepEnd::Budget      ? "the budget is used up"
                            : outcome.end == SweepEnd::Interrupted ? "interrupted"
                                                                   : outcome.host_trouble;
    fmt::format_to(out, "not run: {} runs, seeds {} ({})\n", outcome.runs_missing,
                   seed_list_text(outcome.not_run), why);
    return text;
}

}  // namespace bsim
