#include "sim/check/raft_committed.h"

#include <algorithm>
#include <fmt/format.h>

namespace bsim {

namespace {

bool is_metadata(const TopicPartition& p) {
    return p.topic == "__cluster_metadata";
}

// Up to where the node's records are on its disk, or in a snapshot there; what it found when it
// started counts, for so it does for the node.
Offset on_disk(const ReplicaView& replica) {
    return std::max({replica.flushed, replica.recovered, replica.log.start()});
}

bool is_majority(std::int64_t count, const std::vector<BrokerId>& voters) {
    return 2 * count > std::ssize(voters);
}

std::int64_t holders(const LoggedBatch& batch,
                     const std::vector<BrokerId>& voters,
                     const PartitionView& metadata) {
    return std::count_if(voters.begin(), voters.end(), [&](BrokerId voter) {
        const ReplicaView* const replica = metadata.replica(voter);
        return replica != nullptr && replica->log.holds(batch);
    });
}

}  // namespace

void RaftCommitted::on(const Event& event, const ClusterView& view) {
    if (const auto* hw = as<RaftHw>(event)) {
        on_hw(event, *hw, view);
    } else if (const auto* role = as<RaftRole>(event)) {
        if (role->role == RaftRoleName::Leader)
            on_leader(event, *role, view);
    } else if (const auto* cut = as<LogTruncated>(event)) {
        if (is_metadata(cut->p) && cut->to < cut->from)
            on_cut(event, *cut, view);
    } else if (const auto* recovered = as<LogRecovered>(event)) {
        if (is_metadata(recovered->p))
            on_recovered(event, view);
    } else if (const auto* snapshot = as<RaftSnapshot>(event)) {
        on_snapshot(event, *snapshot);
    } else if (const auto* start = as<LogStartAdvanced>(event)) {
        if (is_metadata(start->p))
            on_start(event, *start);
    } else if (as<ControllerElected>(event) != nullptr) {
        active_.insert(event.n);
    } else if (as<ControllerResigned>(event) != nullptr || as<NodeStarted>(event) != nullptr) {
        active_.erase(event.n);
    }
}

void RaftCommitted::on_hw(const Event& event, const RaftHw& e, const ClusterView& view) {
    const auto id = event.n.kafka_id();
    const PartitionView* const metadata = view.partition(ClusterView::metadata_partition());
    const ReplicaView* const leader = id && metadata != nullptr ? metadata->replica(*id) : nullptr;
    if (leader == nullptr)
        return;
    for (auto before = hw_.begin(); before != hw_.end() && before->first < e.epoch; ++before) {
        if (before->second <= e.hw)
            continue;
        violated(event.i, event.t,
                 fmt::format("{} commits up to {} in epoch {}, but {} was reached in epoch {}",
                             event.n.text(), e.hw.value(), e.epoch.value(), before->second.value(),
                             before->first.value()));
        break;
    }
    Offset& reached = hw_.try_emplace(e.epoch, e.hw).first->second;
    reached = std::max(reached, e.hw);
    // Its predecessors have nothing more to say.
    if (hw_.begin()->first < e.epoch && hw_.begin()->second <= e.hw && hw_.size() > 8)
        hw_.erase(hw_.begin());
    highest_ = std::max(highest_, e.hw);
    if (const LoggedBatch* const last = leader->log.at(e.hw + -1)) {
        is_own(event, e, *last);
        on_majority(event, e, *last, *metadata);
    }
    const auto& batches = leader->log.batches();
    for (std::size_t i = leader->log.index_at(committed_.end());
         i < batches.size() && batches[i].last < e.hw; ++i) {
        if (batches[i].base >= committed_.end())
            committed_.append(batches[i], scratch_);
    }
}

void RaftCommitted::is_own(const Event& event, const RaftHw& e, const LoggedBatch& last) {
    evaluated();
    if (last.epoch == e.epoch)
        return;
    judge(
        event.i, event.t,
        fmt::format("{} commits {} in epoch {}", event.n.text(), last.to_string(), e.epoch.value()),
        settings_.commit_own_epoch_only ? "" : "commit_own_epoch_only is off");
}

void RaftCommitted::on_majority(const Event& event,
                                const RaftHw& e,
                                const LoggedBatch& last,
                                const PartitionView& metadata) {
    const auto& voters = settings_.voters;
    if (voters.empty())
        return;
    evaluated();
    const auto holding = holders(last, voters, metadata);
    if (!is_majority(holding, voters)) {
        violated(event.i, event.t,
                 fmt::format("{} commits {}, which {} of {} voters hold", event.n.text(),
                             last.to_string(), holding, voters.size()));
        return;
    }
    const auto flushed = std::count_if(voters.begin(), voters.end(), [&](BrokerId voter) {
        const ReplicaView* const replica = metadata.replica(voter);
        return replica != nullptr && replica->log.holds(last) && on_disk(*replica) >= e.hw;
    });
    if (voters.size() == 1 || is_majority(flushed, voters))
        return;
    violated(event.i, event.t,
             fmt::format("{} commits {}, which {} of {} voters have on disk", event.n.text(),
                         last.to_string(), flushed, voters.size()));
}

void RaftCommitted::on_leader(const Event& event, const RaftRole& e, const ClusterView& view) {
    Offset end;
    for (const auto& [epoch, hw] : hw_) {
        if (epoch < e.epoch)
            end = std::max(end, hw);
    }
    const LoggedBatch* const last = committed_.at(end + -1);
    const auto id = event.n.kafka_id();
    const PartitionView* const metadata = view.partition(ClusterView::metadata_partition());
    if (!id || last == nullptr || metadata == nullptr)
        return;
    evaluated();
    const ReplicaView* const leader = metadata->replica(*id);
    if (leader != nullptr && leader->log.holds(*last))
        return;
    violated(event.i, event.t,
             fmt::format("{} leads in epoch {}, but lacks {}, which is committed", event.n.text(),
                         e.epoch.value(), last->to_string()));
    forget_from(last->base);
}

const LoggedBatch* RaftCommitted::committed_among(const std::vector<LoggedBatch>& removed) const {
    const LoggedBatch* lowest = nullptr;
    for (const LoggedBatch& batch : removed) {
        const LoggedBatch* const agreed = committed_.at(batch.base);
        if (agreed != nullptr && *agreed == batch && (!lowest || batch.base < lowest->base))
            lowest = agreed;
    }
    return lowest;
}

void RaftCommitted::on_cut(const Event& event, const LogTruncated& e, const ClusterView& view) {
    evaluated();
    const LoggedBatch* const gone = committed_among(view.removed());
    if (gone == nullptr)
        return;
    violated(event.i, event.t,
             fmt::format("{} cuts its log to {}, but {} is committed", event.n.text(), e.to.value(),
                         gone->to_string()));
}

void RaftCommitted::on_recovered(const Event& event, const ClusterView& view) {
    const auto id = event.n.kafka_id();
    const auto& voters = settings_.voters;
    if (!id || std::find(voters.begin(), voters.end(), *id) == voters.end())
        return;
    evaluated();
    const LoggedBatch* const gone = committed_among(view.removed());
    if (gone == nullptr)
        return;
    const PartitionView& metadata = *view.partition(ClusterView::metadata_partition());
    const auto holding = holders(*gone, voters, metadata);
    if (is_majority(holding, voters))
        return;
    std::string allowed;
    if (view.before().wiped) {
        allowed = "its disk was replaced";
    } else if (voters.size() == 1) {
        allowed = "a lone voter commits before it flushes";
    } else if (gone->base >= view.before().flushed && gone->base < view.before().recovered) {
        allowed = "it was killed before it had flushed them";
    }
    judge(event.i, event.t,
          fmt::format("{} comes back without {}, which is committed: {} of {} voters hold it",
                      event.n.text(), gone->to_string(), holding, voters.size()),
          allowed);
    forget_from(gone->base);
}

void RaftCommitted::forget_from(Offset from) {
    committed_.set_end(from, scratch_);
    scratch_.clear();
    for (auto& [epoch, hw] : hw_)
        hw = std::min(hw, from);
}

void RaftCommitted::on_snapshot(const Event& event, const RaftSnapshot& e) {
    evaluated();
    const std::string what = fmt::format(
        "{} {} a snapshot that ends at {} in epoch {}", event.n.text(),
        e.how == SnapshotStep::Written ? "writes" : "loads", e.end.value(), e.epoch.value());
    snapshots_.try_emplace(e.end, e.epoch);
    if (e.end > highest_) {
        violated(event.i, event.t, fmt::format("{}, but {} is committed", what, highest_.value()));
    }
    const LoggedBatch* const last = committed_.at(e.end + -1);
    if (last != nullptr && last->epoch != e.epoch)
        violated(event.i, event.t, what + ", but " + last->to_string() + " is committed");
    if (e.how == SnapshotStep::Loaded && active_.contains(event.n))
        violated(event.i, event.t, what + " while it is the active controller");
}

void RaftCommitted::on_start(const Event& event, const LogStartAdvanced& e) {
    evaluated();
    if (snapshots_.contains(e.to))
        return;
    violated(event.i, event.t,
             fmt::format("the log of {} starts at {}, where no snapshot ends", event.n.text(),
                         e.to.value()));
}

}  // namespace bsim
