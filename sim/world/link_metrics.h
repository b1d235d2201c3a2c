#pragma once
// brokersim_link_*: what went from one host to another, since the start of the run. From the
// network's own counters, as messages are recorded on request only. A way has samples once it was
// used, and drops once there was one.

#include "sim/metrics/metric_family.h"
#include "sim/world/cluster.h"

namespace bsim {

class LinkMetrics : public metrics::MetricFamily {
  public:
    explicit LinkMetrics(const Cluster& cluster) : cluster_(cluster) {}

    void on(const Event& /*event*/, const metrics::ClusterState& /*cluster*/) override {}
    void collect(const metrics::ClusterState& cluster, metrics::SampleSink& out) const override;

  private:
    const Cluster& cluster_;
};

}  // namespace bsim
