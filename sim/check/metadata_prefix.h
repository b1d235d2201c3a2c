#pragma once
// metadata-prefix: what brokers and controllers apply is a prefix of the metadata that is
// committed. Exact invariants R20 and C6 of facts/invariants.md, as far as events show what a node
// has applied: in the roles that its replicas take, in what leaders propose, in snapshots.
//
// Violations:
//   - a replica takes a role (BecameLeader, BecameFollower) in a leader epoch, or under a leader,
//     that the controller never committed for the partition; BecameLeader names the broker itself;
//   - a leader proposes an ISR on a leader epoch or partition epoch that is not committed yet;
//   - a metadata snapshot is written or loaded that ends beyond the committed log, or whose epoch
//     is not that of the last batch before its end. The committed log is that of the Raft leader
//     up to its high watermark.
// The states of a partition that was deleted count on for its name: a broker may hear of them late.

#include <map>
#include <optional>
#include <set>
#include <utility>

#include "sim/check/checker.h"

namespace bsim {

class MetadataPrefix : public Checker {
  public:
    MetadataPrefix() : Checker("metadata-prefix", CheckKind::Safety) {}

    void on(const Event& event, const ClusterView& view) override;

  private:
    struct Committed {
        std::set<std::pair<LeaderEpoch, std::optional<BrokerId>>> leaders;
        LeaderEpoch leader_epoch;
        PartitionEpoch partition_epoch;
    };

    void on_role(const Event& event,
                 const TopicPartition& p,
                 LeaderEpoch epoch,
                 std::optional<BrokerId> leader);
    void on_proposed(const Event& event, const IsrProposed& e);
    void on_snapshot(const Event& event, const RaftSnapshot& e);

    std::map<TopicPartition, Committed> partitions_;
    CommittedTruth log_;  // of the metadata
};

}  // namespace bsim
