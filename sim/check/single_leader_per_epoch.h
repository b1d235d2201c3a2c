#pragma once
// single-leader-per-epoch: an epoch has one leader, and what is older changes nothing.
// Exact invariants R1, R2, R3, C1, C2 (in part) and K2 of facts/invariants.md (family I5).
//
// Violations:
//   - two nodes are named leader of one partition in one leader epoch, by BecameLeader,
//     LeaderElected or PartitionChanged; two controllers in one epoch, by ControllerElected; two
//     Raft leaders in one epoch, by what the nodes' RaftRole events say;
//   - a replica that leads in epoch e appends a batch of another epoch;
//   - a follower in epoch e appends a batch of a later epoch, or one that the leader of epoch e
//   does
//     not hold: a stale leader's;
//   - the epochs of a log's batches fall with rising offsets;
//   - the controller's leader epoch falls, or does not rise by one when the leader changes; its
//     partition epoch does not rise by one;
//   - a replica's role goes back to an older epoch within one life of its process.
// The creation of a partition starts all of its epochs anew. In KRaft there is no controller epoch
// in requests to brokers: of C2 what remains is that no replica acts on an older leader epoch.

#include <map>
#include <optional>
#include <string>

#include "sim/check/checker.h"

namespace bsim {

class SingleLeaderPerEpoch : public Checker {
  public:
    SingleLeaderPerEpoch() : Checker("single-leader-per-epoch", CheckKind::Safety) {}

    void on(const Event& event, const ClusterView& view) override;

  private:
    struct Epochs {
        std::map<LeaderEpoch, BrokerId> leaders;
        bool known = false;  // there was a PartitionChanged
        LeaderEpoch leader_epoch;
        PartitionEpoch partition_epoch;
        std::optional<BrokerId> leader;
        std::map<BrokerId, LeaderEpoch> role_epochs;  // of replicas, in this life
    };

    void on_leader(const Event& event, const TopicPartition& p, LeaderEpoch epoch, BrokerId who);
    void on_role(const Event& event, const TopicPartition& p, LeaderEpoch epoch);
    void on_changed(const Event& event, const PartitionChanged& e);
    void on_appended(const Event& event, const LogAppended& e, const ClusterView& view);
    void on_followed(const Event& event,
                     const LogAppended& e,
                     const PartitionView& partition,
                     const ReplicaView& replica);
    void on_raft(const Event& event, const RaftRole& e);

    std::map<TopicPartition, Epochs> partitions_;
    std::map<LeaderEpoch, NodeName> controllers_;
    std::map<LeaderEpoch, BrokerId> raft_leaders_;
};

}  // namespace bsim
