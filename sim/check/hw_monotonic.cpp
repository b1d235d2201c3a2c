#include "sim/check/hw_monotonic.h"

#include <algorithm>
#include <fmt/format.h>

#include "sim/check/event_replica.h"
#include "sim/check/excuse.h"

namespace bsim {

namespace {

// The first committed batch that the event took from the replica's log, nullptr if it took none.
// What goes is a suffix of the log, so the lowest batch decides.
const LoggedBatch* first_committed(const std::vector<LoggedBatch>& removed,
                                   const CommittedTruth& truth) {
    const auto lowest = std::min_element(
        removed.begin(), removed.end(),
        [](const LoggedBatch& a, const LoggedBatch& b) { return a.base < b.base; });
    return lowest != removed.end() && truth.contains(*lowest) ? &*lowest : nullptr;
}

}  // namespace

void HwMonotonic::on(const Event& event, const ClusterView& view) {
    if (const auto* hw = as<HwAdvanced>(event)) {
        rises(event, hw->p, hw->epoch, hw->hw);
        within_bounds(event, *hw, view);
        on_claim(event, *hw, view);
    } else if (const auto* raft = as<RaftHw>(event)) {
        rises(event, ClusterView::metadata_partition(), raft->epoch, raft->hw);
    } else if (const auto* truncated = as<LogTruncated>(event)) {
        on_truncated(event, *truncated, view);
    } else if (const auto* consumed = as<RecordsConsumed>(event)) {
        on_consumed(event, *consumed, view);
    } else if (const auto* start = as<LogStartAdvanced>(event)) {
        on_start(event, *start, view);
    } else if (const auto* shrunk = as<IsrShrunk>(event)) {
        on_confirmed(event, shrunk->p, shrunk->isr, view);
    } else if (const auto* expanded = as<IsrExpanded>(event)) {
        on_confirmed(event, expanded->p, expanded->isr, view);
    } else if (const auto* changed = as<PartitionChanged>(event)) {
        on_changed(*changed);
    } else if (as<NodeStarted>(event) != nullptr) {
        std::erase_if(seen_, [&](const auto& entry) { return entry.first.first == event.n; });
    }
}

void HwMonotonic::on_changed(const PartitionChanged& e) {
    Known& known = known_[e.p];
    if (e.reason == "created") {
        known = {};
        std::erase_if(seen_, [&](const auto& entry) { return entry.first.second == e.p; });
    }
    if (known.epoch != e.leader_epoch)
        known.isrs.clear();
    known.epoch = e.leader_epoch;
    known.isrs.push_back(e.isr);
}

void HwMonotonic::on_confirmed(const Event& event,
                               const TopicPartition& p,
                               const std::vector<BrokerId>& isr,
                               const ClusterView& view) {
    const ReplicaView* const replica = replica_of(event, p, view);
    const auto found = known_.find(p);
    if (replica == nullptr || found == known_.end() || replica->epoch != found->second.epoch)
        return;
    auto& isrs = found->second.isrs;
    const auto confirmed = std::find_if(isrs.rbegin(), isrs.rend(), [&](const auto& other) {
        return std::is_permutation(isr.begin(), isr.end(), other.begin(), other.end());
    });
    if (confirmed != isrs.rend())
        isrs.erase(isrs.begin(), confirmed.base() - 1);
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

void HwMonotonic::on_claim(const Event& event, const HwAdvanced& e, const ClusterView& view) {
    const PartitionView* const partition = view.partition(e.p);
    if (!view.claim() || partition == nullptr || !partition->known || partition->deleted)
        return;
    const LeaderEpoch epoch = replica_of(event, e.p, view)->epoch;
    evaluated();
    const HwClaim& claim = *view.claim();
    if (claim.lacking && !claim.power) {
        const bool unclean = unclean_after(settings_, e.p, *partition, epoch);
        const std::string_view known = claim.forgotten ? ForgottenNewcomers::kExcuse : "";
        judge(event.i, event.t,
              fmt::format("{}: leader {} raises its high watermark to {}, but broker {} of the ISR "
                          "does not hold all below it (its log ends at {})",
                          e.p.to_string(), event.n.text(), e.hw.value(), claim.lacking->value(),
                          claim.its_end.value()),
              unclean ? "an unclean election" : std::string(known));
    }
    const auto known = known_.find(e.p);
    if (known == known_.end() || known->second.epoch != epoch)
        return;
    const std::size_t needed = settings_.needed_isr(e.p.topic, partition->replicas.size());
    const auto& isrs = known->second.isrs;
    const auto enough = [&](const std::vector<BrokerId>& isr) { return isr.size() >= needed; };
    if (std::any_of(isrs.begin(), isrs.end(), enough))
        return;
    violated(event.i, event.t,
             fmt::format("{}: leader {} raises its high watermark to {} with {} in-sync replicas, "
                         "though min.insync.replicas is {}",
                         e.p.to_string(), event.n.text(), e.hw.value(), partition->isr.size(),
                         settings_.min_isr_of(e.p.topic)));
}

void HwMonotonic::on_truncated(const Event& event, const LogTruncated& e, const ClusterView& view) {
    const ReplicaView* const replica = replica_of(event, e.p, view);
    if (replica != nullptr && replica->role == Role::Leader)
        on_leader_cut(event, e, *replica);
    if (replica != nullptr && replica->role == Role::Follower && e.to < e.from)
        on_follower_cut(event, e, view);
    const auto seen = seen_.find({event.n, e.p});
    if (seen != seen_.end())
        seen->second.hw = std::min(seen->second.hw, e.to);
}

void HwMonotonic::on_leader_cut(const Event& event,
                                const LogTruncated& e,
                                const ReplicaView& leader) {
    const auto seen = seen_.find({event.n, e.p});
    if (seen == seen_.end())
        return;
    evaluated();
    if (leader.epoch != seen->second.epoch || e.to >= seen->second.hw)
        return;
    violated(event.i, event.t,
             fmt::format("{}: leader {} cuts its log to {}, below its high watermark {}",
                         e.p.to_string(), event.n.text(), e.to.value(), seen->second.hw.value()));
}

void HwMonotonic::on_follower_cut(const Event& event,
                                  const LogTruncated& e,
                                  const ClusterView& view) {
    const PartitionView& partition = *view.partition(e.p);
    evaluated();
    if (const LoggedBatch* const batch = first_committed(view.removed(), partition.truth)) {
        judge(event.i, event.t,
              fmt::format("{}: {} cuts its log to {}, and with it {}, which is committed",
                          e.p.to_string(), event.n.text(), e.to.value(), batch->to_string()),
              excuse_for_loss(settings_, e.p, partition, *batch, partition.truth_epoch));
        return;
    }
    const auto seen = seen_.find({event.n, e.p});
    if (seen == seen_.end() || e.to >= seen->second.hw)
        return;
    const auto& loss = partition.truth_loss;
    const bool void_already = loss && loss->from > e.to;
    judge(event.i, event.t,
          fmt::format("{}: follower {} cuts its log to {}, below its high watermark {}",
                      e.p.to_string(), event.n.text(), e.to.value(), seen->second.hw.value()),
          void_already ? fmt::format("a leader has lost it, at event {}", loss->i.value()) : "");
}

void HwMonotonic::on_consumed(const Event& event,
                              const RecordsConsumed& e,
                              const ClusterView& view) {
    const PartitionView* const partition = view.partition(e.p);
    if (partition == nullptr || partition->deleted || !partition->leader_hw || e.to <= e.from)
        return;
    evaluated();
    const CommittedTruth& truth = partition->truth;
    const auto& loss = partition->truth_loss;
    const std::string taken =
        loss && loss->from > e.from
            ? fmt::format("a leader has lost it since, at event {}", loss->i.value())
            : "";
    if (e.to > truth.end()) {
        judge(event.i, event.t,
              fmt::format("{}: {} was handed records up to {}, past the high watermark {}",
                          e.p.to_string(), event.n.text(), e.to.value(), truth.end().value()),
              taken);
        return;
    }
    const auto differs = [&](Offset offset, LeaderEpoch epoch) {
        const LoggedBatch* const batch = truth.log().at(offset);
        return batch != nullptr && epoch >= LeaderEpoch(0) && batch->epoch != epoch;
    };
    if (!differs(e.from, e.first_epoch) && !differs(e.to + -1, e.last_epoch))
        return;
    judge(event.i, event.t,
          fmt::format("{}: {} was handed records {}..{} of epochs {}..{}, but others are committed "
                      "there",
                      e.p.to_string(), event.n.text(), e.from.value(), e.to.value() - 1,
                      e.first_epoch.value(), e.last_epoch.value()),
          taken);
}

void HwMonotonic::on_start(const Event& event, const LogStartAdvanced& e, const ClusterView& view) {
    const ReplicaView* const replica = replica_of(event, e.p, view);
    if (replica == nullptr || replica->role == Role::None || !replica->hw)
        return;
    evaluated();
    if (e.to <= *replica->hw)
        return;
    violated(event.i, event.t,
             fmt::format("{}: {} {} moves its log start to {}, past its high watermark {}",
                         e.p.to_string(), replica->role == Role::Leader ? "leader" : "follower",
                         event.n.text(), e.to.value(), replica->hw->value()));
}

}  // namespace bsim
