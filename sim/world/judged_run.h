#pragma once
// A simulation with its judges: the tracer, the checkers and metrics that listen to it, and what
// they found when the run is over.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/check/checker_set.h"
#include "sim/metrics/run_metrics.h"
#include "sim/trace/history.h"
#include "sim/world/simulation.h"

namespace bsim {

// The names that a scenario may use.
Vocabulary vocabulary();

class JudgedRun {
  public:
    struct Setup {
        std::uint64_t seed = 0;
        SimTime end;
        std::string data_directory;
        HistorySink& history;
        std::vector<EventSink*> sinks;    // told of every event that is recorded
        TextSink* metrics_csv = nullptr;  // takes the series of metrics; nullptr: no metrics
    };
    JudgedRun(const Scenario& scenario, const Setup& setup);
    ~JudgedRun();

    // Calls `what` every so often, from soon after the start on; what it does must not reach the
    // run. To be called before execute().
    void every(SimDuration interval, std::function<void(SimTime now)> what) {
        simulation_->every(interval, std::move(what));
    }

    // Runs, closes files, lets the checkers conclude. True if the end was reached.
    bool execute(const Simulation::Progress& progress);

    SimTime now() const { return simulation_->now(); }
    std::uint64_t events() const { return tracer_.last_number().value(); }
    std::string hash() const { return tracer_.hash_hex(); }
    std::uint64_t messages() const { return tracer_.messages_sent(); }
    std::uint64_t messages_dropped() const { return tracer_.messages_dropped(); }
    const ClusterView& view() const { return checkers_.view(); }
    // What the checkers that listen have found until now.
    std::uint64_t violations_so_far() const { return checkers_.violation_count(); }
    const std::vector<CheckResult>& checks() const { return checks_; }
    std::int64_t records_lost() const { return checkers_.records_lost(); }
    const AvailabilityReport& availability() const { return checkers_.availability(); }
    std::int64_t records_duplicated() const { return records_duplicated_; }
    // After execute(): of those that are about time.
    const std::vector<ExpectationResult>& timed_expectations() const {
        return simulation_->expectations();
    }
    const std::vector<RefusedTopic>& refused_topics() const {
        return simulation_->refused_topics();
    }
    // After execute(): the metrics' last state, the text of metrics.om. Empty without metrics.
    std::string open_metrics() const;

  private:
    // What clients see goes to the checkers and to whoever keeps it.
    class Histories : public HistorySink {
      public:
        Histories(HistorySink& judge, HistorySink& keeper) : judge_(judge), keeper_(keeper) {}
        void send(const ClientOp& op) override;
        void poll(const ClientOp& op) override;
        void commit(const CommitOp& op) override;

      private:
        HistorySink& judge_;
        HistorySink& keeper_;
    };
    void judge();

    std::string data_directory_;
    SimTime end_;
    CheckSettings check_settings_;
    Tracer tracer_;
    CheckerSet checkers_;
    Histories histories_;
    std::optional<metrics::MetricLookup> asked_;  // what expressions ask for
    std::optional<LatencyFold> latencies_;        // likewise
    std::optional<metrics::RunMetrics> metrics_;
    std::unique_ptr<Simulation> simulation_;
    std::vector<CheckResult> checks_;
    std::int64_t records_duplicated_ = 0;
};

}  // namespace bsim
