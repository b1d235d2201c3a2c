#pragma once
// The metadata quorum as DescribeQuorum would show it, from the events: who leads, how far each
// node's copy of the metadata log reaches, when it last fetched.
//
// The leader itself goes by the fetches that it gets, which no event tells of. So a copy's end is
// shown as it is on that node, a moment before the leader knows; the last fetch is the last one of
// which an event shows that it was answered with records; caught up was who then had all that the
// leader had. A leader writes at least a NoOpRecord every metadata.max.idle.interval.ms.
// Source: LeaderState.ReplicaState (3.9).

#include <map>
#include <optional>
#include <set>

#include "sim/base/time.h"
#include "sim/model/ids.h"
#include "sim/trace/event.h"

namespace bsim {

struct QuorumReplica {
    Offset leo;
    // Since the present leader was elected.
    std::optional<SimTime> last_fetch;
    std::optional<SimTime> last_caught_up;

    bool operator==(const QuorumReplica&) const = default;
};

class QuorumFold {
  public:
    void on(const Event& event);

    // Of the highest epoch in which somebody leads and runs.
    std::optional<BrokerId> leader() const { return leader_; }
    // The leader's; while there is none, the highest that any node has told of.
    LeaderEpoch epoch() const { return leader_ ? leader_epoch_ : highest_epoch_; }
    // As the present leader knows it; the last one that was told of while nobody leads.
    std::optional<Offset> hw() const { return hw_; }
    // Nodes whose copy has told of itself.
    const std::map<BrokerId, QuorumReplica>& replicas() const { return replicas_; }
    // Nodes that have done what only a voter does.
    const std::set<BrokerId>& seen_voting() const { return voting_; }

  private:
    template <class Body>
    void apply(BrokerId, SimTime, const Body&) {}
    void apply(BrokerId node, SimTime now, const RaftRole& e);
    void apply(BrokerId node, SimTime now, const NodeStopped& e);
    void apply(BrokerId node, SimTime now, const RaftHw& e);
    void apply(BrokerId node, SimTime now, const LogAppended& e);
    void apply(BrokerId node, SimTime now, const LogTruncated& e);
    void apply(BrokerId node, SimTime now, const LogRecovered& e);

    void elected(BrokerId node, LeaderEpoch epoch);
    void fetched(BrokerId node, SimTime now);

    std::optional<BrokerId> leader_;
    LeaderEpoch leader_epoch_;
    LeaderEpoch highest_epoch_;
    std::optional<Offset> hw_;
    std::map<BrokerId, QuorumReplica> replicas_;
    std::set<BrokerId> voting_;
};

}  // namespace bsim
