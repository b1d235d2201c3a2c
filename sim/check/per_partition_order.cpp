#include "sim/check/per_partition_order.h"

#include <algorithm>
#include <fmt/format.h>

namespace bsim {

void PerPartitionOrder::on(const Event& event, const ClusterView& view) {
    if (const auto* acked = as<ProduceAcked>(event)) {
        on_acked(event, *acked, view);
    } else if (const auto* consumed = as<RecordsConsumed>(event)) {
        on_consumed(event, *consumed);
    } else if (const auto* reset = as<PositionReset>(event)) {
        positions_[event.n][reset->p] = reset->to;
    } else if (as<AssignmentChanged>(event) != nullptr || as<NodeStarted>(event) != nullptr) {
        positions_.erase(event.n);
    } else if (const auto* leader = as<BecameLeader>(event)) {
        on_leader(*leader, view);
    } else if (const auto* changed = as<PartitionChanged>(event)) {
        if (changed->reason != "created")
            return;
        sent_.erase(changed->p);
        for (auto& [consumer, positions] : positions_)
            positions.erase(changed->p);
    }
}

void PerPartitionOrder::on_acked(const Event& event,
                                 const ProduceAcked& e,
                                 const ClusterView& view) {
    if (e.base < Offset() || e.count <= 0)
        return;
    const PartitionView* const partition = view.partition(e.p);
    const ReplicaView* const leader = partition == nullptr ? nullptr : partition->acting_leader();
    const LoggedBatch* const found = leader == nullptr ? nullptr : leader->log.at(e.base);
    // A leader that was deposed may have given offsets that others have now.
    if (found == nullptr || found->base != e.base || found->crc != e.crc)
        return;
    const Sent sent{e.base, event.t - e.latency_ns};
    Batches& batches = sent_[e.p][event.n];
    const auto at = std::partition_point(batches.begin(), batches.end(),
                                         [&](const Sent& other) { return other.base < sent.base; });
    if (at != batches.end() && at->base == sent.base)
        return;
    evaluated();
    if (at != batches.begin() && std::prev(at)->begun > sent.begun) {
        tell(event, e, sent, *std::prev(at));
    } else if (at != batches.end() && sent.begun > at->begun) {
        tell(event, e, *at, sent);
    }
    batches.insert(at, sent);
}

// `first` was begun before `second`, but stands behind it.
void PerPartitionOrder::tell(const Event& event,
                             const ProduceAcked& e,
                             const Sent& first,
                             const Sent& second) {
    const bool may_overtake =
        e.producer_id < 0 && !settings_.one_in_flight.contains(event.n.text());
    judge(event.i, event.t,
          fmt::format("{}: {} sent the batch at {} before that at {}", e.p.to_string(),
                      event.n.text(), first.base.value(), second.base.value()),
          may_overtake ? "several requests under way without idempotence" : "");
}

void PerPartitionOrder::on_leader(const BecameLeader& e, const ClusterView& view) {
    const auto found = sent_.find(e.p);
    if (found == sent_.end() || e.epoch < view.partition(e.p)->leader_epoch)
        return;
    for (auto& [producer, batches] : found->second) {
        while (!batches.empty() && batches.back().base >= e.leo)
            batches.pop_back();
    }
}

void PerPartitionOrder::on_consumed(const Event& event, const RecordsConsumed& e) {
    const auto [position, first] = positions_[event.n].try_emplace(e.p, e.to);
    if (first)
        return;
    evaluated();
    if (e.from < position->second) {
        violated(event.i, event.t,
                 fmt::format("{}: {} is handed {}, its position was {}", e.p.to_string(),
                             event.n.text(), e.from.value(), position->second.value()));
    }
    position->second = e.to;
}

}  // namespace bsim
