#include "sim/check/cluster_view.h"

#include <algorithm>
#include <utility>

#include "sim/model/metadata_image_partition.h"

namespace bsim {

namespace {

// A flush is over by then, whatever the disk's trouble: one that had begun before a cut says
// nothing of what was written behind the cut.
constexpr SimDuration kFlushTakes = seconds(60);

}  // namespace

bool PartitionView::in_sync(BrokerId broker) const {
    return contains(isr, broker) || contains(elr, broker);
}

const ReplicaView* PartitionView::replica(BrokerId broker) const {
    const auto found = by_broker.find(broker);
    return found == by_broker.end() ? nullptr : &found->second;
}

const ReplicaView* PartitionView::acting_leader() const {
    const ReplicaView* const found = leader ? replica(*leader) : nullptr;
    const bool acts =
        found != nullptr && found->role == Role::Leader && found->epoch == leader_epoch;
    return acts ? found : nullptr;
}

void ClusterView::on(const Event& event) {
    removed_.clear();
    claim_.reset();
    groups_.on(event);
    std::visit([&](const auto& body) { apply(event, body); }, event.body);
}

const PartitionView* ClusterView::partition(const TopicPartition& p) const {
    if (asked_ == nullptr || asked_->first != p) {
        const auto found = partitions_.find(p);
        asked_ = found == partitions_.end() ? nullptr : &*found;
    }
    return asked_ == nullptr ? nullptr : &asked_->second;
}

bool ClusterView::is_up(const NodeName& node) const {
    const auto found = nodes_.find(node);
    return found == nodes_.end() || found->second.up;
}

bool ClusterView::is_paused(const NodeName& node) const {
    const auto found = nodes_.find(node);
    return found != nodes_.end() && found->second.paused;
}

bool ClusterView::under_fault(const NodeName& node) const {
    return std::any_of(faults_.begin(), faults_.end(), [&](const FaultView& fault) {
        return fault.open && std::find(fault.targets.begin(), fault.targets.end(), node.text()) !=
                                 fault.targets.end();
    });
}

Offset ClusterView::readable_end(const TopicPartition& p) const {
    const PartitionView* const found = partition(p);
    if (found == nullptr)
        return Offset();
    const ReplicaView* const leader = found->acting_leader();
    const Offset highest = found->leader_hw.value_or(Offset());
    return leader == nullptr ? highest : leader->hw.value_or(highest);
}

std::int64_t ClusterView::lag(const GroupSnapshot& group) const {
    std::int64_t lag = 0;
    for (const auto& [p, offset] : group.offsets)
        lag += std::max<std::int64_t>(0, readable_end(p) - offset);
    return lag;
}

ReplicaView* ClusterView::replica_of(const Event& event, const TopicPartition& p) {
    const auto id = event.n.kafka_id();
    return id ? &partitions_[p].by_broker[*id] : nullptr;
}

void ClusterView::apply(const Event& event, const NodeStarted& e) {
    NodeView& node = nodes_[event.n];
    node.up = true;
    node.paused = false;
    node.incarnation = e.incarnation;
    const bool wiped = std::exchange(node.to_be_wiped, false);
    node.wipes += wiped ? 1 : 0;
    const auto id = event.n.kafka_id();
    if (!id)
        return;
    brokers_[*id].up = true;
    brokers_[*id].registered = false;
    for (auto& [p, partition] : partitions_) {
        const auto found = partition.by_broker.find(*id);
        if (found == partition.by_broker.end())
            continue;
        found->second.hw.reset();
        found->second.wiped = found->second.wiped || wiped;
    }
}

void ClusterView::apply(const Event& event, const NodeStopped& e) {
    NodeView& node = nodes_[event.n];
    node.up = false;
    node.paused = false;
    node.last_stop = e.how;
    const auto id = event.n.kafka_id();
    if (!id)
        return;
    brokers_[*id].up = false;
    for (auto& [p, partition] : partitions_) {
        const auto found = partition.by_broker.find(*id);
        if (found == partition.by_broker.end())
            continue;
        found->second.role = Role::None;
        found->second.power_failed |= e.how == StopMode::Power;
    }
}

void ClusterView::apply(const Event& event, const NodePaused&) {
    nodes_[event.n].up = true;
    nodes_[event.n].paused = true;
}

void ClusterView::apply(const Event& event, const NodeResumed&) {
    nodes_[event.n].up = true;
    nodes_[event.n].paused = false;
}

void ClusterView::apply(const Event& event, const FaultStarted& e) {
    faults_.push_back({e.f, e.fault, event.t, e.targets, true});
    if (e.fault != "wipe")
        return;
    for (const std::string& target : e.targets) {
        const auto [node, first] = nodes_.try_emplace(NodeName(target));
        node->second.up = node->second.up || first;
        node->second.to_be_wiped = true;
    }
}

void ClusterView::apply(const Event&, const FaultEnded& e) {
    // A fault that repeats bears one id: its newest occurrence is meant.
    const auto found = std::find_if(faults_.rbegin(), faults_.rend(), [&](const FaultView& fault) {
        return fault.open && fault.id == e.f;
    });
    if (found != faults_.rend())
        found->open = false;
}

void ClusterView::apply(const Event&, const TopicDeleted& e) {
    for (auto& [p, partition] : partitions_) {
        if (p.topic == e.topic)
            partition.deleted = true;
    }
}

void ClusterView::apply(const Event&, const PartitionChanged& e) {
    PartitionView& partition = partitions_[e.p];
    if (partition.deleted || (partition.known && e.reason == "created"))
        partition = {};
    if (partition.known && e.leader_epoch != partition.leader_epoch)
        partition.old_isrs[partition.leader_epoch] = partition.isr;
    partition.known = true;
    partition.forgotten.changed(e, partition.isr);
    partition.leader = e.leader;
    partition.leader_epoch = e.leader_epoch;
    partition.partition_epoch = e.partition_epoch;
    partition.isr = e.isr;
    partition.elr = e.elr;
    partition.replicas = e.replicas;
}

void ClusterView::apply(const Event&, const LeaderElected& e) {
    if (!e.clean)
        partitions_[e.p].last_unclean_epoch = e.epoch;
}

void ClusterView::settle_end(const Event& event, const TopicPartition& p, Offset leo) {
    ReplicaView* const replica = replica_of(event, p);
    if (replica == nullptr)
        return;
    before_ = {replica->log.end(), replica->flushed, replica->recovered,
               replica->furthest,  replica->wiped,   replica->power_failed};
    replica->log.set_end(leo, removed_);
    replica->recovered = std::min(replica->recovered, leo);
    replica->furthest = std::max(replica->furthest, leo);
    replica->wiped = false;
    replica->power_failed = false;
    const auto node = nodes_.find(event.n);
    if (before_.wiped)
        replica->flushed = Offset();
    const bool lossy = before_.wiped || before_.power_failed ||
                       (node != nodes_.end() && node->second.last_stop == StopMode::Power);
    if (lossy && !removed_.empty())
        note_lost(partitions_[p], *replica, *event.n.kafka_id(), removed_);
    replica->flushed = std::min(replica->flushed, leo);
}

void ClusterView::apply(const Event& event, const BecameLeader& e) {
    settle_end(event, e.p, e.leo);
    if (ReplicaView* const replica = replica_of(event, e.p)) {
        replica->role = Role::Leader;
        replica->epoch = e.epoch;
        replica->epoch_start = e.leo;
        take_up(event, partitions_[e.p], *replica);
        confirm_isr(event, e.p, partitions_[e.p].isr);
        if (e.p.topic == GroupFold::kOffsetsTopic)
            look_for_loss(partitions_[e.p], *replica, event.i, e.leo);
    }
}

void ClusterView::apply(const Event& event, const BecameFollower& e) {
    settle_end(event, e.p, e.leo);
    if (ReplicaView* const replica = replica_of(event, e.p)) {
        replica->role = Role::Follower;
        replica->epoch = e.epoch;
    }
}

void ClusterView::raise_hw(const Event& event, const TopicPartition& p, Offset hw) {
    ReplicaView* const replica = replica_of(event, p);
    if (replica == nullptr)
        return;
    replica->hw = hw;
    if (replica->role != Role::Leader)
        return;
    PartitionView& partition = partitions_[p];
    partition.leader_hw = std::max(partition.leader_hw.value_or(hw), hw);
    claim_ = judge_claim(partition, *replica, hw);
    if (!claim_->lacking || claim_->power || claim_->forgotten)
        partition.truth.raise(replica->log, hw);
    if (p.topic == GroupFold::kOffsetsTopic)
        note_committed(partition, *replica, hw);
}

void ClusterView::note_committed(PartitionView& partition, const ReplicaView& leader, Offset hw) {
    if (leader.epoch < partition.led_epoch || hw <= partition.committed_end)
        return;
    const LoggedBatch* const last = leader.log.at(hw + -1);
    partition.committed_end = hw;
    partition.committed = last == nullptr ? std::nullopt : std::optional(*last);
}

void ClusterView::look_for_loss(PartitionView& partition,
                                const ReplicaView& leader,
                                EventNumber now,
                                Offset leo) {
    if (leader.epoch < partition.led_epoch)
        return;
    partition.led_epoch = leader.epoch;
    const auto& batch = partition.committed;
    const bool holds = leo >= partition.committed_end && (!batch || leader.log.holds(*batch));
    if (holds)
        return;
    const auto& unclean = partition.last_unclean_epoch;
    partition.committed_loss =
        CommittedLoss{now, batch, unclean && (!batch || *unclean > batch->epoch)};
    partition.committed.reset();
    partition.committed_end = Offset();
}

void ClusterView::confirm_isr(const Event& event,
                              const TopicPartition& p,
                              const std::vector<BrokerId>& isr) {
    PartitionView& partition = partitions_[p];
    const ReplicaView* const leader = partition.acting_leader();
    if (partition.forgotten.empty() || leader == nullptr || leader != replica_of(event, p))
        return;
    partition.forgotten.confirmed(isr);
    settle_forgotten(partition);
}

void ClusterView::settle_forgotten(PartitionView& partition) {
    if (partition.forgotten.empty())
        return;
    partition.forgotten.drop_if([&](BrokerId broker) {
        const ReplicaView* const replica = partition.replica(broker);
        return replica != nullptr && replica->log.end() >= partition.leader_hw &&
               partition.truth.held_by(replica->log);
    });
}

void ClusterView::apply(const Event& event, const IsrShrunk& e) {
    confirm_isr(event, e.p, e.isr);
}

void ClusterView::apply(const Event& event, const IsrExpanded& e) {
    confirm_isr(event, e.p, e.isr);
}

void ClusterView::apply(const Event&, const IsrProposalDropped& e) {
    partitions_[e.p].forgotten.dropped(e);
}

void ClusterView::apply(const Event& event, const HwAdvanced& e) {
    raise_hw(event, e.p, e.hw);
}

void ClusterView::apply(const Event& event, const RaftHw& e) {
    raise_hw(event, metadata_partition(), e.hw);
}

void ClusterView::apply(const Event& event, const LogAppended& e) {
    const auto id = event.n.kafka_id();
    if (!id)
        return;
    PartitionView& partition = partitions_[e.p];
    ReplicaView* const replica = &partition.by_broker[*id];
    LoggedBatch batch{e.base, e.last, e.epoch, e.crc};
    batch.producer_id = e.producer_id.value_or(-1);
    batch.producer_epoch = e.producer_epoch.value_or(-1);
    batch.sequence = e.sequence.value_or(-1);
    replica->log.append(batch, removed_);
    replica->furthest = std::max(replica->furthest, replica->log.end());
    replica->flushed = std::min(replica->flushed, e.base);
    if (replica->before_loss && replica->log.end() >= *replica->before_loss)
        replica->before_loss.reset();
    settle_forgotten(partition);
}

void ClusterView::apply(const Event&, const BrokerRegistered& e) {
    BrokerView& broker = brokers_[e.broker];
    // The same life may register once more, and keeps its state.
    if (!broker.known || broker.epoch != e.broker_epoch)
        broker.fenced = true;
    broker.known = true;
    broker.epoch = e.broker_epoch;
    broker.registered = true;
}

void ClusterView::apply(const Event&, const BrokerFenced& e) {
    brokers_[e.broker].fenced = true;
}

void ClusterView::apply(const Event&, const BrokerUnfenced& e) {
    brokers_[e.broker].fenced = false;
}

void ClusterView::apply(const Event& event, const LogFlushed& e) {
    ReplicaView* const replica = replica_of(event, e.p);
    if (replica == nullptr)
        return;
    Offset to = e.to;
    // The metadata log is flushed while nothing else happens to it.
    if (replica->cut && event.t - replica->cut->at < kFlushTakes && e.p != metadata_partition())
        to = std::min(to, replica->cut->to);
    replica->flushed = std::max(replica->flushed, to);
}

void ClusterView::apply(const Event& event, const LogTruncated& e) {
    ReplicaView* const replica = replica_of(event, e.p);
    if (replica == nullptr)
        return;
    replica->cut = ReplicaView::Cut{e.to, event.t};
    replica->flushed = std::min(replica->flushed, e.to);
    replica->recovered = std::min(replica->recovered, e.to);
    if (e.to >= e.from) {
        // The old files may come back, in part or none of them.
        replica->cut->to = Offset();
        replica->flushed = Offset();
        replica->recovered = e.to;
        replica->furthest = std::max(replica->furthest, e.to);
        replica->log.clear_and_start_at(e.to, removed_);
        if (replica->hw)
            replica->hw = e.to;
    } else {
        replica->log.set_end(e.to, removed_);
        if (replica->hw)
            replica->hw = std::min(*replica->hw, e.to);
    }
}

void ClusterView::apply(const Event& event, const LogStartAdvanced& e) {
    ReplicaView* const replica = replica_of(event, e.p);
    if (replica != nullptr)
        replica->log.set_start(e.to);
}

void ClusterView::apply(const Event& event, const LogRecovered& e) {
    settle_end(event, e.p, e.leo);
    ReplicaView* const replica = replica_of(event, e.p);
    if (replica == nullptr)
        return;
    replica->recovered = e.leo;
    replica->cut.reset();
    if (!before_.power_failed)
        return;
    // What is there has been read from the device.
    replica->flushed = e.leo;
    replica->furthest = e.leo;
}

}  // namespace bsim
