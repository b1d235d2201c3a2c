#include "sim/metrics/raft.h"

#include <string_view>

namespace bsim::metrics {

namespace {

constexpr MetricInfo kState{MetricType::Info, "kafka_server_raft_metrics_current_state", "",
                            "The node's role in the metadata quorum."};
constexpr MetricInfo kEpoch{MetricType::Gauge, "kafka_server_raft_metrics_current_epoch", "",
                            "The quorum's epoch as this node knows it."};
constexpr MetricInfo kLeader{MetricType::Gauge, "kafka_server_raft_metrics_current_leader", "",
                             "Id of the quorum's leader as this node knows it; -1 if none."};
constexpr MetricInfo kHighWatermark{
    MetricType::Gauge, "kafka_server_raft_metrics_high_watermark", "",
    "The metadata log's high watermark on its leader; -1 until the leader has one."};
constexpr MetricInfo kLogEnd{MetricType::Gauge, "kafka_server_raft_metrics_log_end_offset", "",
                             "The metadata log's end on this node."};

constexpr std::string_view kMetadataTopic = "__cluster_metadata";

std::string_view state_name(RaftRoleName role) {
    // Kafka has no word for a leader that has resigned.
    if (role == RaftRoleName::Resigned)
        role = RaftRoleName::Unattached;
    return EnumNames<RaftRoleName>::kNames.at(static_cast<std::size_t>(role));
}

}  // namespace

RaftMetrics::Member* RaftMetrics::member_of(const Event& event, const TopicPartition& p) {
    return p.topic == kMetadataTopic ? &members_[event.n] : nullptr;
}

void RaftMetrics::on(const Event& event, const ClusterState&) {
    if (const auto* appended = as<LogAppended>(event)) {
        if (Member* const member = member_of(event, appended->p))
            member->log_end = appended->last + 1;
    } else if (const auto* hw = as<RaftHw>(event)) {
        members_[event.n].hw = hw->hw;
    } else if (const auto* role = as<RaftRole>(event)) {
        Member& member = members_[event.n];
        if (!member.role || member.role->epoch != role->epoch)
            member.hw.reset();
        member.role = *role;
    } else if (const auto* truncated = as<LogTruncated>(event)) {
        if (Member* const member = member_of(event, truncated->p))
            member->log_end = truncated->to;
    } else if (const auto* recovered = as<LogRecovered>(event)) {
        if (Member* const member = member_of(event, recovered->p))
            member->log_end = recovered->leo;
    } else if (as<NodeStarted>(event) != nullptr) {
        members_.erase(event.n);
    }
}

void RaftMetrics::collect(const ClusterState& cluster, SampleSink& out) const {
    const auto for_each_member = [&](const MetricInfo& metric, const auto& visit) {
        out.start(metric);
        for (const auto& [name, member] : members_) {
            const Node* const node = cluster.node(name);
            if (node != nullptr && node->answers() && member.role)
                visit(name, member);
        }
    };
    for_each_member(kState, [&](const NodeName& name, const Member& member) {
        const Label state{"state", state_name(member.role->role)};
        out.add({"_info", name.text(), {&state, 1}, {1, 0}, {}});
    });
    for_each_member(kEpoch, [&](const NodeName& name, const Member& member) {
        out.add({"", name.text(), {}, {member.role->epoch.value(), 0}, {}});
    });
    for_each_member(kLeader, [&](const NodeName& name, const Member& member) {
        const std::int64_t leader = member.role->leader ? member.role->leader->value() : -1;
        out.add({"", name.text(), {}, {leader, 0}, {}});
    });
    for_each_member(kHighWatermark, [&](const NodeName& name, const Member& member) {
        if (member.role->role != RaftRoleName::Leader)
            return;
        out.add({"", name.text(), {}, {member.hw ? member.hw->value() : -1, 0}, {}});
    });
    for_each_member(kLogEnd, [&](const NodeName& name, const Member& member) {
        if (member.log_end)
            out.add({"", name.text(), {}, {member.log_end->value(), 0}, {}});
    });
}

}  // namespace bsim::metrics
