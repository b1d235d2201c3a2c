#include "sim/metrics/run_metrics.h"

#include "sim/base/check.h"
#include "sim/metrics/csv_rows.h"
#include "sim/metrics/open_metrics_text.h"
#include "sim/metrics/registry.h"

namespace bsim::metrics {

RunMetrics::RunMetrics(const Settings& settings, TextSink& csv)
    : settings_(settings), cluster_(settings), families_(make_metric_families()), csv_(csv) {
    BSIM_CHECK(settings.interval > SimDuration());
    csv_.write(CsvRows::kHeader);
}

void RunMetrics::on(const Event& event, std::string_view) {
    on(event);
}

void RunMetrics::on(const Event& event) {
    if (is_message_event(event.body))
        return;  // no family reads them, and there may be very many
    advance(event.t);
    cluster_.on(event);
    for (const auto& family : families_)
        family->on(event, cluster_);
}

void RunMetrics::advance(SimTime now) {
    while (next_ < now)
        write_rows();
}

void RunMetrics::finish(SimTime end) {
    while (next_ <= end)
        write_rows();
}

std::string RunMetrics::open_metrics(SimTime at) const {
    OpenMetricsText text(at, settings_.wall_start);
    collect(text);
    return text.finish();
}

void RunMetrics::write_rows() {
    rows_.clear();
    CsvRows rows(next_, rows_);
    collect(rows);
    csv_.write(rows_);
    next_ = next_ + settings_.interval;
}

void RunMetrics::collect(SampleSink& out) const {
    for (const auto& family : families_)
        family->collect(cluster_, out);
}

}  // namespace bsim::metrics
