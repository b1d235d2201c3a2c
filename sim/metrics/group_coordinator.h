#pragma once
// kafka_coordinator_group_groupmetadatamanager_*: the groups in each broker's memory, by state, and
// their committed offsets, as prometheus/jmx_exporter names the gauges of Kafka's
// GroupMetadataManager.
//
// It is the broker's own view: a coordinator that is deposed and has not heard of it goes on
// counting its groups. They go when it gives them up (GroupMoved), when a group is removed, and
// with its process.

#include <map>
#include <string>

#include "sim/metrics/metric_family.h"

namespace bsim::metrics {

class GroupCoordinatorMetrics : public MetricFamily {
  public:
    void on(const Event& event, const ClusterState& cluster) override;
    void collect(const ClusterState& cluster, SampleSink& out) const override;

  private:
    using Cache = std::map<std::string, GroupStateName>;  // by group id

    std::map<NodeName, Cache> caches_;
};

}  // namespace bsim::metrics
