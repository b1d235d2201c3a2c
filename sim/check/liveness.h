#pragma once
// liveness: the cluster can be led. A liveness check: it counts only if the scenario expects it.
// Family I13 of the catalogue.
//
// Violations, each told once an outage:
//   - for longer than the bound no KRaft leader raised the high watermark, which its own NoOp
//     records make it do twice a second, although a majority of the voters was well;
//   - for longer than the bound no broker that is up led a partition in the controller's epoch,
//     although a member of its ISR or ELR was well and the KRaft leader raised the high watermark
//     all the time: without it nobody can be asked to see to a partition.
// Well is a node that is up, not paused and no target of a fault that is still open. The bound is
// CheckSettings::liveness_bound. Voters are the nodes that took a role other than observer.
// O(log n) an event of a partition; events of nodes and faults look at every partition.

#include <map>
#include <optional>
#include <set>

#include "sim/check/checker.h"

namespace bsim {

class Liveness : public Checker {
  public:
    explicit Liveness(const CheckSettings& settings)
        : Checker("liveness", CheckKind::Liveness), bound_(settings.liveness_bound) {}

    void on(const Event& event, const ClusterView& view) override;
    void finish(const EndOfRun& end, const ClusterView& view) override;

  private:
    // Since when something that ought to be there is missing.
    struct Outage {
        std::optional<SimTime> since;
        bool told = false;
    };

    bool quorum_rests(SimTime now) const;
    void look_at_all(SimTime now, const ClusterView& view);
    void look_at_quorum(SimTime now, const ClusterView& view);
    void look_at(const TopicPartition& p,
                 const PartitionView& partition,
                 SimTime now,
                 const ClusterView& view);
    void judge_all(EventNumber i, SimTime now);
    void judge_quorum(EventNumber i, SimTime now);
    void judge_partition(const TopicPartition& p, EventNumber i, SimTime now);
    void judge(Outage& outage, EventNumber i, SimTime now, const std::string& what);
    bool quorum_is_well(const ClusterView& view) const;

    SimDuration bound_;
    std::set<NodeName> voters_;
    std::optional<SimTime> hw_raised_;  // when last; none: never yet
    Outage quorum_;
    std::map<TopicPartition, Outage> partitions_;  // that are missing a leader
};

}  // namespace bsim
