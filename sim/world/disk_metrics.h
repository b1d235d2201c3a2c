#pragma once
// brokersim_disk_*: how long the work on each node's disk took since the start of the run, and what
// waits there. From the disks themselves, as no event tells of single reads and writes.

#include "sim/metrics/metric_family.h"
#include "sim/world/cluster.h"

namespace bsim {

class DiskMetrics : public metrics::MetricFamily {
  public:
    // Requires `now` to be the time of the simulation.
    DiskMetrics(const Cluster& cluster, std::function<SimTime()> now)
        : cluster_(cluster), now_(std::move(now)) {}

    void on(const Event& /*event*/, const metrics::ClusterState& /*cluster*/) override {}
    void collect(const metrics::ClusterState& cluster, metrics::SampleSink& out) const override;

  private:
    const Cluster& cluster_;
    std::function<SimTime()> now_;
};

}  // namespace bsim
