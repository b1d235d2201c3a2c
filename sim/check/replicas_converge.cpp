#include "sim/check/replicas_converge.h"

#include <algorithm>
#include <fmt/format.h>

namespace bsim {

namespace {

bool is_demanded(BrokerId broker, const ClusterView& view) {
    const NodeName node = NodeName::broker(broker);
    return view.is_up(node) && !view.is_paused(node) && !view.under_fault(node);
}

// The first batch below `to` that one of the logs lacks or holds differently; nullptr if none.
const LoggedBatch* first_difference(const ReplicaLog& leader,
                                    const ReplicaLog& follower,
                                    Offset to) {
    const Offset from = std::max(leader.start(), follower.start());
    for (std::size_t i = leader.index_at(from); i < leader.batches().size(); ++i) {
        const LoggedBatch& batch = leader.batches()[i];
        if (batch.last >= to)
            break;
        if (!follower.holds(batch))
            return &batch;
    }
    return nullptr;
}

}  // namespace

void ReplicasConverge::settle(Ends& ends, SimTime now) const {
    while (!ends.recent.empty() && ends.recent.front().first <= now - settings_.settle_ns) {
        ends.settled = ends.recent.front().second;
        ends.recent.pop_front();
    }
}

void ReplicasConverge::on(const Event& event, const ClusterView& view) {
    if (const auto* appended = as<LogAppended>(event)) {
        const auto id = event.n.kafka_id();
        const PartitionView* const partition = view.partition(appended->p);
        const ReplicaView* const replica = id ? partition->replica(*id) : nullptr;
        if (replica == nullptr || replica->role != Role::Leader)
            return;
        Ends& ends = ends_[appended->p];
        settle(ends, event.t);
        ends.recent.emplace_back(event.t, appended->last + 1);
    } else if (const auto* leader = as<BecameLeader>(event)) {
        // A new leader's log end is the truth: what an older one had above it is void.
        Ends& ends = ends_[leader->p];
        settle(ends, event.t);
        ends.settled = std::min(ends.settled, leader->leo);
        ends.recent.clear();
        ends.recent.emplace_back(event.t, leader->leo);
    } else if (const auto* changed = as<PartitionChanged>(event)) {
        if (changed->reason == "created")
            ends_.erase(changed->p);
    }
}

void ReplicasConverge::finish(const EndOfRun& end, const ClusterView& view) {
    for (const auto& [p, partition] : view.partitions()) {
        if (partition.known && !partition.deleted)
            judge(end, p, view);
    }
}

void ReplicasConverge::judge(const EndOfRun& end,
                             const TopicPartition& p,
                             const ClusterView& view) {
    const PartitionView& partition = *view.partition(p);
    settle(ends_[p], end.t);
    if (!partition.leader) {
        const auto able = std::find_if(
            partition.replicas.begin(), partition.replicas.end(), [&](BrokerId broker) {
                return partition.in_sync(broker) && is_demanded(broker, view);
            });
        if (able == partition.replicas.end())
            return;
        evaluated();
        violated(end.i, end.t,
                 fmt::format("{}: has no leader at the end, though broker {} is up and in sync",
                             p.to_string(), able->value()));
        return;
    }
    if (!is_demanded(*partition.leader, view))
        return;
    for (const BrokerId broker : partition.replicas) {
        if (is_demanded(broker, view))
            judge_replica(end, p, broker, view);
    }
}

void ReplicasConverge::judge_replica(const EndOfRun& end,
                                     const TopicPartition& p,
                                     BrokerId broker,
                                     const ClusterView& view) {
    const PartitionView& partition = *view.partition(p);
    evaluated();
    if (std::find(partition.isr.begin(), partition.isr.end(), broker) == partition.isr.end()) {
        violated(end.i, end.t,
                 fmt::format("{}: broker {} is up, but not in the ISR at the end", p.to_string(),
                             broker.value()));
        return;
    }
    const ReplicaView* const leader = partition.replica(*partition.leader);
    const ReplicaView* const replica = partition.replica(broker);
    if (leader == nullptr || replica == nullptr)
        return;
    const Offset settled = ends_[p].settled;
    const LoggedBatch* const missing =
        replica == leader ? nullptr : first_difference(leader->log, replica->log, settled);
    if (missing != nullptr) {
        const LoggedBatch* const instead = replica->log.at(missing->base);
        violated(end.i, end.t,
                 fmt::format("{}: broker {} lacks {} at the end{}", p.to_string(), broker.value(),
                             missing->to_string(),
                             instead == nullptr ? "" : ", and has " + instead->to_string()));
        return;
    }
    judge_hw(end, p, broker, partition);
}

void ReplicasConverge::judge_hw(const EndOfRun& end,
                                const TopicPartition& p,
                                BrokerId broker,
                                const PartitionView& partition) {
    const auto hw = partition.replica(broker)->hw;
    const Offset settled = ends_[p].settled;
    const auto needed = static_cast<std::size_t>(
        std::max(std::min(settings_.min_isr_of(p.topic),
                          static_cast<std::int32_t>(partition.replicas.size())),
                 1));
    if (!hw || partition.isr.size() < needed)
        return;
    evaluated();
    if (*hw >= settled)
        return;
    violated(end.i, end.t,
             fmt::format("{}: the high watermark of broker {} is {} at the end, below {}",
                         p.to_string(), broker.value(), hw->value(), settled.value()));
}

}  // namespace bsim
