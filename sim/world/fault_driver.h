#pragma once
// Makes the scenario's faults happen: knows when each occurs, how often and until when; what it
// does is its kind's business (fault_strike.h, fault_table.h). Tells the trace when it begins and
// ends, and why it did not.
//
// A fault as a whole begins with its first occurrence and has ended when its last one has; that is
// what `after` waits for.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/kernel/scheduler.h"
#include "sim/network/latency.h"
#include "sim/world/fault_strike.h"

namespace bsim {

class FaultDriver {
  public:
    explicit FaultDriver(FaultStage stage);
    ~FaultDriver();

    void start();
    // At the end of the run: reports the faults whose time never came.
    void finish();

  private:
    // One fault of the scenario over the run.
    struct Fault {
        Fault(const FaultSpec& of, const Rng& rng);

        const FaultSpec& spec;
        RngStream jitter;  // draws of its own for each decision
        RngStream chance;
        RngStream duration;
        RngStream targets;
        std::optional<LatencySampler> durations;
        SimTime first;                      // of its occurrences, from which `every` counts
        std::int64_t set_off = 0;           // occurrences so far
        std::int64_t over = 0;              // those that have ended or were skipped
        bool began = false;                 // at least one was not skipped
        std::vector<std::size_t> on_begin;  // places of the faults that wait for it
        std::vector<std::size_t> on_end;
    };
    // One that has begun.
    struct Occurrence;
    using OccurrencePtr = std::shared_ptr<Occurrence>;

    void wait_for(std::size_t place, const WhenTrigger& trigger, bool anew);
    void occur(std::size_t place, EventNumber cause);
    void schedule_next(std::size_t place);
    void strike(std::size_t place, const std::optional<SimDuration>& lasts, EventNumber cause);
    void arrange_end(const OccurrencePtr& occurrence, const std::optional<SimDuration>& lasts);
    // `condition` is the event that made `until` true; nullopt when the time is up.
    void heal(const OccurrencePtr& occurrence, std::optional<EventNumber> condition);
    void ended(const OccurrencePtr& occurrence, EventNumber cause);
    void occurrence_over(std::size_t place, EventNumber cause);
    void skip(const Fault& fault, const std::string& why, EventNumber cause);
    void set_off_after(const std::vector<std::size_t>& places, EventNumber cause);

    FaultStage stage_;
    NodeName sim_ = NodeName::sim();
    std::vector<std::unique_ptr<Fault>> faults_;  // as in the scenario
    std::vector<OccurrencePtr> open_;             // kept alive here alone
};

}  // namespace bsim
