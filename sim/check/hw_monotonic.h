#pragma once
// hw-monotonic: the high watermark never falls within an epoch, and nobody is ahead of the truth.
// Exact invariants R10 to R14 and R16 of facts/invariants.md, and K3 (family I6).
//
// Violations:
//   R10  HwAdvanced below the replica's last one in the same epoch and the same life of its
//        process; RaftHw likewise. A restarted replica may begin lower, at its checkpoint, and a
//        truncation takes a follower's high watermark down with it;
//        a high watermark above the replica's own log end, or a log start above it;
//        a leader that cuts its log below its high watermark within its epoch.
//   R11, R13  a leader raises its high watermark although a member of the controller's ISR (of the
//        last ISR of its epoch, if it is deposed) does not hold the very batch below it; or
//        although every ISR that it can know of has fewer members than min.insync.replicas.
//   R12  a follower's high watermark above the highest that any leader of the partition has
//        reached.
//   R14  a consumer is handed records above what is committed in truth (check/committed_truth.h),
//        or records of other epochs than those committed at their offsets.
//   R16  a follower cuts off what is committed in truth, or goes below its own high watermark.
// All logs are looked at, not what the leader knows of them. Permitted: what check/excuse.h
// permits, a member for which its leader does not wait (check/forgotten_newcomers.h), and a cut of
// what a leader had lost already (that loss is another check's). A member that lost its tail in a
// lossy crash does not count against a leader that cannot know of it.
// Statements about something that no event has told of yet are not evaluated.

#include <map>
#include <utility>
#include <vector>

#include "sim/check/checker.h"

namespace bsim {

class HwMonotonic : public Checker {
  public:
    explicit HwMonotonic(const CheckSettings& settings)
        : Checker("hw-monotonic", CheckKind::Safety), settings_(settings) {}

    void on(const Event& event, const ClusterView& view) override;

  private:
    struct Seen {
        LeaderEpoch epoch;
        Offset hw;
    };
    using ReplicaKey = std::pair<NodeName, TopicPartition>;

    void rises(const Event& event, const TopicPartition& p, LeaderEpoch epoch, Offset hw);
    void within_bounds(const Event& event, const HwAdvanced& e, const ClusterView& view);
    void on_claim(const Event& event, const HwAdvanced& e, const ClusterView& view);
    void on_leader_cut(const Event& event, const LogTruncated& e, const ReplicaView& leader);
    void on_follower_cut(const Event& event, const LogTruncated& e, const ClusterView& view);
    void on_truncated(const Event& event, const LogTruncated& e, const ClusterView& view);
    void on_consumed(const Event& event, const RecordsConsumed& e, const ClusterView& view);
    void on_start(const Event& event, const LogStartAdvanced& e, const ClusterView& view);
    void on_changed(const PartitionChanged& e);
    void on_confirmed(const Event& event,
                      const TopicPartition& p,
                      const std::vector<BrokerId>& isr,
                      const ClusterView& view);

    CheckSettings settings_;
    std::map<ReplicaKey, Seen> seen_;
    // The ISRs of the present leader epoch that the leader may think of as committed: from the one
    // that it confirmed last on, or from the first one.
    struct Known {
        LeaderEpoch epoch;
        std::vector<std::vector<BrokerId>> isrs;
    };
    std::map<TopicPartition, Known> known_;
};

}  // namespace bsim
