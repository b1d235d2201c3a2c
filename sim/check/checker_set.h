#pragma once
// All checkers of a run behind one event sink, their view of the cluster, and what they found.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/check/availability.h"
#include "sim/check/checker.h"
#include "sim/check/history_check.h"
#include "sim/trace/sinks.h"

namespace bsim {

// One checker's outcome, whether it folded over events or read files.
struct CheckResult {
    std::string name;
    CheckKind kind = CheckKind::Safety;
    std::uint64_t evaluations = 0;
    std::uint64_t violation_count = 0;
    std::uint64_t permitted_count = 0;
    std::vector<Finding> violations;  // the first ones
    std::vector<Finding> permitted;   // the first ones
};

class CheckerSet : public EventSink, public HistorySink {
  public:
    explicit CheckerSet(const CheckSettings& settings);

    void on(const Event& event, std::string_view canonical) override;
    // The same for callers that have no canonical text (stored and hand-made traces).
    void on(const Event& event);
    // What clients see, in its order among the events.
    void send(const ClientOp& op) override;
    void poll(const ClientOp& op) override;
    void commit(const CommitOp& op) override;
    // After the last event, once.
    void finish(const EndOfRun& end);

    const ClusterView& view() const { return view_; }
    // Sorted by name, without segments-readable.
    std::vector<CheckResult> results() const;
    // Of the safety checkers, until now.
    std::uint64_t violation_count() const;
    // After finish(): records acknowledged, under whatever acks, that no in-sync replica holds.
    std::int64_t records_lost() const;
    const AvailabilityReport& availability() const;

  private:
    ClusterView view_;
    std::vector<std::unique_ptr<Checker>> checkers_;
    HistoryCheck history_;
    Availability availability_;
};

}  // namespace bsim
