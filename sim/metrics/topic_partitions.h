#pragma once
// kafka_brokers, kafka_topic_*: the cluster as its metadata describes it, under the names of
// danielqsj/kafka_exporter. That is one process which asks the cluster from outside: its samples
// belong to no node, and are here the state that the controller has committed.
//
// kafka_topic_partition_current_offset is what ListOffsets answers for "latest", the leader's high
// watermark. It has no sample while the leader is down or paused, does not act as leader, or has
// told of no high watermark since its process started.

#include "sim/metrics/metric_family.h"

namespace bsim::metrics {

class TopicPartitionMetrics : public MetricFamily {
  public:
    void on(const Event& event, const ClusterState& cluster) override;
    void collect(const ClusterState& cluster, SampleSink& out) const override;
};

}  // namespace bsim::metrics
