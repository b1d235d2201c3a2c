#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "sim/sweep/seed_list.h"
#include "sim/sweep/sweep_text.h"

namespace bsim {
namespace {

using Json = nlohmann::ordered_json;

std::string_view name(SweepEnd end) {
    switch (end) {
        case SweepEnd::Completed:
            return "completed";
        case SweepEnd::StoppedAfter:
            return "stopped-after";
        case SweepEnd::Budget:
            return "budget";
        case SweepEnd::Interrupted:
            return "interrupted";
        case SweepEnd::HostTrouble:
            return "host-trouble";
    }
    return "";
}

Json json_of(const SweepOrder& order, const RunRecord& record) {
    Json run{{"seed", record.seed}};
    if (!order.cells[record.cell].values.empty())
        run["vary"] = order.cells[record.cell].values;
    run["verdict"] = bsim::name(record.report.verdict);
    run["hash"] = record.report.hash;
    run["sim_ns"] = record.report.end_ns;
    run["events"] = record.report.events;
    if (order.swarm) {
        run["knobs"] = record.knobs;
        run["faults"] = record.faults;
    }
    if (record.report.verdict == RunVerdict::Pass)
        return run;
    Json& complaints = run["complaints"] = Json::array();
    for (const Complaint& complaint : record.report.complaints) {
        complaints.push_back(
            {{"about", complaint.about}, {"detail", complaint.detail}, {"i", complaint.i}});
    }
    run["directory"] = record.directory;
    run["complete"] = record.complete;
    return run;
}

Json json_of(const SweepOutcome::Check& check) {
    Json out{{"runs", check.runs},
             {"evaluations", check.tally.evaluations},
             {"violations", check.tally.violations}};
    if (check.first_seed)
        out["first_seed"] = *check.first_seed;
    return out;
}

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            case '\n':
                out += "&#10;";
                break;
            // XML has no way to write the others.
            default:
                out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
        }
    }
    return out;
}

std::string test_case(const SweepHead& head, const SweepOrder& order, const RunRecord& record) {
    const SweepCell& cell = order.cells[record.cell];
    const std::string values =
        cell.values.empty() ? "" : fmt::format(" {}", fmt::join(cell.values, " "));
    const std::string start = fmt::format("  <testcase classname=\"{}\" name=\"seed {}{}\"",
                                          escaped(head.scenario), record.seed, escaped(values));
    const RunVerdict verdict = record.report.verdict;
    if (verdict == RunVerdict::Pass)
        return start + "/>\n";
    const auto& complaints = record.report.complaints;
    const std::string message = complaints.empty()
                                    ? std::string(bsim::name(verdict))
                                    : complaints.front().about + ": " + complaints.front().detail;
    if (verdict == RunVerdict::Inconclusive) {
        return fmt::format("{}>\n    <skipped message=\"{}\"/>\n  </testcase>\n", start,
                           escaped(message));
    }
    const std::string_view element = verdict == RunVerdict::Fail ? "failure" : "error";
    return fmt::format("{}>\n    <{} type=\"{}\" message=\"{}\">{}</{}>\n  </testcase>\n", start,
                       element, bsim::name(verdict), escaped(message),
                       escaped(run_lines(head, order, record)), element);
}

}  // namespace

std::string sweep_json(const SweepHead& head,
                       const SweepOrder& order,
                       const SweepOutcome& outcome) {
    Json json{{"brokersim", 1}, {"scenario", head.scenario}, {"seeds", head.seeds}};
    json["swarm"] = order.swarm;
    json["end"] = name(outcome.end);
    json["exit_code"] = static_cast<int>(outcome.exit_code());
    json["runs_total"] = outcome.records.size();
    json["failed"] = outcome.failed();
    json["runs_missing"] = outcome.runs_missing;
    json["seeds_missing"] = seed_list_text(outcome.not_run);
    Json& verdicts = json["verdicts"] = Json::object();
    for (const auto& [verdict, count] : outcome.verdicts)
        verdicts[std::string(bsim::name(verdict))] = count;
    Json& checks = json["checks"] = Json::object();
    for (const auto& [check, tally] : outcome.checks)
        checks[check] = json_of(tally);
    Json& faults = json["faults"] = Json::object();
    for (const auto& [kind, fault] : outcome.faults)
        faults[kind] = {{"runs", fault.runs}, {"fired", fault.fired}, {"drawn", fault.drawn}};
    Json& runs = json["runs"] = Json::array();
    for (const RunRecord& record : outcome.records)
        runs.push_back(json_of(order, record));
    return json.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + '\n';
}

std::string sweep_junit(const SweepHead& head,
                        const SweepOrder& order,
                        const SweepOutcome& outcome) {
    const auto of = [&](RunVerdict verdict) {
        const auto at = outcome.verdicts.find(verdict);
        return at == outcome.verdicts.end() ? std::uint64_t{0} : at->second;
    };
    std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    text += fmt::format(
        "<testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\">\n",
        escaped(head.scenario), outcome.records.size(), of(RunVerdict::Fail),
        outcome.failed() - of(RunVerdict::Fail), of(RunVerdict::Inconclusive));
    for (const RunRecord& record : outcome.records)
        text += test_case(head, order, record);
    if (outcome.runs_missing > 0) {
        text += fmt::format("  <system-out>not run: {} runs, seeds {}</system-out>\n",
                            outcome.runs_missing, escaped(seed_list_text(outcome.not_run)));
    }
    return text + "</testsuite>\n";
}

}  // namespace bsim
