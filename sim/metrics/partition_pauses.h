#pragma once
// brokersim_group_partition_pause_seconds: for how long partitions of a group had no owner that
// runs, summed over its partitions since the run began. What a rebalance costs: an eager protocol
// pauses all partitions, a cooperative one those that move (KIP-429).
//
// Counted for a partition from its first owner on. Owner is who believes to be (AssignmentChanged);
// one whose process is down or paused does not run. Two that hold a partition make one owner.
// The value is that of the last event.

#include <map>
#include <set>
#include <string>

#include "sim/metrics/metric_family.h"

namespace bsim::metrics {

class PartitionPauses : public MetricFamily {
  public:
    void on(const Event& event, const ClusterState& cluster) override;
    void collect(const ClusterState& cluster, SampleSink& out) const override;

  private:
    struct Group {
        std::map<NodeName, std::set<TopicPartition>> owned;
        std::map<TopicPartition, std::int64_t> running;  // owners that run; all that ever had one
        std::int64_t paused = 0;                         // partitions without
        SimDuration total;                               // until `since`
        SimTime since;
    };

    static void advance(Group& group, SimTime now);
    static void count(Group& group, const TopicPartition& p, std::int64_t change);
    void on_changed(const Event& event, const AssignmentChanged& e);
    // The owner runs from now on, or does so no longer.
    void runs(const Event& event, bool is_up);

    std::map<std::string, Group> groups_;
    std::set<NodeName> away_;
    SimTime now_;  // of the last event
};

}  // namespace bsim::metrics
