#include "sim/report/availability_json.h"

#include <string>

#include <nlohmann/json.hpp>

namespace bsim {

namespace {

using Json = nlohmann::ordered_json;

Json window_json(const UnavailableWindow& window) {
    return {{"from_ns", window.from.ns()}, {"to_ns", window.to.ns()},
            {"ended", window.ended},       {"unexcused_ns", window.unexcused.ns()},
            {"excused", !window.exceeds},  {"excuse", std::string(window.why)}};
}

Json windows_json(const UnavailableWindows& windows) {
    Json json;
    const std::int64_t unexcused = windows.unexcused();
    json["windows"] = std::ssize(windows.list);
    json["excused"] = std::ssize(windows.list) - unexcused;
    json["unexcused"] = unexcused;
    json["p50_ns"] = windows.quantile(50).ns();
    json["p99_ns"] = windows.quantile(99).ns();
    json["max_ns"] = windows.quantile(100).ns();
    json["total_ns"] = windows.total().ns();
    json["list"] = Json::array();
    for (const UnavailableWindow& window : windows.list)
        json["list"].push_back(window_json(window));
    return json;
}

Json partition_json(const PartitionAvailability& partition) {
    Json json;
    json["p"] = partition.p.to_string();
    json["produce"] = windows_json(partition.produce);
    json["consume"] = windows_json(partition.consume);
    json["cluster"] = windows_json(partition.cluster);
    json["leaderless_ns"] = partition.leaderless.ns();
    json["under_min_isr_ns"] = partition.under_min_isr.ns();
    json["detection_delay_max_ns"] = partition.detection_delay_max.ns();
    json["detection_delay_total_ns"] = partition.detection_delay_total.ns();
    json["leader_elections"] = partition.elections;
    json["isr_changes"] = partition.isr_changes;
    return json;
}

}  // namespace

Json availability_json(const AvailabilityReport& report) {
    Json json;
    json["bounds"] = {{"produce_ns", report.bounds.produce.ns()},
                      {"consume_ns", report.bounds.consume.ns()},
                      {"cluster_ns", report.bounds.cluster.ns()},
                      {"noticed_ns", report.bounds.noticed.ns()}};
    const auto rate = [&](std::int64_t count) {
        return Json{{"count", count}, {"per_minute_milli", report.per_minute_milli(count)}};
    };
    json["leader_elections"] = rate(report.elections);
    json["isr_changes"] = rate(report.isr_changes);
    json["rebalances"] = rate(report.rebalances);
    json["partitions"] = Json::array();
    for (const PartitionAvailability& partition : report.partitions)
        json["partitions"].push_back(partition_json(partition));
    return json;
}

}  // namespace bsim
