#include "sim/check/committed_prefix.h"

#include <algorithm>
#include <fmt/format.h>

#include "sim/check/excuse.h"

namespace bsim {

void CommittedPrefix::on(const Event& event, const ClusterView& view) {
    const auto id = event.n.kafka_id();
    if (const auto* changed = as<PartitionChanged>(event)) {
        if (changed->reason == "created")
            partitions_.erase(changed->p);
        return;
    }
    if (!id)
        return;
    if (const auto* hw = as<HwAdvanced>(event)) {
        on_hw(event, hw->p, hw->hw, view);
    } else if (const auto* raft = as<RaftHw>(event)) {
        on_hw(event, ClusterView::metadata_partition(), raft->hw, view);
    } else if (const auto* appended = as<LogAppended>(event)) {
        on_removed(*id, appended->p, view);
        on_append(event, *appended, view);
    } else if (const auto* truncated = as<LogTruncated>(event)) {
        on_removed(*id, truncated->p, view);
    } else if (const auto* recovered = as<LogRecovered>(event)) {
        on_removed(*id, recovered->p, view);
    } else if (const auto* follower = as<BecameFollower>(event)) {
        on_removed(*id, follower->p, view);
    } else if (const auto* leader = as<BecameLeader>(event)) {
        on_removed(*id, leader->p, view);
        on_leader(event, *leader, view);
    }
}

void CommittedPrefix::on_removed(BrokerId broker,
                                 const TopicPartition& p,
                                 const ClusterView& view) {
    if (view.removed().empty())
        return;
    const auto found = partitions_.find(p);
    if (found == partitions_.end())
        return;
    const auto proved = found->second.proved.find(broker);
    if (proved == found->second.proved.end())
        return;
    for (const LoggedBatch& batch : view.removed()) {
        proved->second = std::min(proved->second, batch.base);
    }
}

void CommittedPrefix::on_hw(const Event& event,
                            const TopicPartition& p,
                            Offset hw,
                            const ClusterView& view) {
    const BrokerId id = *event.n.kafka_id();
    const PartitionView* const partition = view.partition(p);
    const ReplicaView* const replica = partition == nullptr ? nullptr : partition->replica(id);
    if (replica == nullptr)
        return;
    Committed& committed = partitions_[p];
    Offset& proved = committed.proved.try_emplace(id, Offset()).first->second;
    const auto& batches = replica->log.batches();
    for (std::size_t i = replica->log.index_at(proved); i < batches.size(); ++i) {
        const LoggedBatch& mine = batches[i];
        if (mine.last >= hw)
            break;
        if (mine.base >= committed.log.end()) {
            committed.log.append(mine, scratch_);
            continue;
        }
        const std::size_t at = committed.log.index_at(mine.base);
        const LoggedBatch& agreed = committed.log.batches()[at];
        // Nobody told what is committed here: a log that starts later was the first witness.
        if (agreed.base > mine.last)
            continue;
        evaluated();
        if (agreed == mine)
            continue;
        violated(event.i, event.t,
                 fmt::format("{}: {} holds {} below its high watermark {}, but {} is committed",
                             p.to_string(), event.n.text(), mine.to_string(), hw.value(),
                             agreed.to_string()));
        break;
    }
    proved = std::max(proved, hw);
    scratch_.clear();
}

void CommittedPrefix::compare(const Event& event,
                              const TopicPartition& p,
                              const ReplicaLog& mine,
                              const std::pair<const BrokerId, ReplicaView>& other) {
    const BrokerId id = *event.n.kafka_id();
    const LoggedBatch& newest = mine.batches().back();
    const ReplicaLog& log = other.second.log;
    const LoggedBatch* const found = log.at(newest.base);
    if (found == nullptr || found->base != newest.base || found->epoch != newest.epoch)
        return;
    evaluated();
    std::string wrong;
    const LoggedBatch* const my_previous = mine.before(mine.batches().size() - 1);
    const LoggedBatch* const its_previous =
        log.before(static_cast<std::size_t>(found - log.batches().data()));
    if (*found != newest) {
        wrong = fmt::format("{} appends {}, but broker {} holds {}", event.n.text(),
                            newest.to_string(), other.first.value(), found->to_string());
    } else if (my_previous != nullptr && its_previous != nullptr && *my_previous != *its_previous) {
        wrong = fmt::format("{} appends {} after {}, but broker {} holds it after {}",
                            event.n.text(), newest.to_string(), my_previous->to_string(),
                            other.first.value(), its_previous->to_string());
    }
    if (wrong.empty())
        return;
    const auto pair = std::minmax(id, other.first);
    if (partitions_[p].parted.insert({pair.first, pair.second}).second) {
        violated(event.i, event.t, p.to_string() + ": " + wrong);
    }
}

void CommittedPrefix::on_append(const Event& event, const LogAppended& e, const ClusterView& view) {
    const BrokerId id = *event.n.kafka_id();
    const PartitionView* const partition = view.partition(e.p);
    const ReplicaLog& mine = partition->replica(id)->log;
    for (const auto& other : partition->by_broker) {
        if (other.first != id)
            compare(event, e.p, mine, other);
    }
}

void CommittedPrefix::on_leader(const Event& event,
                                const BecameLeader& e,
                                const ClusterView& view) {
    const auto found = partitions_.find(e.p);
    const PartitionView* const partition = view.partition(e.p);
    if (found == partitions_.end() || e.epoch < partition->leader_epoch)
        return;
    Committed& committed = found->second;
    const bool unclean = partition->last_unclean_epoch > committed.unclean_applied &&
                         settings_.unclean_allowed(e.p.topic);
    committed.unclean_applied = partition->last_unclean_epoch;
    const ReplicaLog& log = partition->replica(*event.n.kafka_id())->log;
    const auto& batches = committed.log.batches();
    // Logs that hold a batch hold what is before it (R5).
    const auto lacking = std::partition_point(batches.begin(), batches.end(),
                                              [&](const LoggedBatch& b) { return log.holds(b); });
    if (lacking == batches.end())
        return;
    if (!unclean &&
        excuse_for_loss(settings_, e.p, *partition, *lacking, partition->leader_epoch).empty())
        return;
    const Offset cut = lacking->base;
    committed.log.set_end(cut, scratch_);
    scratch_.clear();
    for (auto& [broker, proved] : committed.proved)
        proved = std::min(proved, cut);
}

}  // namespace bsim
