#include "sim/check/single_leader_per_epoch.h"

#include <fmt/format.h>

namespace bsim {

void SingleLeaderPerEpoch::on(const Event& event, const ClusterView& view) {
    if (const auto* leader = as<BecameLeader>(event)) {
        if (const auto id = event.n.kafka_id())
            on_leader(event, leader->p, leader->epoch, *id);
        on_role(event, leader->p, leader->epoch);
    } else if (const auto* follower = as<BecameFollower>(event)) {
        on_role(event, follower->p, follower->epoch);
    } else if (const auto* elected = as<LeaderElected>(event)) {
        on_leader(event, elected->p, elected->epoch, elected->to);
    } else if (const auto* changed = as<PartitionChanged>(event)) {
        on_changed(event, *changed);
    } else if (const auto* appended = as<LogAppended>(event)) {
        on_appended(event, *appended, view);
    } else if (const auto* controller = as<ControllerElected>(event)) {
        evaluated();
        const auto [first, fresh] = controllers_.try_emplace(controller->epoch, event.n);
        if (!fresh && first->second != event.n) {
            violated(event.i, event.t,
                     fmt::format("{} and {} are both active controller in epoch {}",
                                 first->second.text(), event.n.text(), controller->epoch.value()));
        }
    } else if (const auto* raft = as<RaftRole>(event)) {
        on_raft(event, *raft);
    } else if (as<NodeStarted>(event) != nullptr) {
        const auto id = event.n.kafka_id();
        if (!id)
            return;
        for (auto& [p, epochs] : partitions_)
            epochs.role_epochs.erase(*id);
    }
}

void SingleLeaderPerEpoch::on_leader(const Event& event,
                                     const TopicPartition& p,
                                     LeaderEpoch epoch,
                                     BrokerId who) {
    evaluated();
    const auto [first, fresh] = partitions_[p].leaders.try_emplace(epoch, who);
    if (fresh || first->second == who)
        return;
    violated(event.i, event.t,
             fmt::format("{}: brokers {} and {} both lead in epoch {}", p.to_string(),
                         first->second.value(), who.value(), epoch.value()));
}

void SingleLeaderPerEpoch::on_role(const Event& event, const TopicPartition& p, LeaderEpoch epoch) {
    const auto id = event.n.kafka_id();
    if (!id)
        return;
    evaluated();
    const auto [seen, fresh] = partitions_[p].role_epochs.try_emplace(*id, epoch);
    if (!fresh && epoch < seen->second) {
        violated(event.i, event.t,
                 fmt::format("{}: {} goes back from epoch {} to {}", p.to_string(), event.n.text(),
                             seen->second.value(), epoch.value()));
        return;
    }
    seen->second = epoch;
}

void SingleLeaderPerEpoch::on_changed(const Event& event, const PartitionChanged& e) {
    Epochs& epochs = partitions_[e.p];
    if (e.reason == "created")
        epochs = {};
    if (epochs.known) {
        evaluated();
        if (e.leader_epoch < epochs.leader_epoch) {
            violated(event.i, event.t,
                     fmt::format("{}: the leader epoch falls from {} to {}", e.p.to_string(),
                                 epochs.leader_epoch.value(), e.leader_epoch.value()));
        }
        const std::int32_t rise = e.leader_epoch.value() - epochs.leader_epoch.value();
        if (rise > 1 || (rise == 0 && e.leader != epochs.leader)) {
            violated(
                event.i, event.t,
                fmt::format("{}: the leader epoch goes from {} to {} while the leader {}",
                            e.p.to_string(), epochs.leader_epoch.value(), e.leader_epoch.value(),
                            e.leader == epochs.leader ? "stays" : "changes"));
        }
        if (e.partition_epoch.value() != epochs.partition_epoch.value() + 1) {
            violated(event.i, event.t,
                     fmt::format("{}: the partition epoch goes from {} to {}", e.p.to_string(),
                                 epochs.partition_epoch.value(), e.partition_epoch.value()));
        }
    }
    epochs.known = true;
    epochs.leader = e.leader;
    epochs.leader_epoch = e.leader_epoch;
    epochs.partition_epoch = e.partition_epoch;
    if (e.leader)
        on_leader(event, e.p, e.leader_epoch, *e.leader);
}

void SingleLeaderPerEpoch::on_appended(const Event& event,
                                       const LogAppended& e,
                                       const ClusterView& view) {
    const auto id = event.n.kafka_id();
    const PartitionView* const partition = view.partition(e.p);
    const ReplicaView* const replica = id ? partition->replica(*id) : nullptr;
    if (replica == nullptr)
        return;
    const auto& batches = replica->log.batches();
    if (batches.size() > 1) {
        evaluated();
        const LoggedBatch& previous = batches[batches.size() - 2];
        if (previous.epoch > e.epoch) {
            violated(event.i, event.t,
                     fmt::format("{}: {} appends a batch of epoch {} at offset {}, after {}",
                                 e.p.to_string(), event.n.text(), e.epoch.value(), e.base.value(),
                                 previous.to_string()));
        }
    }
    if (replica->role == Role::Follower)
        on_followed(event, e, *partition, *replica);
    if (replica->role != Role::Leader)
        return;
    evaluated();
    if (e.epoch == replica->epoch)
        return;
    violated(event.i, event.t,
             fmt::format("{}: {}, leader in epoch {}, appends a batch of epoch {} at offset {}",
                         e.p.to_string(), event.n.text(), replica->epoch.value(), e.epoch.value(),
                         e.base.value()));
}

void SingleLeaderPerEpoch::on_followed(const Event& event,
                                       const LogAppended& e,
                                       const PartitionView& partition,
                                       const ReplicaView& replica) {
    evaluated();
    if (e.epoch > replica.epoch) {
        violated(event.i, event.t,
                 fmt::format("{}: {}, follower in epoch {}, appends a batch of epoch {} at "
                             "offset {}",
                             e.p.to_string(), event.n.text(), replica.epoch.value(),
                             e.epoch.value(), e.base.value()));
        return;
    }
    const auto& leaders = partitions_[e.p].leaders;
    const auto named = leaders.find(replica.epoch);
    const ReplicaView* const leader =
        named == leaders.end() ? nullptr : partition.replica(named->second);
    // Only while that leader still acts in that epoch, and its log is as it was then.
    if (leader == nullptr || leader->role != Role::Leader || leader->epoch != replica.epoch)
        return;
    const LoggedBatch& batch = replica.log.batches().back();
    if (leader->log.holds(batch))
        return;
    violated(event.i, event.t,
             fmt::format("{}: {}, follower in epoch {}, appends {}, which broker {}, the leader of "
                         "that epoch, does not hold",
                         e.p.to_string(), event.n.text(), replica.epoch.value(), batch.to_string(),
                         named->second.value()));
}

void SingleLeaderPerEpoch::on_raft(const Event& event, const RaftRole& e) {
    const auto id = e.role == RaftRoleName::Leader ? event.n.kafka_id() : e.leader;
    if (!id)
        return;
    evaluated();
    const auto [first, fresh] = raft_leaders_.try_emplace(e.epoch, *id);
    if (fresh || first->second == *id)
        return;
    violated(event.i, event.t,
             fmt::format("quorum: nodes {} and {} both lead in epoch {}, says {}",
                         first->second.value(), id->value(), e.epoch.value(), event.n.text()));
}

}  // namespace bsim
