#include "sim/check/acked_records_durable.h"

#include <algorithm>
#include <fmt/format.h>

#include "sim/check/excuse.h"

namespace bsim {

namespace {

bool held_by_any(const PartitionView& partition, const LoggedBatch& batch) {
    return std::any_of(partition.by_broker.begin(), partition.by_broker.end(),
                       [&](const auto& entry) { return entry.second.log.holds(batch); });
}

bool held_in_sync(const PartitionView& partition, const LoggedBatch& batch) {
    if (!partition.known)
        return held_by_any(partition, batch);
    return std::any_of(partition.by_broker.begin(), partition.by_broker.end(),
                       [&](const auto& entry) {
                           return partition.in_sync(entry.first) && entry.second.log.holds(batch);
                       });
}

// The batch that the producer means, among those that stand at its offset on some replica. Where
// replicas differ, the producer's own crc decides; then the log of the broker that answered: a
// deposed leader may hold the same bytes of an earlier attempt, and a broker that rewrote the batch
// has changed the crc.
const LoggedBatch* identify(const PartitionView& partition, const ProduceAcked& ack) {
    const LoggedBatch* best = nullptr;
    int best_rank = 0;
    for (const auto& [broker, replica] : partition.by_broker) {
        const LoggedBatch* const found = replica.log.at(ack.base);
        if (found == nullptr || found->base != ack.base ||
            found->last + 1 - ack.base != ack.count) {
            continue;
        }
        const int rank = (ack.crc != 0 && found->crc == ack.crc ? 4 : 0) +
                         (broker == ack.broker ? 2 : 0) + (found->epoch == ack.epoch ? 1 : 0);
        if (rank > best_rank) {
            best = found;
            best_rank = rank;
        }
    }
    return best;
}

// How many replicas have it, or had it until a lossy crash.
std::size_t holders(const PartitionView& partition, const LoggedBatch& batch) {
    const auto* const losers = partition.lost_by(batch);
    return static_cast<std::size_t>(std::count_if(
        partition.by_broker.begin(), partition.by_broker.end(), [&](const auto& entry) {
            return entry.second.log.holds(batch) ||
                   (losers != nullptr && losers->contains(entry.first));
        }));
}

bool any_batch_known(const PartitionView& partition) {
    return std::any_of(partition.by_broker.begin(), partition.by_broker.end(),
                       [](const auto& entry) { return entry.second.log.end() > Offset(); });
}

}  // namespace

AckedRecordsDurable::AckedRecordsDurable(const CheckSettings& settings)
    : Checker("acked-records-durable", CheckKind::Safety), settings_(settings) {}

void AckedRecordsDurable::on(const Event& event, const ClusterView& view) {
    if (const auto* ack = as<ProduceAcked>(event)) {
        on_acked(event, *ack, view);
    } else if (const auto* leader = as<BecameLeader>(event)) {
        on_removed(event, view);
        on_new_leader(event, *leader, view);
    } else if (const auto* changed = as<PartitionChanged>(event)) {
        if (changed->reason == "created")
            acked_.erase(changed->p);
    } else if (!view.removed().empty()) {
        on_removed(event, view);
    }
}

void AckedRecordsDurable::on_acked(const Event& event,
                                   const ProduceAcked& ack,
                                   const ClusterView& view) {
    const PartitionView* const partition = view.partition(ack.p);
    if (ack.acks == 0 || ack.base < Offset() || ack.count <= 0)
        return;
    if (partition == nullptr || partition->deleted || !any_batch_known(*partition))
        return;
    evaluated();
    Acked acked;
    acked.i = event.i;
    acked.acks = ack.acks;
    acked.batch = {ack.base, ack.base + (ack.count - 1), ack.epoch, ack.crc};
    const Moment now{event.i, event.t};
    const LoggedBatch* const found = identify(*partition, ack);
    if (found != nullptr)
        acked.batch = *found;
    acked.since = acked.batch.epoch;
    const ReplicaView* const leader = partition->acting_leader();
    if (found == nullptr) {
        lost(ack.p, acked, now, "is acknowledged, but stands on no replica", view);
    } else if (leader != nullptr && !leader->log.holds(*found)) {
        lost(ack.p, acked, now, "is acknowledged, but the leader does not hold it", view);
    } else if (ack.acks == -1) {
        on_full_ack(acked, ack.p, now, view);
    }
    auto& list = acked_[ack.p];
    const auto at = std::partition_point(list.begin(), list.end(), [&](const Acked& other) {
        return other.batch.base <= acked.batch.base;
    });
    list.insert(at, acked);
}

// What acks=all says at that instant (R17). The answer was under way for a while, but neither can
// have become less since.
void AckedRecordsDurable::on_full_ack(Acked& acked,
                                      const TopicPartition& p,
                                      const Moment& now,
                                      const ClusterView& view) {
    const PartitionView& partition = *view.partition(p);
    const std::size_t needed = settings_.needed_isr(p.topic, partition.replicas.size());
    const std::size_t held = holders(partition, acked.batch);
    if (partition.leader_hw && acked.batch.last >= partition.truth.end()) {
        lost(p, acked, now,
             fmt::format("is acknowledged under acks=all above the high watermark {}",
                         partition.truth.end().value()),
             view);
    } else if (held < needed) {
        lost(p, acked, now,
             fmt::format("is acknowledged under acks=all, but stands on {} replicas, not on {}",
                         held, needed),
             view);
    }
}

void AckedRecordsDurable::on_new_leader(const Event& event,
                                        const BecameLeader& e,
                                        const ClusterView& view) {
    const PartitionView* const partition = view.partition(e.p);
    const auto list = acked_.find(e.p);
    if (partition == nullptr || list == acked_.end())
        return;
    const auto id = event.n.kafka_id();
    const ReplicaView* const leader = id ? partition->replica(*id) : nullptr;
    // News that came late: the controller has gone on, and so have its acknowledgements.
    if (leader == nullptr || e.epoch < partition->leader_epoch)
        return;
    for (Acked& acked : list->second) {
        evaluated();
        if (acked.reported)
            continue;
        if (leader->log.holds(acked.batch)) {
            acked.since = std::max(acked.since, e.epoch);
            continue;
        }
        const LoggedBatch* const other = leader->log.at(acked.batch.base);
        lost(e.p, acked, {event.i, event.t},
             fmt::format("is not in the log of {}, leader of epoch {} from offset {}{}",
                         event.n.text(), e.epoch.value(), e.leo.value(),
                         other == nullptr ? "" : ", which has " + other->to_string()),
             view);
    }
}

void AckedRecordsDurable::on_removed(const Event& event, const ClusterView& view) {
    if (view.removed().empty())
        return;
    const TopicPartition* const p = std::visit(
        [](const auto& body) -> const TopicPartition* {
            if constexpr (requires { body.p; }) {
                return &body.p;
            } else {
                return nullptr;
            }
        },
        event.body);
    if (p == nullptr)
        return;
    const auto list = acked_.find(*p);
    const PartitionView* const partition = view.partition(*p);
    if (list == acked_.end() || partition == nullptr)
        return;
    Offset lowest = view.removed().front().base;
    for (const LoggedBatch& batch : view.removed())
        lowest = std::min(lowest, batch.base);
    auto acked =
        std::partition_point(list->second.begin(), list->second.end(),
                             [&](const Acked& other) { return other.batch.base < lowest; });
    for (; acked != list->second.end(); ++acked) {
        evaluated();
        if (acked->reported || held_by_any(*partition, acked->batch))
            continue;
        lost(*p, *acked, {event.i, event.t},
             fmt::format("is gone from the last replica that held it, {}", event.n.text()), view);
    }
}

std::string AckedRecordsDurable::excuse(const TopicPartition& p,
                                        const Acked& acked,
                                        const PartitionView& partition) const {
    if (acked.acks != -1)
        return fmt::format("acks={}", acked.acks);
    return excuse_for_loss(settings_, p, partition, acked.batch, acked.since);
}

void AckedRecordsDurable::lost(const TopicPartition& p,
                               Acked& acked,
                               const Moment& when,
                               const std::string& how,
                               const ClusterView& view) {
    acked.reported = true;
    const std::string allowed = excuse(p, acked, *view.partition(p));
    std::string detail =
        fmt::format("{}: batch {} {}", p.to_string(), acked.batch.to_string(), how);
    if (when.i != acked.i)
        detail += fmt::format(" (acknowledged by event {})", acked.i.value());
    judge(when.i, when.t, std::move(detail), allowed);
}

void AckedRecordsDurable::finish(const EndOfRun& end, const ClusterView& view) {
    for (auto& [p, list] : acked_) {
        const PartitionView* const partition = view.partition(p);
        if (partition == nullptr || partition->deleted)
            continue;
        for (Acked& acked : list) {
            evaluated();
            if (held_in_sync(*partition, acked.batch))
                continue;
            records_lost_ += acked.batch.last + 1 - acked.batch.base;
            if (!acked.reported) {
                lost(p, acked, {end.i, end.t}, "is held by no in-sync replica at the end", view);
            }
        }
    }
}

}  // namespace bsim
