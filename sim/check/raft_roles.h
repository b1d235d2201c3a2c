#pragma once
// raft-roles: a node of the metadata quorum goes from role to role as KRaft's state machine does,
// and does in each role only what belongs to it. Exact invariants K12 and K11 (in part) of
// facts/invariants.md; that an epoch has one leader says single-leader-per-epoch.
//
// from -> to                                                    epoch
//   any -> unattached, follower                                 a higher one
//   unattached -> unattached (it votes); prospective -> unattached      the same
//   unattached, candidate, prospective -> follower              the same
//   unattached, follower, candidate, prospective -> prospective the same
//   unattached, follower, candidate, prospective, resigned -> candidate  the next one
//   candidate -> leader, leader -> resigned                     the same
// At the start of a process: unattached, follower, candidate or resigned; never candidate in an
// epoch that the node has led, for what it wrote then may not have been flushed.
// `observer` is the follower that is no voter.
//
// Violations:
//   - any other change; a follower without a leader or that follows itself, an unattached node that
//     knows its leader, a leader that names another one;
//   - an observer in a voter's role, and the other way round;
//   - a vote (no pre-vote) from a node that is neither unattached nor prospective in that epoch;
//   - an append to the metadata log by a leader with another epoch than its own, by a follower with
//     a later one than its own, by any other node;
//   - a leader that still leads when another one was elected in a later epoch half as long again as
//     controller.quorum.fetch.timeout.ms and kRaftResignSlack ago: the majority fetches from that
//     one, so it must have resigned (KAFKA-15489). Not counted is the time in which it could not
//     act (punctual.h). Permitted with the switch leader_resign_on_no_fetch off;
//   - a controller that becomes active in an epoch that its node does not lead, or in which it has
//     committed nothing yet.
// Source: QuorumState (3.9; prospective: 4.0), KafkaRaftClient; KIP-595, KIP-996.

#include <map>
#include <optional>
#include <string>

#include "sim/check/checker.h"

namespace bsim {

inline constexpr SimDuration kRaftResignSlack = seconds(5);

class RaftRoles : public Checker {
  public:
    explicit RaftRoles(const CheckSettings& settings)
        : Checker("raft-roles", CheckKind::Safety), settings_(settings) {}

    void on(const Event& event, const ClusterView& view) override;

  private:
    struct Node {
        std::optional<RaftRole> now;              // in this life
        std::optional<LeaderEpoch> led;           // the newest
        std::optional<LeaderEpoch> committed_in;  // the newest in which it raised its mark
        std::int32_t wipes = 0;
        std::optional<SimTime> superseded;  // as a leader, by a later one
    };

    void look_for_leftovers(const Event& event, const ClusterView& view);
    void on_role(const Event& event, const RaftRole& e);
    void on_vote(const Event& event, const RaftVote& e);
    void on_append(const Event& event, const LogAppended& e);
    void on_active(const Event& event, const ControllerElected& e);
    void on_started(const Event& event, const ClusterView& view);
    std::string wrong_start(const Node& node, const RaftRole& e) const;
    std::string wrong_itself(BrokerId id, const RaftRole& e) const;

    CheckSettings settings_;
    std::map<BrokerId, Node> nodes_;
    SimTime next_look_;
};

}  // namespace bsim
