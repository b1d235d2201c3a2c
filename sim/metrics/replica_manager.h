#pragma once
// kafka_server_replicamanager_*: what each broker counts over the replicas that it holds.
// Source: kafka.server.ReplicaManager (gauges, IsrShrinks/IsrExpandsPerSec),
// kafka.cluster.Partition (isUnderReplicated, isUnderMinIsr, isAtMinIsr,
// PendingPartitionChange.notifyListener).
//
// The gauges are of the broker's own view. Shrinks and expands are those that the leader itself
// asked for: when the controller takes a fenced broker out of an ISR, Kafka's meters stand still.
// Kafka misses one when the metadata log overtakes the answer to AlterPartition; events do not tell
// which came first, so that it is counted here. Counters begin anew with each life of the process.

#include <cstdint>
#include <map>

#include "sim/metrics/metric_family.h"

namespace bsim::metrics {

class ReplicaManagerMetrics : public MetricFamily {
  public:
    void on(const Event& event, const ClusterState& cluster) override;
    void collect(const ClusterState& cluster, SampleSink& out) const override;

  private:
    struct Counts {
        std::int64_t isr_shrinks = 0;
        std::int64_t isr_expands = 0;
    };
    std::map<NodeName, Counts> counts_;
};

}  // namespace bsim::metrics
