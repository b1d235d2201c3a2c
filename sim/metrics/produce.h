#pragma once
// brokersim_produce_latency_seconds, brokersim_records_acked, brokersim_records_failed: what
// producers saw, by topic, over all producers, since the run began.
//
// Latency is that of a batch, from its creation to its acknowledgement; batches that failed are not
// in it. Quantiles are exact within 1/128 (latency_histogram.h), quantile 1 is the maximum.

#include <cstdint>
#include <map>
#include <string>

#include "sim/metrics/latency_histogram.h"
#include "sim/metrics/metric_family.h"

namespace bsim::metrics {

class ProduceMetrics : public MetricFamily {
  public:
    void on(const Event& event, const ClusterState& cluster) override;
    void collect(const ClusterState& cluster, SampleSink& out) const override;

  private:
    struct Topic {
        LatencyHistogram latency;
        std::int64_t acked = 0;
        std::map<std::string, std::int64_t> failed;  // by error
    };
    std::map<std::string, Topic> topics_;
};

}  // namespace bsim::metrics
