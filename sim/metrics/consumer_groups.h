#pragma once
// kafka_consumergroup_*: committed offsets, lag and members of consumer groups, under the names of
// danielqsj/kafka_exporter, which asks the cluster from outside: its samples belong to no node.
// And brokersim_group_rebalances: completed rebalances of each group since the run began.
//
// Lag is what a partition's leader answers for its "latest" offset, less the committed offset; it
// has no sample while there is no such answer (ClusterState::latest_offset). The sums are over the
// partitions with a committed offset, the lag's over those whose lag is known.
// Not those of a group that is deleted or expired.

#include "sim/metrics/metric_family.h"

namespace bsim::metrics {

class ConsumerGroupMetrics : public MetricFamily {
  public:
    void on(const Event& event, const ClusterState& cluster) override;
    void collect(const ClusterState& cluster, SampleSink& out) const override;
};

}  // namespace bsim::metrics
