#pragma once
// kafka_controller_*: what controllers know of the cluster.
// Source: QuorumControllerMetrics (ActiveControllerCount), ControllerMetadataMetrics and
// ControllerMetricsChanges (all else), of org.apache.kafka.controller.metrics.
//
// Every controller says whether it is the active one. In Kafka every controller also publishes the
// other metrics, each from the metadata that it has replayed; events tell of a change when it is
// committed, so here they have samples of the active controller alone. Unclean elections are
// counted for each controller process from its start, active or not, as Kafka does; an election is
// unclean if the new leader stood outside the ISR before.

#include <cstdint>
#include <map>

#include "sim/metrics/metric_family.h"

namespace bsim::metrics {

class ControllerMetrics : public MetricFamily {
  public:
    void on(const Event& event, const ClusterState& cluster) override;
    void collect(const ClusterState& cluster, SampleSink& out) const override;

  private:
    std::map<NodeName, std::int64_t> unclean_elections_;
};

}  // namespace bsim::metrics
