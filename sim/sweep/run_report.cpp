#include "sim/sweep/run_report.h"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

namespace bsim {
namespace {

constexpr std::array<std::string_view, 6> kNames = {"pass",    "fail",  "inconclusive",
                                                    "crashed", "stuck", "not-deterministic"};

RunVerdict verdict_of(Verdict verdict) {
    switch (verdict) {
        case Verdict::Pass:
            return RunVerdict::Pass;
        case Verdict::Fail:
            return RunVerdict::Fail;
        case Verdict::Inconclusive:
            return RunVerdict::Inconclusive;
    }
    return RunVerdict::Fail;
}

}  // namespace

std::string_view name(RunVerdict verdict) {
    return kNames[static_cast<std::size_t>(verdict)];
}

bool is_failure(RunVerdict verdict) {
    return verdict != RunVerdict::Pass && verdict != RunVerdict::Inconclusive;
}

RunReport report_of(const Results& results, const std::vector<std::string>& fired) {
    RunReport report;
    report.verdict = verdict_of(results.verdict);
    report.hash = results.outcome.hash;
    report.events = results.outcome.events;
    report.end_ns = results.outcome.end.ns();
    for (const ExpectationResult& expectation : results.expectations) {
        if (expectation.outcome == ExpectationOutcome::Met)
            continue;
        report.complaints.push_back({expectation.id, expectation.detail, expectation.i.value()});
    }
    for (const CheckResult* check :
         unexpected_failures(results.outcome.expectations, results.outcome.checks)) {
        const auto& first = check->violations.front();
        report.complaints.push_back({check->name, first.detail, first.i.value()});
    }
    const auto& expected = results.outcome.expectations;
    for (const CheckResult& check : results.outcome.checks) {
        // A liveness check counts only if the scenario expects it.
        const bool counts = check.kind == CheckKind::Safety ||
                            std::any_of(expected.begin(), expected.end(),
                                        [&](const auto& one) { return one.check == check.name; });
        if (counts)
            report.checks[check.name] = {check.evaluations, check.violation_count};
    }
    for (const std::string& kind : fired)
        ++report.fired[kind];
    return report;
}

RunReport crash_report(RunVerdict verdict, std::string detail) {
    RunReport report;
    report.verdict = verdict;
    report.complaints.push_back({"simulator", std::move(detail), 0});
    return report;
}

std::string to_json_line(const RunReport& report) {
    nlohmann::ordered_json json;
    json["verdict"] = name(report.verdict);
    json["hash"] = report.hash;
    json["events"] = report.events;
    json["end_ns"] = report.end_ns;
    auto& complaints = json["complaints"] = nlohmann::ordered_json::array();
    for (const Complaint& complaint : report.complaints) {
        complaints.push_back(
            {{"about", complaint.about}, {"detail", complaint.detail}, {"i", complaint.i}});
    }
    auto& checks = json["checks"] = nlohmann::ordered_json::object();
    for (const auto& [check, tally] : report.checks)
        checks[check] = {tally.evaluations, tally.violations};
    json["fired"] = nlohmann::ordered_json(report.fired);
    json["host_trouble"] = report.host_trouble;
    return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + '\n';
}

Result<RunReport, std::string> report_from_json(std::string_view line) {
    const auto json = nlohmann::json::parse(line, nullptr, false);
    const auto verdict = std::find(kNames.begin(), kNames.end(),
                                   json.is_object() ? json.value("verdict", "") : std::string());
    if (verdict == kNames.end() || !json.contains("host_trouble"))
        return Err{std::string("the process of the run gave no answer that makes sense")};
    RunReport report;
    report.verdict = static_cast<RunVerdict>(verdict - kNames.begin());
    report.hash = json["hash"].get<std::string>();
    report.events = json["events"].get<std::uint64_t>();
    report.end_ns = json["end_ns"].get<std::int64_t>();
    for (const auto& complaint : json["complaints"]) {
        report.complaints.push_back({complaint["about"].get<std::string>(),
                                     complaint["detail"].get<std::string>(),
                                     complaint["i"].get<std::uint64_t>()});
    }
    for (const auto& [check, tally] : json["checks"].items())
        report.checks[check] = {tally[0].get<std::uint64_t>(), tally[1].get<std::uint64_t>()};
    for (const auto& [kind, count] : json["fired"].items())
        report.fired[kind] = count.get<std::uint64_t>();
    report.host_trouble = json["host_trouble"].get<std::string>();
    return report;
}

}  // namespace bsim
