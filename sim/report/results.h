#pragma once
// results.json: the outcome of a run in one object (TRACE.md). ResultsFold counts what the events
// tell; everything else comes in with RunOutcome. All fields but `wall_ns` are the same for the
// same scenario, seed and program.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/time.h"
#include "sim/check/availability_report.h"
#include "sim/check/expectation.h"
#include "sim/report/verdict.h"
#include "sim/trace/sinks.h"

namespace bsim {

// Counts over events; an event sink beside the checkers.
class ResultsFold : public EventSink {
  public:
    void on(const Event& event, std::string_view canonical) override;

    std::int64_t records_acked() const { return records_acked_; }
    std::int64_t records_failed() const { return records_failed_; }
    std::int64_t records_consumed() const { return records_consumed_; }
    std::int64_t leader_elections() const { return leader_elections_; }
    std::int64_t isr_shrinks() const { return isr_shrinks_; }
    std::int64_t isr_expands() const { return isr_expands_; }
    // Completed ones.
    std::int64_t rebalances() const { return rebalances_; }
    struct Skipped {
        std::string f;
        std::string why;
    };
    const std::vector<Skipped>& skipped() const { return skipped_; }

  private:
    std::int64_t records_acked_ = 0;
    std::int64_t records_failed_ = 0;
    std::int64_t records_consumed_ = 0;
    std::int64_t leader_elections_ = 0;
    std::int64_t isr_shrinks_ = 0;
    std::int64_t isr_expands_ = 0;
    std::int64_t rebalances_ = 0;
    std::vector<Skipped> skipped_;
};

// What the end of a run hands to the report.
struct RunOutcome {
    std::string scenario;
    std::uint64_t seed = 0;
    std::string hash;  // 32 hex digits
    RunEnd ended = RunEnd::Completed;
    bool strict = false;
    SimTime end;
    std::uint64_t events = 0;
    std::int64_t wall_ns = 0;
    std::uint64_t messages = 0;
    std::uint64_t messages_dropped = 0;
    std::int64_t records_duplicated = 0;
    std::vector<CheckExpectation> expectations;
    std::vector<ExpectationResult> timed;        // of expectations about time, judged already
    std::vector<std::string> expectation_order;  // ids as the scenario has them
    std::vector<CheckResult> checks;
    std::int64_t records_lost = 0;
    AvailabilityReport availability;
};

struct Results {
    RunOutcome outcome;
    std::vector<ExpectationResult> expectations;
    Verdict verdict = Verdict::Pass;
    ExitCode exit_code = ExitCode::Pass;
};

// Evaluates the expectations and decides the verdict.
Results conclude(RunOutcome outcome, const ResultsFold& counts);

// The text of results.json, line feed at the end.
std::string results_json(const Results& results,
                         const ResultsFold& counts,
                         const ClusterView& view);

}  // namespace bsim
