#include "sim/report/log_dirs_text.h"

#include <algorithm>
#include <fmt/format.h>
#include <vector>

#include <nlohmann/json.hpp>

#include "sim/base/java_order.h"

namespace bsim {
namespace {

// One replica of the broker, and the index of its directory.
struct ReplicaRow {
    TopicPartition p;
    std::size_t dir = 0;
    const BrokerLog* log = nullptr;
};

std::size_t dir_of(const std::vector<StoredLogDir>& dirs, const std::optional<Uuid>& id) {
    for (std::size_t i = 0; i < dirs.size(); ++i) {
        if (id && dirs[i].id == *id)
            return i;
    }
    return 0;
}

std::vector<ReplicaRow> replicas_on(const ClusterAt& cluster,
                                    BrokerId broker,
                                    const LogDirQuery& query) {
    const std::vector<StoredLogDir> dirs = broker_log_dirs(cluster, broker);
    std::vector<ReplicaRow> rows;
    std::vector<std::uint32_t> hashes;
    for (const auto& [name, id] : cluster.image.topic_ids()) {
        if (!query.topics.empty() && !query.topics.contains(name))
            continue;
        for (const auto& [index, partition] : cluster.image.topic(id)->partitions) {
            const TopicPartition p{name, index};
            const BrokerLog* const log = cluster.logs.log(broker, p);
            if (log == nullptr || !contains(partition.replicas, broker))
                continue;
            rows.push_back({p, dir_of(dirs, partition.directory_of(broker)), log});
            const auto number = static_cast<std::uint32_t>(index.value());
            hashes.push_back(31 * (31 + number) + java_hash(name));
        }
    }
    std::vector<ReplicaRow> ordered;
    for (const std::size_t i : java_hash_order(hashes))
        ordered.push_back(rows[i]);
    return ordered;
}

nlohmann::ordered_json replica_json(const ReplicaRow& row) {
    nlohmann::ordered_json json;
    json["partition"] = fmt::format("{}-{}", row.p.topic, row.p.partition.value());
    json["size"] = row.log->log.bytes();
    json["offsetLag"] = row.log->served ? 0 : -1;
    json["isFuture"] = false;
    return json;
}

nlohmann::ordered_json broker_json(const ClusterAt& cluster,
                                   BrokerId broker,
                                   const LogDirQuery& query) {
    const std::vector<StoredLogDir> dirs = broker_log_dirs(cluster, broker);
    const std::vector<ReplicaRow> replicas = replicas_on(cluster, broker, query);
    std::vector<std::uint32_t> hashes;
    for (const StoredLogDir& dir : dirs)
        hashes.push_back(java_hash(dir.path));
    nlohmann::ordered_json json;
    json["broker"] = broker.value();
    json["logDirs"] = nlohmann::ordered_json::array();
    for (const std::size_t i : java_hash_order(hashes)) {
        nlohmann::ordered_json dir;
        dir["partitions"] = nlohmann::ordered_json::array();
        for (const ReplicaRow& row : replicas) {
            if (row.dir == i)
                dir["partitions"].push_back(replica_json(row));
        }
        dir["error"] = nullptr;
        dir["logDir"] = dirs[i].path;
        json["logDirs"].push_back(std::move(dir));
    }
    return json;
}

// As a HashSet of Integers walks them.
std::vector<BrokerId> in_java_order(const std::set<BrokerId>& ids) {
    const std::vector<BrokerId> listed(ids.begin(), ids.end());
    std::vector<std::uint32_t> hashes;
    for (const BrokerId id : listed)
        hashes.push_back(static_cast<std::uint32_t>(id.value()));
    std::vector<BrokerId> ordered;
    for (const std::size_t i : java_hash_order(hashes))
        ordered.push_back(listed[i]);
    return ordered;
}

std::string ids_text(const std::set<BrokerId>& ids) {
    return fmt::format("{}", fmt::join(to_ints(in_java_order(ids)), ","));
}

std::set<BrokerId> asked_brokers(const ClusterAt& cluster, const LogDirQuery& query) {
    return query.brokers.empty() ? cluster.live_brokers() : query.brokers;
}

}  // namespace

std::vector<StoredLogDir> broker_log_dirs(const ClusterAt& cluster, BrokerId broker) {
    const auto found = cluster.stored.dirs.find(NodeName::broker(broker));
    std::vector<StoredLogDir> dirs = {{NodeName::broker(broker).text(), Uuid()}};
    if (found != cluster.stored.dirs.end())
        dirs = found->second;
    for (StoredLogDir& dir : dirs)
        dir.path.insert(0, "data/");
    return dirs;
}

std::string unknown_brokers(const ClusterAt& cluster, const LogDirQuery& query) {
    const std::set<BrokerId> live = cluster.live_brokers();
    std::set<BrokerId> unknown;
    for (const BrokerId id : query.brokers) {
        if (!live.contains(id))
            unknown.insert(id);
    }
    if (unknown.empty())
        return "";
    return fmt::format(
        "ERROR: The given brokers do not exist from --broker-list: {}. "
        "Current existent brokers: {}",
        ids_text(unknown), ids_text(live));
}

nlohmann::ordered_json log_dirs_json(const ClusterAt& cluster, const LogDirQuery& query) {
    nlohmann::ordered_json json;
    json["brokers"] = nlohmann::ordered_json::array();
    for (const BrokerId broker : in_java_order(asked_brokers(cluster, query)))
        json["brokers"].push_back(broker_json(cluster, broker, query));
    json["version"] = 1;
    return json;
}

std::string describe_log_dirs(const ClusterAt& cluster, const LogDirQuery& query) {
    return fmt::format(
        "Querying brokers for log directories information\n"
        "Received log directory information from brokers {}\n{}\n",
        ids_text(asked_brokers(cluster, query)), log_dirs_json(cluster, query).dump());
}

}  // namespace bsim
