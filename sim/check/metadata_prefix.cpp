#include "sim/check/metadata_prefix.h"

#include <algorithm>
#include <fmt/format.h>

#include "sim/check/event_replica.h"

namespace bsim {

void MetadataPrefix::on(const Event& event, const ClusterView& view) {
    if (const auto* changed = as<PartitionChanged>(event)) {
        Committed& committed = partitions_[changed->p];
        committed.leaders.emplace(changed->leader_epoch, changed->leader);
        committed.leader_epoch = std::max(committed.leader_epoch, changed->leader_epoch);
        committed.partition_epoch = std::max(committed.partition_epoch, changed->partition_epoch);
    } else if (const auto* leader = as<BecameLeader>(event)) {
        if (const auto id = event.n.kafka_id())
            on_role(event, leader->p, leader->epoch, *id);
    } else if (const auto* follower = as<BecameFollower>(event)) {
        on_role(event, follower->p, follower->epoch, follower->leader);
    } else if (const auto* proposed = as<IsrProposed>(event)) {
        on_proposed(event, *proposed);
    } else if (const auto* snapshot = as<RaftSnapshot>(event)) {
        on_snapshot(event, *snapshot);
    } else if (const auto* hw = as<RaftHw>(event)) {
        const ReplicaView* const replica =
            replica_of(event, ClusterView::metadata_partition(), view);
        if (replica != nullptr)
            log_.raise(replica->log, hw->hw);
    }
}

void MetadataPrefix::on_role(const Event& event,
                             const TopicPartition& p,
                             LeaderEpoch epoch,
                             std::optional<BrokerId> leader) {
    const auto found = partitions_.find(p);
    if (found == partitions_.end())
        return;
    evaluated();
    if (found->second.leaders.contains({epoch, leader}))
        return;
    violated(event.i, event.t,
             fmt::format("{}: {} acts in epoch {} under leader {}, which the controller has not "
                         "committed",
                         p.to_string(), event.n.text(), epoch.value(),
                         leader ? std::to_string(leader->value()) : "none"));
}

void MetadataPrefix::on_proposed(const Event& event, const IsrProposed& e) {
    const auto found = partitions_.find(e.p);
    if (found == partitions_.end())
        return;
    evaluated();
    const Committed& committed = found->second;
    if (e.leader_epoch <= committed.leader_epoch && e.partition_epoch <= committed.partition_epoch)
        return;
    violated(event.i, event.t,
             fmt::format("{}: {} knows of leader epoch {} and partition epoch {}, but the "
                         "controller has committed {} and {}",
                         e.p.to_string(), event.n.text(), e.leader_epoch.value(),
                         e.partition_epoch.value(), committed.leader_epoch.value(),
                         committed.partition_epoch.value()));
}

void MetadataPrefix::on_snapshot(const Event& event, const RaftSnapshot& e) {
    if (e.end <= Offset() || log_.end() == Offset())
        return;
    evaluated();
    if (e.end > log_.end()) {
        violated(event.i, event.t,
                 fmt::format("{} has a metadata snapshot up to {}, but only what is below {} is "
                             "committed",
                             event.n.text(), e.end.value(), log_.end().value()));
        return;
    }
    const LoggedBatch* const last = log_.log().at(e.end + -1);
    if (last == nullptr || last->epoch == e.epoch)
        return;
    violated(event.i, event.t,
             fmt::format("{} has a metadata snapshot of epoch {} up to {}, but {} is committed "
                         "there",
                         event.n.text(), e.epoch.value(), e.end.value(), last->to_string()));
}

}  // namespace bsim
