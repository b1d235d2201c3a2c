#pragma once
// kafka_consumer_consumer_fetch_manager_metrics_records_lag_max: how many records the consumer is
// behind the end of a partition that it holds, the worst of them, as prometheus/jmx_exporter names
// Kafka's consumer-fetch-manager-metrics.
//
// DEVIATION: Kafka keeps the maximum over the last 30 s of what it saw at each fetch; this is the
// lag of the moment.
//
// By position, not by committed offset. No sample for a consumer that holds no partition with a
// position, or while no leader tells where its partitions end.

#include <map>
#include <string>

#include "sim/metrics/metric_family.h"

namespace bsim::metrics {

class ConsumerLagMetrics : public MetricFamily {
  public:
    void on(const Event& event, const ClusterState& cluster) override;
    void collect(const ClusterState& cluster, SampleSink& out) const override;

  private:
    // By consumer; a partition stands there from its first position on.
    std::map<NodeName, std::map<TopicPartition, Offset>> positions_;
};

}  // namespace bsim::metrics
