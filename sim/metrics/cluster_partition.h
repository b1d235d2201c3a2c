#pragma once
// kafka_cluster_partition_*: each replica's view of its partition, per broker.
// Source: kafka.cluster.Partition. A replica that does not lead reports 0 throughout, so that the
// sum over the brokers is the leader's value.

#include "sim/metrics/metric_family.h"

namespace bsim::metrics {

class ClusterPartitionMetrics : public MetricFamily {
  public:
    void on(const Event& event, const ClusterState& cluster) override;
    void collect(const ClusterState& cluster, SampleSink& out) const override;
};

}  // namespace bsim::metrics
