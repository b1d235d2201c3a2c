#include "sim/check/checker.h"

#include <algorithm>

namespace bsim {

std::int32_t CheckSettings::min_isr_of(const std::string& topic) const {
    const auto found = min_isr.find(topic);
    return found == min_isr.end() ? default_min_isr : found->second;
}

std::size_t CheckSettings::needed_isr(const std::string& topic, std::size_t replicas) const {
    const auto configured = static_cast<std::size_t>(std::max(min_isr_of(topic), 1));
    return replicas == 0 ? configured : std::min(configured, replicas);
}

bool CheckSettings::unclean_allowed(const std::string& topic) const {
    const auto found = unclean_elections.find(topic);
    return found == unclean_elections.end() ? default_unclean_elections : found->second;
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
