#pragma once
// metrics.om: one moment as OpenMetrics 1.0 text.
//
//     # TYPE kafka_server_replicamanager_leadercount gauge
//     # HELP kafka_server_replicamanager_leadercount Partitions that this broker leads.
//     kafka_server_replicamanager_leadercount{instance="broker-1"} 1 1704067260
//
// One process would have been scraped per node: its name stands in the label `instance`, which
// Prometheus gives each target. The last number is the moment in seconds since the Unix epoch, by
// the nodes' simulated calendar. Counters and summaries also have `_created`, since when they
// count. A metric without samples is left out. The last line is `# EOF`.

#include <string>

#include "sim/metrics/metric.h"

namespace bsim::metrics {

class OpenMetricsText : public SampleSink {
  public:
    // The moment, and the nodes' calendar at SimTime 0.
    OpenMetricsText(SimTime at, WallMs wall_start);

    void start(const MetricInfo& metric) override;
    void add(const Sample& sample) override;
    // The whole text; call once, last.
    std::string finish();

  private:
    void describe(const MetricInfo& metric);
    void line(std::string_view suffix, const Sample& sample, Decimal value);
    Decimal epoch_seconds(SimTime t) const;

    SimTime at_;
    WallMs wall_start_;
    const MetricInfo* metric_ = nullptr;
    bool described_ = false;
    std::string out_;
};

}  // namespace bsim::metrics
