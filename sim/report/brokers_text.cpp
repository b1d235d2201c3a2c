#include "sim/report/brokers_text.h"

#include <algorithm>
#include <fmt/format.h>
#include <vector>

#include <nlohmann/json.hpp>

#include "sim/report/log_dirs_text.h"

namespace bsim {
namespace {

struct BrokerRow {
    BrokerId id;
    std::optional<BrokerEpoch> epoch;
    std::string_view state = "Unregistered";
    std::string_view process = "down";
    std::optional<std::string> rack;
    std::string host;
    std::vector<std::string> log_dirs;
    int leaders = 0;
    int replicas = 0;
    int out_of_sync = 0;
    std::int64_t bytes = 0;
};

std::set<BrokerId> broker_ids(const ClusterAt& cluster) {
    std::set<BrokerId> ids;
    for (const auto& [id, broker] : cluster.image.brokers())
        ids.insert(id);
    for (const auto& [node, state] : cluster.processes) {
        if (node.text().starts_with("broker-"))
            ids.insert(*node.kafka_id());
    }
    return ids;
}

std::string_view state_of(const BrokerRegistration& broker) {
    if (broker.fenced)
        return "Fenced";
    return broker.in_controlled_shutdown ? "ControlledShutdown" : "Unfenced";
}

std::string_view process_name(ProcessState state) {
    switch (state) {
        case ProcessState::Up:
            return "up";
        case ProcessState::Paused:
            return "paused";
        case ProcessState::Down:
            break;
    }
    return "down";
}

void count_replicas(const ClusterAt& cluster, BrokerRow& row) {
    for (const auto& [id, topic] : cluster.image.topics()) {
        for (const auto& [index, partition] : topic.partitions) {
            if (partition.leader == row.id)
                ++row.leaders;
            if (!contains(partition.replicas, row.id))
                continue;
            ++row.replicas;
            if (!contains(partition.isr, row.id))
                ++row.out_of_sync;
            const BrokerLog* const log = cluster.logs.log(row.id, {topic.name, index});
            if (log != nullptr)
                row.bytes += log->log.bytes();
        }
    }
}

BrokerRow row_of(const ClusterAt& cluster, BrokerId id) {
    BrokerRow row;
    row.id = id;
    row.process = process_name(cluster.process(id));
    const auto told = cluster.manifest.find(NodeName::broker(id).text());
    if (told != cluster.manifest.end())
        row.rack = told->second.rack;
    if (const BrokerRegistration* const broker = cluster.image.broker(id)) {
        row.epoch = broker->epoch;
        row.state = state_of(*broker);
        if (broker->rack)
            row.rack = broker->rack;
        if (!broker->endpoints.empty()) {
            const Endpoint& first = broker->endpoints.front();
            row.host = fmt::format("{}:{}", first.host, first.port);
        }
    }
    for (const StoredLogDir& dir : broker_log_dirs(cluster, id))
        row.log_dirs.push_back(dir.path);
    count_replicas(cluster, row);
    return row;
}

using Cells = std::vector<std::string>;

Cells cells_of(const BrokerRow& row) {
    return {std::to_string(row.id.value()),
            row.epoch ? std::to_string(row.epoch->value()) : "-",
            std::string(row.state),
            std::string(row.process),
            row.rack.value_or("-"),
            row.host.empty() ? "-" : row.host,
            fmt::format("{}", fmt::join(row.log_dirs, ",")),
            std::to_string(row.leaders),
            std::to_string(row.replicas),
            std::to_string(row.out_of_sync),
            std::to_string(row.bytes)};
}

}  // namespace

std::string describe_brokers(const ClusterAt& cluster) {
    std::vector<Cells> rows = {{"BROKER", "EPOCH", "STATE", "PROCESS", "RACK", "HOST", "LOGDIRS",
                                "LEADERS", "REPLICAS", "OUT-OF-SYNC", "SIZE"}};
    for (const BrokerId id : broker_ids(cluster))
        rows.push_back(cells_of(row_of(cluster, id)));
    std::vector<std::size_t> widths(rows.front().size());
    for (const Cells& row : rows) {
        for (std::size_t i = 0; i + 1 < row.size(); ++i)
            widths[i] = std::max(widths[i], row[i].size());
    }
    std::string text;
    for (const Cells& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i)
            text += fmt::format("{}{:<{}}", i == 0 ? "" : " ", row[i], widths[i]);
        text += '\n';
    }
    return text;
}

nlohmann::ordered_json describe_brokers_json(const ClusterAt& cluster) {
    nlohmann::ordered_json json;
    json["brokers"] = nlohmann::ordered_json::array();
    for (const BrokerId id : broker_ids(cluster)) {
        const BrokerRow row = row_of(cluster, id);
        nlohmann::ordered_json& out = json["brokers"].emplace_back();
        out["broker"] = id.value();
        out["epoch"] = row.epoch ? row.epoch->value() : -1;
        out["state"] = row.state;
        out["process"] = row.process;
        out["rack"] = row.rack ? nlohmann::ordered_json(*row.rack) : nullptr;
        out["host"] = row.host;
        out["log_dirs"] = row.log_dirs;
        out["leaders"] = row.leaders;
        out["replicas"] = row.replicas;
        out["out_of_sync"] = row.out_of_sync;
        out["bytes"] = row.bytes;
    }
    return json;
}

}  // namespace bsim
