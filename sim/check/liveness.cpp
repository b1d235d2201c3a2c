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

bool changes_who_is_well(const Event& event) {
    return as<NodeStarted>(event) != nullptr || as<NodeStopped>(event) != nullptr ||
           as<NodePaused>(event) != nullptr || as<NodeResumed>(event) != nullptr ||
           as<FaultStarted>(event) != nullptr || as<FaultEnded>(event) != nullptr;
}

}  // namespace

void Liveness::on(const Event& event, const ClusterView& view) {
    if (const auto* raft = as<RaftRole>(event)) {
        if (raft->role != RaftRoleName::Observer && raft->role != RaftRoleName::Unattached)
            voters_.insert(event.n);
    } else if (as<RaftHw>(event) != nullptr) {
        judge(quorum_, event.i, event.t, "no controller committed anything");
        quorum_ = {};
        if (quorum_rests(event.t))
            partitions_.clear();
        hw_raised_ = event.t;
    }
    if (changes_who_is_well(event) || as<PartitionChanged>(event) != nullptr ||
        as<BecameLeader>(event) != nullptr || as<RaftHw>(event) != nullptr) {
        judge(event.i, event.t);
        look(event.t, view);
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

// Begins and ends outages.
void Liveness::look(SimTime now, const ClusterView& view) {
    const auto set = [&](Outage& outage, bool missing) {
        if (!missing) {
            outage = {};
        } else if (!outage.since) {
            outage.since = now;
        }
    };
    set(quorum_, quorum_is_well(view));
    for (const auto& [p, partition] : view.partitions()) {
        if (!partition.known)
            continue;
        evaluated();
        set(partitions_[p],
            !partition.deleted && !is_led(partition, view) && could_be_led(partition, view));
    }
}

void Liveness::judge(EventNumber i, SimTime now) {
    judge(quorum_, i, now, "no controller committed anything");
    if (quorum_rests(now))
        return;
    for (auto& [p, outage] : partitions_)
        judge(outage, i, now, "nobody led " + p.to_string());
}

void Liveness::judge(Outage& outage, EventNumber i, SimTime now, const std::string& what) {
    if (!outage.since || outage.told || now - *outage.since <= bound_)
        return;
    outage.told = true;
    violated(i, now, fmt::format("{} for {} ms", what, (now - *outage.since).ms()));
}

void Liveness::finish(const EndOfRun& end, const ClusterView& /*view*/) {
    judge(end.i, end.t);
}

}  // namespace bsim
