#include "sim/report/quorum_text.h"

#include <algorithm>
#include <fmt/format.h>
#include <vector>

#include <nlohmann/json.hpp>

#include "sim/base/java_order.h"

namespace bsim {
namespace {

// Runs start at 2024-01-01T00:00:00Z on the calendar.
constexpr std::int64_t kWallEpochMs = 1'704'067'200'000;
// An observer that has not fetched for so long is forgotten.
constexpr SimDuration kObserverSession = seconds(300);

struct ReplicaRow {
    BrokerId id;
    Uuid directory;
    std::string endpoint;  // of a voter
    std::int64_t leo = -1;
    std::int64_t last_fetch_ms = -1;
    std::int64_t last_caught_up_ms = -1;
};

// As DescribeQuorum answers; voters and observers in its order.
struct QuorumAnswer {
    std::string cluster_id;
    std::int32_t leader = -1;
    std::int32_t epoch = 0;
    std::int64_t hw = -1;
    std::vector<ReplicaRow> voters;
    std::vector<ReplicaRow> observers;

    const ReplicaRow* leader_row() const {
        const auto found = std::find_if(voters.begin(), voters.end(), [this](const auto& row) {
            return row.id.value() == leader;
        });
        return found == voters.end() ? nullptr : &*found;
    }
    std::int64_t lag(const ReplicaRow& row) const {
        const ReplicaRow* const first = leader_row();
        return first == nullptr ? -1 : first->leo - row.leo;
    }
};

std::int64_t wall_ms(SimTime t) {
    return kWallEpochMs + t.ns() / 1'000'000;
}

std::set<BrokerId> voter_ids(const ClusterAt& cluster) {
    std::set<BrokerId> ids = cluster.quorum.seen_voting();
    for (const auto& [name, node] : cluster.manifest) {
        const auto id = NodeName(name).kafka_id();
        if (node.voter && id)
            ids.insert(*id);
    }
    for (const auto& [name, state] : cluster.processes) {
        if (name.text().starts_with("controller-"))
            ids.insert(*name.kafka_id());
    }
    return ids;
}

ReplicaRow row_of(const ClusterAt& cluster, BrokerId id, const QuorumReplica& replica) {
    ReplicaRow row;
    row.id = id;
    const QuorumFold& quorum = cluster.quorum;
    if (quorum.leader() == id) {
        row.leo = replica.leo.value();
        row.last_fetch_ms = row.last_caught_up_ms = wall_ms(cluster.at);
        return row;
    }
    // The leader knows no end of a copy for which nobody has fetched yet.
    if (replica.last_fetch || !quorum.leader())
        row.leo = replica.leo.value();
    if (replica.last_fetch)
        row.last_fetch_ms = wall_ms(*replica.last_fetch);
    if (replica.last_caught_up)
        row.last_caught_up_ms = wall_ms(*replica.last_caught_up);
    return row;
}

ReplicaRow voter_row(const ClusterAt& cluster, BrokerId id) {
    const auto& replicas = cluster.quorum.replicas();
    const auto known = replicas.find(id);
    ReplicaRow row = row_of(cluster, id, known == replicas.end() ? QuorumReplica() : known->second);
    row.endpoint = fmt::format("CONTROLLER://{}:9093", cluster.node_name(id).text());
    return row;
}

// Of the metadata log. What the disk says holds for the end of the run: it may have been emptied.
Uuid directory_of(const ClusterAt& cluster, BrokerId id) {
    const BrokerRegistration* const broker = cluster.image.broker(id);
    if (broker != nullptr && broker->directories.size() == 1)
        return broker->directories.front();
    const auto dirs = cluster.stored.dirs.find(cluster.node_name(id));
    return dirs == cluster.stored.dirs.end() ? Uuid() : dirs->second.front().id;
}

std::uint32_t java_hash(const Uuid& id) {
    const std::uint64_t mixed = id.high ^ id.low;
    return static_cast<std::uint32_t>(mixed >> 32U) ^ static_cast<std::uint32_t>(mixed);
}

// As the leader's HashMap walks them: by id, or for observers by id and directory.
std::vector<ReplicaRow> in_leader_order(std::vector<ReplicaRow> rows, bool by_directory) {
    std::vector<std::uint32_t> hashes;
    for (const ReplicaRow& row : rows) {
        const auto id = static_cast<std::uint32_t>(row.id.value());
        hashes.push_back(by_directory ? 31 * (31 + id) + java_hash(row.directory) : id);
    }
    std::vector<ReplicaRow> ordered;
    for (const std::size_t i : java_hash_order(hashes))
        ordered.push_back(rows[i]);
    return ordered;
}

QuorumAnswer answer_of(const ClusterAt& cluster) {
    const QuorumFold& quorum = cluster.quorum;
    QuorumAnswer answer;
    answer.cluster_id = cluster.stored.cluster_id;
    answer.leader = quorum.leader() ? quorum.leader()->value() : -1;
    answer.epoch = quorum.epoch().value();
    answer.hw = quorum.hw() ? quorum.hw()->value() : -1;
    const std::set<BrokerId> voters = voter_ids(cluster);
    for (const BrokerId id : voters)
        answer.voters.push_back(voter_row(cluster, id));
    for (const auto& [id, replica] : quorum.replicas()) {
        if (voters.contains(id) || !replica.last_fetch ||
            cluster.at - *replica.last_fetch >= kObserverSession)
            continue;
        answer.observers.push_back(row_of(cluster, id, replica));
        answer.observers.back().directory = directory_of(cluster, id);
    }
    answer.voters = in_leader_order(std::move(answer.voters), false);
    answer.observers = in_leader_order(std::move(answer.observers), true);
    return answer;
}

std::string directory_text(const Uuid& id) {
    return id.is_zero() ? "null" : fmt::format("\"{}\"", id.to_string());
}

std::string nodes_text(const std::vector<ReplicaRow>& rows) {
    std::vector<std::string> texts;
    for (const ReplicaRow& row : rows) {
        const std::string endpoints =
            row.endpoint.empty() ? "" : fmt::format(", \"endpoints\": [\"{}\"]", row.endpoint);
        texts.push_back(fmt::format("{{\"id\": {}, \"directoryId\": {}{}}}", row.id.value(),
                                    directory_text(row.directory), endpoints));
    }
    return fmt::format("[{}]", fmt::join(texts, ", "));
}

// How far the slowest voter is behind, in records and in time.
struct FollowerLag {
    std::int64_t records = -1;
    std::int64_t ms = -1;
};
FollowerLag max_follower_lag(const QuorumAnswer& answer) {
    const ReplicaRow* const leader = answer.leader_row();
    if (leader == nullptr)
        return {};
    const auto slowest =
        std::min_element(answer.voters.begin(), answer.voters.end(),
                         [](const auto& a, const auto& b) { return a.leo < b.leo; });
    FollowerLag lag{leader->leo - slowest->leo, -1};
    if (slowest->id == leader->id) {
        lag.ms = 0;
    } else if (slowest->last_caught_up_ms >= 0) {
        lag.ms = leader->last_caught_up_ms - slowest->last_caught_up_ms;
    }
    return lag;
}

using Cells = std::vector<std::string>;

std::string table(const std::vector<Cells>& rows) {
    std::vector<std::size_t> widths(rows.front().size());
    for (const Cells& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i)
            widths[i] = std::max(widths[i], row[i].size());
    }
    std::string text;
    for (const Cells& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i)
            text += fmt::format("{:<{}}\t", row[i], widths[i]);
        text += '\n';
    }
    return text;
}

nlohmann::ordered_json row_json(const QuorumAnswer& answer, const ReplicaRow& row) {
    nlohmann::ordered_json json;
    json["id"] = row.id.value();
    if (row.directory.is_zero()) {
        json["directory_id"] = nullptr;
    } else {
        json["directory_id"] = row.directory.to_string();
    }
    if (!row.endpoint.empty())
        json["endpoints"] = {row.endpoint};
    json["log_end_offset"] = row.leo;
    json["lag"] = answer.lag(row);
    json["last_fetch_ms"] = row.last_fetch_ms;
    json["last_caught_up_ms"] = row.last_caught_up_ms;
    return json;
}

}  // namespace

std::string quorum_status(const ClusterAt& cluster) {
    const QuorumAnswer answer = answer_of(cluster);
    const FollowerLag lag = max_follower_lag(answer);
    return fmt::format(
        "ClusterId:              {}\nLeaderId:               {}\nLeaderEpoch:            {}\n"
        "HighWatermark:          {}\nMaxFollowerLag:         {}\nMaxFollowerLagTimeMs:   {}\n"
        "CurrentVoters:          {}\nCurrentObservers:       {}\n",
        answer.cluster_id, answer.leader, answer.epoch, answer.hw, lag.records, lag.ms,
        nodes_text(answer.voters), nodes_text(answer.observers));
}

std::string quorum_replication(const ClusterAt& cluster, bool human_readable) {
    const QuorumAnswer answer = answer_of(cluster);
    const std::int64_t now = wall_ms(cluster.at);
    std::vector<Cells> rows = {{"NodeId", "DirectoryId", "LogEndOffset", "Lag",
                                "LastFetchTimestamp", "LastCaughtUpTimestamp", "Status"}};
    const auto moment = [&](std::int64_t ms) {
        return ms < 0 || !human_readable ? std::to_string(ms) : fmt::format("{} ms ago", now - ms);
    };
    const auto add = [&](const ReplicaRow& row, const char* status) {
        rows.push_back({std::to_string(row.id.value()), row.directory.to_string(),
                        std::to_string(row.leo), std::to_string(answer.lag(row)),
                        moment(row.last_fetch_ms), moment(row.last_caught_up_ms), status});
    };
    if (const ReplicaRow* const leader = answer.leader_row())
        add(*leader, "Leader");
    for (const ReplicaRow& row : answer.voters) {
        if (row.id.value() != answer.leader)
            add(row, "Follower");
    }
    for (const ReplicaRow& row : answer.observers)
        add(row, "Observer");
    return table(rows);
}

nlohmann::ordered_json quorum_json(const ClusterAt& cluster) {
    const QuorumAnswer answer = answer_of(cluster);
    const FollowerLag lag = max_follower_lag(answer);
    nlohmann::ordered_json json;
    json["cluster_id"] = answer.cluster_id;
    json["leader_id"] = answer.leader;
    json["leader_epoch"] = answer.epoch;
    json["high_watermark"] = answer.hw;
    json["max_follower_lag"] = lag.records;
    json["max_follower_lag_ms"] = lag.ms;
    json["voters"] = nlohmann::ordered_json::array();
    for (const ReplicaRow& row : answer.voters)
        json["voters"].push_back(row_json(answer, row));
    json["observers"] = nlohmann::ordered_json::array();
    for (const ReplicaRow& row : answer.observers)
        json["observers"].push_back(row_json(answer, row));
    return json;
}

}  // namespace bsim
