#include "sim/check/hw_monotonic.h"

#include <algorithm>
#include <fmt/format.h>

namespace bsim {

namespace {

const ReplicaView* replica_of(const Event& event,
                              const TopicPartition& p,
                              const ClusterView& view) {
    const auto id = event.n.kafka_id();
    const PartitionView* const partition = view.partition(p);
    return id && partition != nullptr ? partition->replica(*id) : nullptr;
}

}  // namespace

void HwMonotonic::on(const Event& event, const ClusterView& view) {
    if (const auto* hw = as<HwAdvanced>(event)) {
        rises(event, hw->p, hw->epoch, hw->hw);
        within_bounds(event, *hw, view);
    } else if (const auto* raft = as<RaftHw>(event)) {
        rises(event, ClusterView::metadata_partition(), raft->epoch, raft->hw);
    } else if (const auto* truncated = as<LogTruncated>(event)) {
        on_truncated(event, *truncated, view);
    } else if (const auto* consumed = as<RecordsConsumed>(event)) {
        on_consumed(event, *consumed, view);
    } else if (const auto* start = as<LogStartAdvanced>(event)) {
        on_start(event, *start, view);
    } else if (const auto* changed = as<PartitionChanged>(event)) {
        if (changed->reason != "created")
            return;
        std::erase_if(seen_, [&](const auto& entry) { return entry.first.second == changed->p; });
    } else if (as<NodeStarted>(event) != nullptr) {
        std::erase_if(seen_, [&](const auto& entry) { return entry.first.first == event.n; });
    }
}

void HwMonotonic::rises(const Event& event, const TopicPartition& p, LeaderEpoch epoch, Offset hw) {
    const auto [seen, fresh] = seen_.try_emplace({event.n, p}, Seen{epoch, hw});
    if (fresh)
        return;
    evaluated();
    if (seen->second.epoch == epoch && hw < seen->second.hw) {
        violated(event.i, event.t,
                 fmt::format("{}: the high watermark of {} falls from {} to {} in epoch {}",
                             p.to_string(), event.n.text(), seen->second.hw.value(), hw.value(),
                             epoch.value()));
    }
    seen->second = {epoch, hw};
}

void HwMonotonic::within_bounds(const Event& event, const HwAdvanced& e, const ClusterView& view) {
    const ReplicaView* const replica = replica_of(event, e.p, view);
    if (replica == nullptr)
        return;
    if (replica->log.end() > Offset()) {
        evaluated();
        if (e.hw > replica->log.end()) {
            violated(event.i, event.t,
                     fmt::format("{}: the high watermark {} of {} is above its log end {}",
                                 e.p.to_string(), e.hw.value(), event.n.text(),
                                 replica->log.end().value()));
        }
    }
    const auto leader_hw = view.partition(e.p)->leader_hw;
    if (replica->role != Role::Follower || !leader_hw)
        return;
    evaluated();
    if (e.hw > *leader_hw) {
        violated(event.i, event.t,
                 fmt::format("{}: the high watermark {} of follower {} is above {}, the highest of "
                             "any leader",
                             e.p.to_string(), e.hw.value(), event.n.text(), leader_hw->value()));
    }
}

void HwMonotonic::on_truncated(const Event& event, const LogTruncated& e, const ClusterView& view) {
    const auto seen = seen_.find({event.n, e.p});
    if (seen == seen_.end())
        return;
    const ReplicaView* const replica = replica_of(event, e.p, view);
    if (replica != nullptr && replica->role == Role::Leader) {
        evaluated();
        if (replica->epoch == seen->second.epoch && e.to < seen->second.hw) {
            violated(event.i, event.t,
                     fmt::format("{}: leader {} cuts its log to {}, below its high watermark {}",
                                 e.p.to_string(), event.n.text(), e.to.value(),
                                 seen->second.hw.value()));
        }
    }
    seen->second.hw = std::min(seen->second.hw, e.to);
}

void HwMonotonic::on_consumed(const Event& event,
                              const RecordsConsumed& e,
                              const ClusterView& view) {
    const PartitionView* const partition = view.partition(e.p);
    if (partition == nullptr || !partition->leader_hw)
        return;
    evaluated();
    if (e.to <= *partition->leader_hw)
        return;
    violated(
        event.i, event.t,
        fmt::format("{}: {} was handed records up to {}, past the high watermark {}",
                    e.p.to_string(), event.n.text(), e.to.value(), partition->leader_hw->value()));
}

void HwMonotonic::on_start(const Event& event, const LogStartAdvanced& e, const ClusterView& view) {
    const ReplicaView* const replica = replica_of(event, e.p, view);
    if (replica == nullptr || replica->role != Role::Leader || !replica->hw)
        return;
    evaluated();
    if (e.to <= *replica->hw)
        return;
    violated(event.i, event.t,
             fmt::format("{}: leader {} moves its log start to {}, past its high watermark {}",
                         e.p.to_string(), event.n.text(), e.to.value(), replica->hw->value()));
}

}  // namespace bsim
