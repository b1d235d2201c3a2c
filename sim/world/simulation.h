#pragma once
// One run of a scenario: builds the world, lets its events happen in order of time, and leaves the
// files, the trace and what the drivers saw. Everything that happens follows from the scenario, the
// seed and this program.

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sim/check/segments_readable.h"
#include "sim/kernel/rng.h"
#include "sim/kernel/scheduler.h"
#include "sim/scenario/scenario.h"
#include "sim/trace/history.h"
#include "sim/trace/tracer.h"
#include "sim/world/consumer_start.h"
#include "sim/world/expectation_judge.h"
#include "sim/world/fault_driver.h"
#include "sim/world/topic_driver.h"
#include "sim/world/workload.h"

namespace bsim {

class Simulation {
  public:
    struct Parts {
        const Scenario& scenario;
        std::uint64_t seed = 0;
        std::string data_directory;
        Tracer& tracer;
        HistorySink& history;
        TraceState::Seen seen;  // subscribed to the tracer already
    };
    explicit Simulation(const Parts& parts);
    ~Simulation();

    // Calls `what` a nanosecond after each multiple of the interval, when all that belongs to that
    // moment has happened. Before run(). It must change nothing.
    void every(SimDuration interval, std::function<void(SimTime now)> what);
    // Called now and then; returns false to end the run early.
    using Progress = std::function<bool(SimTime now, std::uint64_t events)>;
    // Runs to `end` or until `progress` says stop. True if it got there.
    bool run(SimTime end, const Progress& progress);
    // Closes the files of the nodes that are up and reports what never happened. Once, after run().
    void finish();

    SimTime now() const { return scheduler_.now(); }
    const Cluster& cluster() const { return cluster_; }
    const std::vector<RefusedTopic>& refused_topics() const { return topics_.refused(); }
    // After finish(): of those that are about time.
    const std::vector<ExpectationResult>& expectations() const { return expectations_.results(); }
    // Every log directory, by its path under the data directory; complete after finish().
    const std::vector<LogDirToRead>& log_dirs() const { return log_dirs_; }

  private:
    void start_nodes();
    bool step(SimTime end);
    void halt_full_node(const char* why);
    void begin_clients(const std::string& topic);

    const Scenario& scenario_;
    Tracer& tracer_;
    Scheduler scheduler_;
    Rng rng_;
    Outages outages_;
    Cluster cluster_;
    std::deque<Workload> workloads_;
    std::vector<ConsumerStart> consumer_starts_;
    TopicDriver topics_;
    ConditionWatch conditions_;
    FaultDriver faults_;
    ExpectationJudge expectations_;
    std::vector<LogDirToRead> log_dirs_;
};

}  // namespace bsim
