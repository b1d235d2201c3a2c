#include "sim/metrics/open_metrics_text.h"

#include <utility>

#include "sim/base/check.h"

namespace bsim::metrics {

namespace {

std::string_view type_name(MetricType type) {
    switch (type) {
        case MetricType::Gauge:
            return "gauge";
        case MetricType::Counter:
            return "counter";
        case MetricType::Summary:
            return "summary";
        case MetricType::Info:
            return "info";
    }
    return "unknown";
}

void append_escaped(std::string& out, std::string_view text) {
    for (const char c : text) {
        if (c == '\n') {
            out += "\\n";
            continue;
        }
        if (c == '\\' || c == '"')
            out += '\\';
        out += c;
    }
}

void append_label(std::string& out, char before, const Label& label) {
    out += before;
    out += label.name;
    out += "=\"";
    append_escaped(out, label.value);
    out += '"';
}

}  // namespace

OpenMetricsText::OpenMetricsText(SimTime at, WallMs wall_start)
    : at_(at), wall_start_(wall_start) {}

void OpenMetricsText::start(const MetricInfo& metric) {
    metric_ = &metric;
    described_ = false;
}

void OpenMetricsText::describe(const MetricInfo& metric) {
    const auto comment = [&](std::string_view keyword) {
        out_ += "# ";
        out_ += keyword;
        out_ += ' ';
        out_ += metric.name;
        out_ += ' ';
    };
    comment("TYPE");
    out_ += type_name(metric.type);
    out_ += '\n';
    if (!metric.unit.empty()) {
        comment("UNIT");
        out_ += metric.unit;
        out_ += '\n';
    }
    comment("HELP");
    append_escaped(out_, metric.help);
    out_ += '\n';
}

void OpenMetricsText::add(const Sample& sample) {
    BSIM_CHECK(metric_ != nullptr);
    if (!std::exchange(described_, true))
        describe(*metric_);
    line(sample.suffix, sample, sample.value);
    if (sample.created)
        line("_created", sample, epoch_seconds(*sample.created));
}

void OpenMetricsText::line(std::string_view suffix, const Sample& sample, Decimal value) {
    out_ += metric_->name;
    out_ += suffix;
    char before = '{';
    if (!sample.node.empty())
        append_label(out_, std::exchange(before, ','), {"instance", sample.node});
    for (const Label& label : sample.labels)
        append_label(out_, std::exchange(before, ','), label);
    if (before == ',')
        out_ += '}';
    out_ += ' ';
    append_decimal(out_, value);
    out_ += ' ';
    append_decimal(out_, epoch_seconds(at_));
    out_ += '\n';
}

Decimal OpenMetricsText::epoch_seconds(SimTime t) const {
    return {wall_start_.value() * 1'000'000 + t.ns(), 9};
}

std::string OpenMetricsText::finish() {
    out_ += "# EOF\n";
    return std::move(out_);
}

}  // namespace bsim::metrics
