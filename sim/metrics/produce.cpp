#include "sim/metrics/produce.h"

#include <array>

namespace bsim::metrics {

namespace {

constexpr MetricInfo kLatency{MetricType::Summary, "brokersim_produce_latency_seconds", "seconds",
                              "From the creation of a batch to its acknowledgement."};
constexpr MetricInfo kAcked{MetricType::Counter, "brokersim_records_acked", "",
                            "Records that were acknowledged to a producer."};
constexpr MetricInfo kFailed{MetricType::Counter, "brokersim_records_failed", "",
                             "Records that a producer gave up; they may stand in the log."};

struct Quantile {
    std::int64_t permille;
    std::string_view text;
};
constexpr std::array<Quantile, 4> kQuantiles{
    {{500, "0.5"}, {950, "0.95"}, {990, "0.99"}, {1000, "1"}}};

}  // namespace

void ProduceMetrics::on(const Event& event, const ClusterState&) {
    if (const auto* acked = as<ProduceAcked>(event)) {
        Topic& topic = topics_[acked->p.topic];
        topic.latency.add(acked->latency_ns);
        topic.acked += acked->count;
    } else if (const auto* failed = as<ProduceFailed>(event)) {
        topics_[failed->p.topic].failed[failed->error] += failed->count;
    }
}

void ProduceMetrics::collect(const ClusterState&, SampleSink& out) const {
    const SimTime since;  // the start of the run
    out.start(kLatency);
    for (const auto& [name, topic] : topics_) {
        const LatencyHistogram& latency = topic.latency;
        if (latency.count() == 0)
            continue;
        const Label label{"topic", name};
        for (const Quantile& quantile : kQuantiles) {
            const std::array<Label, 2> labels{{label, {"quantile", quantile.text}}};
            out.add({"", "", labels, in_seconds(latency.quantile(quantile.permille)), {}});
        }
        out.add({"_count", "", {&label, 1}, {latency.count(), 0}, {}});
        out.add({"_sum", "", {&label, 1}, in_seconds(latency.sum()), since});
    }
    out.start(kAcked);
    for (const auto& [name, topic] : topics_) {
        const Label label{"topic", name};
        out.add({"_total", "", {&label, 1}, {topic.acked, 0}, since});
    }
    out.start(kFailed);
    for (const auto& [name, topic] : topics_) {
        for (const auto& [error, count] : topic.failed) {
            const std::array<Label, 2> labels{{{"topic", name}, {"error", error}}};
            out.add({"_total", "", labels, {count, 0}, since});
        }
    }
}

}  // namespace bsim::metrics
