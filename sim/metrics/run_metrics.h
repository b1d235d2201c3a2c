#pragma once
// The metrics of a run: all families behind one event sink. It writes metrics.csv while the run
// lasts and holds the text of metrics.om when it is over.
//
// Series. A row set for each multiple of Settings::interval from time 0 to the end, both included:
// the state after all events of that moment and before any later one. Message* and Connection*
// events are passed over, so that recording them changes no byte.
// Promise: nothing here reaches the run; the text depends on the events and the settings alone.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/metrics/metric_family.h"
#include "sim/trace/sinks.h"

namespace bsim::metrics {

class RunMetrics : public EventSink {
  public:
    // `csv` must outlive this; it gets the header line at once. The interval must be positive.
    RunMetrics(const Settings& settings, TextSink& csv);

    void on(const Event& event, std::string_view canonical) override;
    // The same for callers that have no canonical text (stored and hand-made traces).
    void on(const Event& event);
    // All that has happened up to `now`, but at that very moment, is known: writes the rows before
    // it. Needed only by families that are told by others than events.
    void advance(SimTime now);
    // After the last event, once: the rows up to `end`.
    void finish(SimTime end);

    // The state as it is now, as OpenMetrics text with the time stamp `at`.
    std::string open_metrics(SimTime at) const;

    // A family that folds over more than the trace; it stands behind the others. Before the first
    // event.
    void add(std::unique_ptr<MetricFamily> family) { families_.push_back(std::move(family)); }

  private:
    void write_rows();
    void collect(SampleSink& out) const;

    Settings settings_;
    ClusterState cluster_;
    std::vector<std::unique_ptr<MetricFamily>> families_;
    TextSink& csv_;
    std::string rows_;  // reused
    SimTime next_;      // of which rows are not written yet
};

}  // namespace bsim::metrics
