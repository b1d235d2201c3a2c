#pragma once
// brokersim_node_up, brokersim_leader_elections, brokersim_isr_shrinks, brokersim_isr_expands: what
// happened in the run as a whole. The counters count from its start, over all lives of processes,
// and end at the totals of results.json: elections that move a leader, and changes of an ISR that a
// leader came to know, whoever asked for them (other than Kafka's own meters, replica_manager.h).

#include <cstdint>

#include "sim/metrics/metric_family.h"

namespace bsim::metrics {

class RunTotals : public MetricFamily {
  public:
    void on(const Event& event, const ClusterState& cluster) override;
    void collect(const ClusterState& cluster, SampleSink& out) const override;

  private:
    std::int64_t clean_elections_ = 0;
    std::int64_t unclean_elections_ = 0;
    std::int64_t isr_shrinks_ = 0;
    std::int64_t isr_expands_ = 0;
};

}  // namespace bsim::metrics
