// What the view makes of lossy crashes, and of what leaders say is committed.

#include <algorithm>
#include <utility>

#include "sim/check/cluster_view.h"

namespace bsim {

const std::set<BrokerId>* PartitionView::lost_by(const LoggedBatch& batch) const {
    const auto found = lost_in_crash.find({batch.base, batch.epoch});
    return found == lost_in_crash.end() ? nullptr : &found->second;
}

const std::vector<BrokerId>* PartitionView::isr_of(LeaderEpoch epoch) const {
    if (known && epoch == leader_epoch)
        return &isr;
    const auto found = old_isrs.find(epoch);
    return found == old_isrs.end() ? nullptr : &found->second;
}

bool ClusterView::takes_part(BrokerId broker) const {
    const auto found = brokers_.find(broker);
    return found == brokers_.end() || (found->second.up && found->second.registered);
}

void ClusterView::note_lost(PartitionView& partition,
                            ReplicaView& replica,
                            BrokerId broker,
                            const std::vector<LoggedBatch>& removed) {
    Offset end = replica.log.end();
    for (const LoggedBatch& batch : removed) {
        end = std::max(end, batch.last + 1);
        // What was on disk has no business to be gone.
        if (batch.last >= replica.flushed)
            partition.lost_in_crash[{batch.base, batch.epoch}].insert(broker);
    }
    replica.before_loss = std::max(replica.before_loss.value_or(end), end);
}

void ClusterView::take_up(const Event& event, PartitionView& partition, const ReplicaView& leader) {
    // News that came late: the controller has gone on, and this leader will not count.
    if (leader.epoch < partition.leader_epoch)
        return;
    const LeaderEpoch since = std::exchange(partition.truth_epoch, leader.epoch);
    if (partition.truth.held_by(leader.log))
        return;
    TruthLoss loss{event.i, since, partition.truth.end(), Offset(), std::nullopt};
    loss.batch = partition.truth.adopt(leader.log);
    loss.to = partition.truth.end();
    partition.truth_loss = loss;
}

HwClaim ClusterView::judge_claim(const PartitionView& partition,
                                 const ReplicaView& leader,
                                 Offset hw) {
    HwClaim claim;
    const std::vector<BrokerId>* const isr = partition.isr_of(leader.epoch);
    if (isr == nullptr)
        return claim;
    for (const BrokerId member : *isr) {
        const ReplicaView* const replica = partition.replica(member);
        // Of a replica without any event nothing is known.
        if (replica == nullptr || replica == &leader || agrees_below(leader.log, replica->log, hw))
            continue;
        const bool power = replica->before_loss && *replica->before_loss >= hw;
        const bool forgotten = partition.forgotten.contains(member);
        if (claim.lacking && (power || (forgotten && !claim.power)))
            continue;
        claim = {member, replica->log.end(), power, forgotten};
        if (!power && !forgotten)
            break;
    }
    return claim;
}

}  // namespace bsim
