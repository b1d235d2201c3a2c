#pragma once
// replicas-converge: at the end of the run the cluster has healed. A liveness check: it counts only
// if the scenario expects it. Invariants L1, L2 and L3 of facts/invariants.md.
//
// Demanded are the replicas of a partition whose broker is up at the end, not paused and no target
// of a fault that is still open. Violations, for each partition that is not deleted:
//   - a demanded replica is in ISR or ELR, but the partition has no leader;
//   - a demanded replica is not in the ISR;
//   - a demanded replica lacks what the leader had `settle_ns` before the end, or differs from the
//     leader below that offset;
//   - with as many ISR members as min.insync.replicas, the leader's high watermark, or that of an
//   ISR
//     member, as far as it was told since the broker started, has not reached that offset.
// Producers may write to the very end: what is younger than `settle_ns` is left out. Where they
// stopped before, this says that all log ends are equal and the high watermark has reached them.
// Not evaluated: partitions whose leader is itself not demanded, or where no demanded replica may
// lead.

#include <deque>
#include <map>
#include <utility>

#include "sim/check/checker.h"

namespace bsim {

class ReplicasConverge : public Checker {
  public:
    explicit ReplicasConverge(const CheckSettings& settings)
        : Checker("replicas-converge", CheckKind::Liveness), settings_(settings) {}

    void on(const Event& event, const ClusterView& view) override;
    void finish(const EndOfRun& end, const ClusterView& view) override;

  private:
    // The leader's log end over the last `settle_ns`.
    struct Ends {
        Offset settled;
        std::deque<std::pair<SimTime, Offset>> recent;
    };

    void settle(Ends& ends, SimTime now) const;
    void judge(const EndOfRun& end, const TopicPartition& p, const ClusterView& view);
    void judge_replica(const EndOfRun& end,
                       const TopicPartition& p,
                       BrokerId broker,
                       const ClusterView& view);
    void judge_hw(const EndOfRun& end,
                  const TopicPartition& p,
                  BrokerId broker,
                  const PartitionView& partition);

    CheckSettings settings_;
    std::map<TopicPartition, Ends> ends_;
};

}  // namespace bsim
