#pragma once
// A group of closely related metrics as a fold over trace events. It knows no node class, so it
// works live, on a stored trace and on a hand-made one, and nothing that it does reaches the run.

#include "sim/metrics/cluster_state.h"
#include "sim/metrics/metric.h"
#include "sim/trace/event.h"

namespace bsim::metrics {

class MetricFamily {
  public:
    MetricFamily() = default;
    virtual ~MetricFamily() = default;
    MetricFamily(const MetricFamily&) = delete;
    MetricFamily& operator=(const MetricFamily&) = delete;

    // `cluster` has seen the event already. Never a Message* or Connection* event. In the steady
    // state it allocates nothing.
    virtual void on(const Event& event, const ClusterState& cluster) = 0;
    // Hands out the state of this moment, in an order that depends on names alone.
    virtual void collect(const ClusterState& cluster, SampleSink& out) const = 0;
};

}  // namespace bsim::metrics
