#include "sim/check/stale_epoch_ack.h"

#include <algorithm>
#include <fmt/format.h>

#include "sim/check/excuse.h"

namespace bsim {

namespace {

template <class Counts>
bool held(const PartitionView& partition, const LoggedBatch& batch, Counts counts) {
    return std::any_of(
        partition.by_broker.begin(), partition.by_broker.end(),
        [&](const auto& entry) { return counts(entry.first) && entry.second.log.holds(batch); });
}

}  // namespace

void StaleEpochAck::on(const Event& event, const ClusterView& view) {
    if (const auto* ack = as<ProduceAcked>(event)) {
        on_acked(event, *ack, view);
        return;
    }
    const auto* changed = as<PartitionChanged>(event);
    if (changed != nullptr && changed->reason == "created")
        stale_.erase(changed->p);
    if (view.removed().empty())
        return;
    for (auto& entry : stale_) {
        const auto& p = entry.first;
        const PartitionView& partition = *view.partition(p);
        std::erase_if(entry.second, [&](const Stale& stale) {
            if (held(partition, stale.batch, [](BrokerId) { return true; }))
                return false;
            gone({event.t, event.i}, p, stale, partition);
            return true;
        });
    }
}

void StaleEpochAck::on_acked(const Event& event, const ProduceAcked& ack, const ClusterView& view) {
    const PartitionView* const partition = view.partition(ack.p);
    if (partition == nullptr || !partition->known || partition->deleted || ack.base < Offset() ||
        ack.count <= 0) {
        return;
    }
    const ReplicaView* const replica = partition->replica(ack.broker);
    const LoggedBatch* const batch = replica == nullptr ? nullptr : replica->log.at(ack.base);
    if (batch == nullptr || batch->base != ack.base || batch->last + 1 - ack.base != ack.count ||
        (ack.crc != 0 && batch->crc != ack.crc)) {
        return;
    }
    evaluated();
    if (batch->epoch < partition->leader_epoch)
        stale_[ack.p].push_back({*batch, event.i, partition->leader_epoch, ack.acks});
}

void StaleEpochAck::gone(const EndOfRun& now,
                         const TopicPartition& p,
                         const Stale& stale,
                         const PartitionView& partition) {
    const std::string why =
        stale.acks != -1 ? fmt::format("acks={}", stale.acks)
                         : excuse_for_loss(settings_, p, partition, stale.batch, stale.batch.epoch);
    judge(
        now.i, now.t,
        fmt::format("{}: batch {}, acknowledged in event {} by a leader that epoch {} had "
                    "deposed, is gone",
                    p.to_string(), stale.batch.to_string(), stale.i.value(), stale.newest.value()),
        why);
}

void StaleEpochAck::finish(const EndOfRun& end, const ClusterView& view) {
    for (const auto& [p, list] : stale_) {
        const PartitionView& partition = *view.partition(p);
        if (partition.deleted)
            continue;
        for (const Stale& stale : list) {
            if (!held(partition, stale.batch, [&](BrokerId b) { return partition.in_sync(b); }))
                gone(end, p, stale, partition);
        }
    }
}

}  // namespace bsim
