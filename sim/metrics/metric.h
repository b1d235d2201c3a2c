#pragma once
// What a metric is, and where its samples go.
//
// Names are those that prometheus/jmx_exporter's Kafka rules or danielqsj/kafka_exporter give, so
// that dashboards fit; brokersim's own begin with `brokersim_`. They follow OpenMetrics 1.0: a
// counter's sample ends in `_total`, its MetricInfo::name does not; likewise `_info`.
//
// Values are decimals of a 64-bit integer, never floating point: the text that comes out is the
// same for every compiler and locale.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "sim/base/time.h"

namespace bsim::metrics {

enum class MetricType { Gauge, Counter, Summary, Info };

struct MetricInfo {
    MetricType type = MetricType::Gauge;
    std::string_view name;  // without the suffix of its samples
    std::string_view unit;  // empty, or what the name ends in
    std::string_view help;  // one line
};

// amount / 10^decimals.
struct Decimal {
    std::int64_t amount = 0;
    int decimals = 0;

    bool operator==(const Decimal&) const = default;
};

constexpr Decimal in_seconds(SimDuration d) {
    return {d.ns(), 9};
}

// Appends the shortest exact text: no exponent, no zeros at the end of the fraction.
void append_decimal(std::string& out, Decimal value);

struct Label {
    std::string_view name;
    std::string_view value;
};

// One line of a metric. All views are valid during the call only.
struct Sample {
    std::string_view suffix;  // "", "_total", "_count", "_sum", "_info"
    std::string_view node;    // whom a scraper would have asked; empty: nobody in particular
    std::span<const Label> labels;
    Decimal value;
    // Counters and summaries: since when they count. Given with the last sample of its kind for the
    // same labels (quantile apart).
    std::optional<SimTime> created;
};

// Takes the samples of one moment, metric by metric; those of one set of labels stand together.
class SampleSink {
  public:
    virtual ~SampleSink() = default;
    // The samples that follow are of this metric, which outlives the sink. There may be none.
    virtual void start(const MetricInfo& metric) = 0;
    virtual void add(const Sample& sample) = 0;
};

}  // namespace bsim::metrics
