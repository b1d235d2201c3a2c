#include "sim/check/checker.h"

namespace bsim {

std::int32_t CheckSettings::min_isr_of(const std::string& topic) const {
    const auto found = min_isr.find(topic);
    return found == min_isr.end() ? default_min_isr : found->second;
}

const CheckSettings::Retention& CheckSettings::retention_of(const std::string& topic) const {
    const auto found = retention.find(topic);
    return found == retention.end() ? default_retention : found->second;
}

void Checker::finish(const EndOfRun&, const ClusterView&) {}

void Checker::violated(EventNumber i, SimTime t, std::string detail) {
    ++violation_count_;
    if (violations_.size() < kMaxFindings)
        violations_.push_back({i, t, std::move(detail)});
}

void Checker::permit(EventNumber i, SimTime t, std::string detail) {
    ++permitted_count_;
    if (permitted_.size() < kMaxFindings)
        permitted_.push_back({i, t, std::move(detail)});
}

void Checker::judge(EventNumber i, SimTime t, std::string detail, const std::string& allowed) {
    if (allowed.empty()) {
        violated(i, t, std::move(detail));
    } else {
        permit(i, t, detail + "; permitted: " + allowed);
    }
}

}  // namespace bsim
