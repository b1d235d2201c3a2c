#include "sim/protocol/kraft/request_manager.h"

#include <algorithm>
#include <utility>

namespace bsim::kraft {

RequestManager::RequestManager(std::vector<BrokerId> bootstrap,
                               SimDuration backoff,
                               SimDuration timeout)
    : bootstrap_(std::move(bootstrap)), backoff_(backoff), timeout_(timeout) {}

// A node whose backoff or wait is over is as good as one never spoken to.
void RequestManager::forget_expired(SimTime now) {
    std::erase_if(nodes_, [now](const auto& entry) { return entry.second.until <= now; });
}

bool RequestManager::has_any_in_flight(SimTime now) {
    forget_expired(now);
    return std::any_of(nodes_.begin(), nodes_.end(),
                       [](const auto& entry) { return entry.second.in_flight.has_value(); });
}

std::optional<BrokerId> RequestManager::find_ready_bootstrap(SimTime now, std::uint64_t draw) {
    if (bootstrap_.empty() || has_any_in_flight(now))
        return std::nullopt;
    const std::size_t start = draw % bootstrap_.size();
    for (std::size_t i = 0; i < bootstrap_.size(); ++i) {
        const BrokerId node = bootstrap_[(start + i) % bootstrap_.size()];
        if (is_ready(node, now))
            return node;
    }
    return std::nullopt;
}

SimTime RequestManager::bootstrap_ready_at(SimTime now) {
    forget_expired(now);
    SimTime earliest = now + backoff_;
    for (const auto& [id, node] : nodes_) {
        if (node.in_flight)
            return node.until;
        earliest = std::min(earliest, node.until);
    }
    for (const BrokerId node : bootstrap_) {
        if (is_ready(node, now))
            return now;
    }
    return earliest;
}

bool RequestManager::has_timed_out(BrokerId node, SimTime now) const {
    const auto found = nodes_.find(node);
    return found != nodes_.end() && found->second.in_flight && found->second.until <= now;
}

bool RequestManager::is_backing_off(BrokerId node, SimTime now) const {
    const auto found = nodes_.find(node);
    return found != nodes_.end() && found->second.backing_off && found->second.until > now;
}

bool RequestManager::is_ready(BrokerId node, SimTime now) {
    const auto found = nodes_.find(node);
    if (found == nodes_.end())
        return true;
    if (found->second.until > now)
        return false;
    nodes_.erase(found);
    return true;
}

SimTime RequestManager::ready_at(BrokerId node, SimTime now) const {
    const auto found = nodes_.find(node);
    return found == nodes_.end() ? now : std::max(now, found->second.until);
}

CorrelationId RequestManager::on_sent(BrokerId node, SimTime now) {
    const CorrelationId correlation{next_correlation_++};
    nodes_[node] = Node{correlation, false, now + timeout_};
    return correlation;
}

bool RequestManager::is_expected(BrokerId node, CorrelationId correlation) const {
    const auto found = nodes_.find(node);
    return found != nodes_.end() && found->second.in_flight == correlation;
}

void RequestManager::on_result(BrokerId node,
                               CorrelationId correlation,
                               bool success,
                               SimTime now) {
    if (!is_expected(node, correlation))
        return;
    if (success) {
        reset(node);
    } else {
        nodes_[node] = Node{std::nullopt, true, now + backoff_};
    }
}

}  // namespace bsim::kraft
