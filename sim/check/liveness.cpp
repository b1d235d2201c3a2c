#include "sim/check/liveness.h"

#include <algorithm>
#include <fmt/format.h>

namespace bsim {
namespace {

// An election takes this long at most if nothing is in its way.
constexpr SimDuration kQuorumPause = seconds(5);

bool is_well(const NodeName& node, const ClusterView& view) {
    return view.is_up(node) && !view.is_paused(node) && !view.under_fault(node);
}

bool could_be_led(const PartitionView& partition, const ClusterView& view) {
    const auto well = [&](BrokerId broker) { return is_well(NodeName::broker(broker), view); };
    return std::any_of(partition.isr.begin(), partition.isr.end(), well) ||
           std::any_of(partition.elr.begin(), partition.elr.end(), well);
}

bool is_led(const PartitionView& partition, const ClusterView& view) {
    return partition.leader && view.is_up(NodeName::broker(*partition.leader)) &&
           partition.acting_leader() != nullptr;
}

// Or deletes partitions.
bool changes_many(const Event& event) {
    return as<TopicDeleted>(event) != nullptr || as<NodeStarted>(event) != nullptr ||
           as<NodeStopped>(event) != nullptr || as<NodePaused>(event) != nullptr ||
           as<NodeResumed>(event) != nullptr || as<FaultStarted>(event) != nullptr ||
           as<FaultEnded>(event) != nullptr;
}

// The partition whose leader the event may have changed, if it is of one.
const TopicPartition* whose_leader(const Event& event) {
    if (const auto* changed = as<PartitionChanged>(event))
        return &changed->p;
    if (const auto* leader = as<BecameLeader>(event))
        return &leader->p;
    if (const auto* follower = as<BecameFollower>(event))
        return &follower->p;
    return nullptr;
}

}  // namespace

void Liveness::on(const Event& event, const ClusterView& view) {
    if (const auto* raft = as<RaftRole>(event)) {
        if (raft->role != RaftRoleName::Observer && raft->role != RaftRoleName::Unattached)
            voters_.insert(event.n);
    } else if (as<RaftHw>(event) != nullptr) {
        judge_quorum(event.i, event.t);
        quorum_ = {};
        const bool rested = quorum_rests(event.t);
        if (rested)
            partitions_.clear();
        hw_raised_ = event.t;
        judge_all(event.i, event.t);
        if (rested)
            look_at_all(event.t, view);
        else
            look_at_quorum(event.t, view);
    } else if (changes_many(event)) {
        judge_all(event.i, event.t);
        look_at_all(event.t, view);
    } else if (const TopicPartition* const p = whose_leader(event)) {
        judge_partition(*p, event.i, event.t);
        if (const PartitionView* const partition = view.partition(*p))
            look_at(*p, *partition, event.t, view);
    }
}

bool Liveness::quorum_is_well(const ClusterView& view) const {
    const auto well = std::count_if(voters_.begin(), voters_.end(),
                                    [&](const NodeName& node) { return is_well(node, view); });
    return !voters_.empty() && 2 * well > static_cast<std::int64_t>(voters_.size());
}

bool Liveness::quorum_rests(SimTime now) const {
    return hw_raised_ && now - *hw_raised_ > kQuorumPause;
}

void Liveness::look_at_all(SimTime now, const ClusterView& view) {
    look_at_quorum(now, view);
    for (const auto& [p, partition] : view.partitions())
        look_at(p, partition, now, view);
}

void Liveness::look_at_quorum(SimTime now, const ClusterView& view) {
    if (!quorum_is_well(view)) {
        quorum_ = {};
        return;
    }
    evaluated();
    if (!quorum_.since)
        quorum_.since = now;
}

// Begins or ends an outage.
void Liveness::look_at(const TopicPartition& p,
                       const PartitionView& partition,
                       SimTime now,
                       const ClusterView& view) {
    if (!partition.known)
        return;
    evaluated();
    if (partition.deleted || is_led(partition, view) || !could_be_led(partition, view))
        partitions_.erase(p);
    else
        partitions_.try_emplace(p, Outage{now});
}

void Liveness::judge_quorum(EventNumber i, SimTime now) {
    judge(quorum_, i, now, "no controller committed anything");
}

void Liveness::judge_all(EventNumber i, SimTime now) {
    judge_quorum(i, now);
    if (quorum_rests(now))
        return;
    for (auto& [p, outage] : partitions_)
        judge(outage, i, now, "nobody led " + p.to_string());
}

void Liveness::judge_partition(const TopicPartition& p, EventNumber i, SimTime now) {
    const auto found = partitions_.find(p);
    if (found != partitions_.end() && !quorum_rests(now))
        judge(found->second, i, now, "nobody led " + p.to_string());
}

void Liveness::judge(Outage& outage, EventNumber i, SimTime now, const std::string& what) {
    if (!outage.since || outage.told || now - *outage.since <= bound_)
        return;
    outage.told = true;
    violated(i, now, fmt::format("{} for {} ms", what, (now - *outage.since).ms()));
}

void Liveness::finish(const EndOfRun& end, const ClusterView& /*view*/) {
    judge_all(end.i, end.t);
}

}  // namespace bsim
