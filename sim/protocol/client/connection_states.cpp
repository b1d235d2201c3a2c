#include "sim/protocol/client/connection_states.h"

#include <algorithm>
#include <utility>

#include "sim/base/check.h"

namespace bsim::client {

namespace {

// Kafka compares in whole milliseconds and asks for more than the timeout, so it acts one
// millisecond after it.
constexpr SimDuration kTick = milliseconds(1);

std::optional<SimTime> earlier(std::optional<SimTime> a, SimTime b) {
    return a ? std::min(*a, b) : b;
}

}  // namespace

ConnectionStates::ConnectionStates(const ClientSettings& settings)
    : reconnect_(client_backoff(settings.reconnect_backoff_ms, settings.reconnect_backoff_max_ms)),
      setup_(client_backoff(settings.socket_connection_setup_timeout_ms,
                            settings.socket_connection_setup_timeout_max_ms)),
      max_idle_(settings.connections_max_idle_ms) {}

NodeConnection& ConnectionStates::at(NodeId node) {
    return nodes_.at(node);
}

const NodeConnection* ConnectionStates::find(NodeId node) const {
    const auto found = nodes_.find(node);
    return found != nodes_.end() ? &found->second : nullptr;
}

ConnectionId ConnectionStates::connecting(SimTime now,
                                          NodeId node,
                                          const Endpoint& endpoint,
                                          DrawSequence& draws) {
    BSIM_CHECK(can_connect(now, node));
    const auto [entry, added] = nodes_.try_emplace(node);
    NodeConnection& state = entry->second;
    if (added || state.endpoint.host != endpoint.host) {
        state = NodeConnection{};
        state.reconnect_backoff = reconnect_.after(0, draws.next());
        state.setup_timeout = setup_.after(0, draws.next());
    }
    state.endpoint = endpoint;
    state.state = ConnectionState::Connecting;
    state.last_attempt = now;
    state.last_active = now;
    state.connection = ConnectionId(next_connection_++);
    live_[state.connection] = node;
    return state.connection;
}

void ConnectionStates::opened(SimTime now, NodeId node, DrawSequence& draws) {
    NodeConnection& state = at(node);
    state.state = ConnectionState::CheckingApiVersions;
    state.last_active = now;
    state.failed_connects = 0;
    state.setup_timeout = setup_.after(0, draws.next());
}

void ConnectionStates::ready(NodeId node,
                             std::map<wire::ApiKey, VersionRange> versions,
                             DrawSequence& draws) {
    NodeConnection& state = at(node);
    state.state = ConnectionState::Ready;
    state.versions = std::move(versions);
    state.failed_attempts = 0;
    state.reconnect_backoff = reconnect_.after(0, draws.next());
}

void ConnectionStates::disconnected(SimTime now, NodeId node, DrawSequence& draws) {
    NodeConnection& state = at(node);
    live_.erase(state.connection);
    state.last_attempt = now;
    state.reconnect_backoff = reconnect_.after(state.failed_attempts, draws.next());
    ++state.failed_attempts;
    if (state.state == ConnectionState::Connecting) {
        ++state.failed_connects;
    } else {
        state.failed_connects = 0;
    }
    state.setup_timeout = setup_.after(state.failed_connects, draws.next());
    state.state = ConnectionState::Disconnected;
    state.versions.clear();
}

void ConnectionStates::touch(SimTime now, NodeId node) {
    at(node).last_active = now;
}

void ConnectionStates::throttle(NodeId node, SimTime until) {
    NodeConnection& state = at(node);
    state.throttled_until = std::max(state.throttled_until, until);
}

std::optional<NodeId> ConnectionStates::node_of(ConnectionId connection) const {
    const auto found = live_.find(connection);
    return found != live_.end() ? std::optional(found->second) : std::nullopt;
}

bool ConnectionStates::can_connect(SimTime now, NodeId node) const {
    const NodeConnection* state = find(node);
    if (state == nullptr)
        return true;
    return state->state == ConnectionState::Disconnected &&
           now - state->last_attempt >= state->reconnect_backoff;
}

bool ConnectionStates::is_ready(SimTime now, NodeId node) const {
    const NodeConnection* state = find(node);
    return state != nullptr && state->state == ConnectionState::Ready &&
           state->throttled_until <= now;
}

bool ConnectionStates::is_connecting(NodeId node) const {
    const NodeConnection* state = find(node);
    return state != nullptr && state->state == ConnectionState::Connecting;
}

bool ConnectionStates::is_preparing(NodeId node) const {
    const NodeConnection* state = find(node);
    return state != nullptr && (state->state == ConnectionState::Connecting ||
                                state->state == ConnectionState::CheckingApiVersions);
}

bool ConnectionStates::is_disconnected(NodeId node) const {
    const NodeConnection* state = find(node);
    return state != nullptr && state->state == ConnectionState::Disconnected;
}

std::vector<NodeId> ConnectionStates::live() const {
    std::vector<NodeId> nodes;
    for (const auto& [connection, node] : live_)
        nodes.push_back(node);
    return nodes;
}

std::optional<SimTime> ConnectionStates::look_again_at(SimTime now, NodeId node) const {
    const NodeConnection* state = find(node);
    if (state == nullptr)
        return now;
    switch (state->state) {
        case ConnectionState::Disconnected:
            return std::max(now, state->last_attempt + state->reconnect_backoff);
        case ConnectionState::Connecting:
            return state->last_attempt + state->setup_timeout + kTick;
        case ConnectionState::CheckingApiVersions:
            return std::nullopt;
        case ConnectionState::Ready:
            if (state->throttled_until > now)
                return state->throttled_until;
            return std::nullopt;
    }
    return std::nullopt;
}

std::vector<NodeId> ConnectionStates::setup_timed_out(SimTime now) const {
    std::vector<NodeId> late;
    for (const auto& [connection, node] : live_) {
        const NodeConnection& state = nodes_.at(node);
        if (state.state == ConnectionState::Connecting &&
            now - state.last_attempt > state.setup_timeout) {
            late.push_back(node);
        }
    }
    return late;
}

std::optional<SimTime> ConnectionStates::next_setup_timeout() const {
    std::optional<SimTime> next;
    for (const auto& [connection, node] : live_) {
        const NodeConnection& state = nodes_.at(node);
        if (state.state != ConnectionState::Connecting)
            continue;
        next = earlier(next, state.last_attempt + state.setup_timeout + kTick);
    }
    return next;
}

std::vector<NodeId> ConnectionStates::idle(SimTime now) const {
    std::vector<NodeId> idle;
    for (const auto& [connection, node] : live_) {
        const NodeConnection& state = nodes_.at(node);
        if (state.state != ConnectionState::Connecting && now - state.last_active > max_idle_) {
            idle.push_back(node);
        }
    }
    return idle;
}

std::optional<SimTime> ConnectionStates::next_idle() const {
    std::optional<SimTime> next;
    for (const auto& [connection, node] : live_) {
        const NodeConnection& state = nodes_.at(node);
        if (state.state == ConnectionState::Connecting)
            continue;
        next = earlier(next, state.last_active + max_idle_ + kTick);
    }
    return next;
}

}  // namespace bsim::client
