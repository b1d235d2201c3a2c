#pragma once
// Judges the expectations of a scenario that are about time (eventually, always, never, sequence)
// while the run goes on; what is expected of checks is sim/check's business.
//
// A value that is unknown decides nothing. An expectation that waits for a fault begins with the
// event itself. What the run does not reach is NotReached: a fault that never began, a deadline
// after the end, an `always` whose value was unknown all along.
// It schedules looks of its own, but neither emits nor changes anything else.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/check/expectation.h"
#include "sim/kernel/scheduler.h"
#include "sim/scenario/scenario.h"
#include "sim/trace/sinks.h"
#include "sim/world/event_interest.h"
#include "sim/world/trace_state.h"

namespace bsim {

class ExpectationJudge : public EventSink {
  public:
    ExpectationJudge(const Scenario& scenario, Scheduler& scheduler, const TraceState::Seen& seen);
    ~ExpectationJudge() override;

    void start();
    // After the last event, once.
    void finish(const EndOfRun& end);
    // After finish(): one for each expectation of these forms, in the order of the scenario.
    const std::vector<ExpectationResult>& results() const { return results_; }

    // EventSink
    void on(const Event& event, std::string_view canonical) override;

  private:
    struct Case;
    // How far a fault of the scenario has come.
    struct FaultProgress {
        std::optional<std::int64_t> occurrences;  // nullopt: no end to them
        std::int64_t over = 0;
        bool began = false;
    };

    void note_fault(const Event& event);
    void begin(Case& item);
    void look(Case& item);
    void look_again(Case& item);
    void judge(Case& item, const ExpressionValue& value);
    static void measure(Case& item);
    static void tell_measured(Case& item);
    void judge_sequence(Case& item, const SequenceExpect& expect, const ExpressionValue& value);
    void close(Case& item);
    void conclude(Case& item);
    void decide(Case& item, bool holds, std::string detail);
    void give_up(Case& item, std::string detail);

    Scheduler& scheduler_;
    TraceState state_;
    EventNumber last_;
    std::map<std::string, FaultProgress> faults_;
    std::vector<std::unique_ptr<Case>> cases_;
    std::vector<ExpectationResult> results_;
};

}  // namespace bsim
