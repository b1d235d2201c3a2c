#pragma once
// hw-monotonic: the high watermark never falls within an epoch, and nobody is ahead of the truth.
// Exact invariants R10 and R12 of facts/invariants.md, what events show of R14, and K3 (family I6).
//
// Violations:
//   - HwAdvanced below the replica's last one in the same epoch and the same life of its process;
//     RaftHw likewise. A restarted replica may begin lower, at its checkpoint, and a truncation
//     takes a follower's high watermark down with it;
//   - a high watermark above the replica's own log end;
//   - a leader that cuts its log below its high watermark within its epoch;
//   - a follower's high watermark above the highest that any leader of the partition has reached;
//   - a consumer that was handed records at or above that;
//   - a leader's log start above its high watermark.
// Statements about something that no event has told of yet are not evaluated.

#include <map>
#include <utility>

#include "sim/check/checker.h"

namespace bsim {

class HwMonotonic : public Checker {
  public:
    HwMonotonic() : Checker("hw-monotonic", CheckKind::Safety) {}

    void on(const Event& event, const ClusterView& view) override;

  private:
    struct Seen {
        LeaderEpoch epoch;
        Offset hw;
    };
    using ReplicaKey = std::pair<NodeName, TopicPartition>;

    void rises(const Event& event, const TopicPartition& p, LeaderEpoch epoch, Offset hw);
    void within_bounds(const Event& event, const HwAdvanced& e, const ClusterView& view);
    void on_truncated(const Event& event, const LogTruncated& e, const ClusterView& view);
    void on_consumed(const Event& event, const RecordsConsumed& e, const ClusterView& view);
    void on_start(const Event& event, const LogStartAdvanced& e, const ClusterView& view);

    std::map<ReplicaKey, Seen> seen_;
};

}  // namespace bsim
