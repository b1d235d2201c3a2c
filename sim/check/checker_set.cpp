#include "sim/check/checker_set.h"

#include <algorithm>

#include "sim/check/acked_records_durable.h"
#include "sim/check/registry.h"

namespace bsim {

namespace {

CheckResult result_of(const Checker& checker) {
    return {std::string(checker.name()), checker.kind(),
            checker.evaluations(),       checker.violation_count(),
            checker.permitted_count(),   checker.violations(),
            checker.permitted()};
}

// Liveness is decided when all has been healed, not while a run goes on.
std::uint64_t counted(const Checker& checker) {
    return checker.kind() == CheckKind::Safety ? checker.violation_count() : 0;
}

}  // namespace

CheckerSet::CheckerSet(const CheckSettings& settings)
    : checkers_(make_checkers(settings)), history_(settings, view_), availability_(settings) {}

void CheckerSet::on(const Event& event, std::string_view) {
    on(event);
}

void CheckerSet::on(const Event& event) {
    if (is_message_event(event.body))
        return;
    view_.on(event);
    for (const auto& checker : checkers_)
        checker->on(event, view_);
    history_.on(event);
    availability_.on(event, view_);
}

void CheckerSet::send(const ClientOp& op) {
    history_.send(op);
    availability_.send(op);
}

void CheckerSet::poll(const ClientOp& op) {
    history_.poll(op);
    availability_.poll(op);
}

void CheckerSet::commit(const CommitOp& op) {
    history_.commit(op);
    availability_.commit(op);
}

void CheckerSet::finish(const EndOfRun& end) {
    for (const auto& checker : checkers_)
        checker->finish(end, view_);
    history_.finish(end);
    availability_.finish(end, view_);
}

std::uint64_t CheckerSet::violation_count() const {
    std::uint64_t count = 0;
    for (const auto& checker : checkers_)
        count += counted(*checker);
    for (const Anomaly* anomaly : history_.anomalies())
        count += counted(*anomaly);
    return count;
}

std::int64_t CheckerSet::records_lost() const {
    for (const auto& checker : checkers_) {
        const auto* durable = dynamic_cast<const AckedRecordsDurable*>(checker.get());
        if (durable != nullptr)
            return durable->records_lost();
    }
    return 0;
}

const AvailabilityReport& CheckerSet::availability() const {
    return availability_.report();
}

std::vector<CheckResult> CheckerSet::results() const {
    std::vector<CheckResult> results;
    for (const auto& checker : checkers_)
        results.push_back(result_of(*checker));
    for (const Anomaly* anomaly : history_.anomalies())
        results.push_back(result_of(*anomaly));
    results.push_back(result_of(availability_));
    std::sort(results.begin(), results.end(),
              [](const CheckResult& a, const CheckResult& b) { return a.name < b.name; });
    return results;
}

}  // namespace bsim
