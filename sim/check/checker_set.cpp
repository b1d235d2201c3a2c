#include "sim/check/checker_set.h"

#include "sim/check/acked_records_durable.h"
#include "sim/check/registry.h"

namespace bsim {

CheckerSet::CheckerSet(const CheckSettings& settings) : checkers_(make_checkers(settings)) {}

void CheckerSet::on(const Event& event, std::string_view) {
    on(event);
}

void CheckerSet::on(const Event& event) {
    if (is_message_event(event.body))
        return;
    view_.on(event);
    for (const auto& checker : checkers_)
        checker->on(event, view_);
}

void CheckerSet::finish(const EndOfRun& end) {
    for (const auto& checker : checkers_)
        checker->finish(end, view_);
}

std::uint64_t CheckerSet::violation_count() const {
    std::uint64_t count = 0;
    for (const auto& checker : checkers_)
        count += checker->kind() == CheckKind::Safety ? checker->violation_count() : 0;
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

std::vector<CheckResult> CheckerSet::results() const {
    std::vector<CheckResult> results;
    for (const auto& checker : checkers_) {
        results.push_back({std::string(checker->name()), checker->kind(), checker->evaluations(),
                           checker->violation_count(), checker->permitted_count(),
                           checker->violations(), checker->permitted()});
    }
    return results;
}

}  // namespace bsim
