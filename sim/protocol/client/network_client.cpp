#include "sim/protocol/client/network_client.h"

#include <algorithm>
#include <utility>

#include "sim/base/check.h"

namespace bsim::client {

namespace {

// Requests time out when they are older than the timeout by a whole millisecond of Kafka's clock.
constexpr SimDuration kTick = milliseconds(1);

std::int32_t throttle_ms(const wire::Response& response) {
    return std::visit(
        [](const auto& body) -> std::int32_t {
            if constexpr (requires { body.throttle_time_ms; }) {
                return body.throttle_time_ms;
            } else {
                return 0;
            }
        },
        response.body);
}

}  // namespace

NetworkClient::NetworkClient(const ClientSettings& settings)
    : client_id_(settings.client_id),
      request_timeout_(settings.request_timeout_ms),
      reconnect_backoff_(settings.reconnect_backoff_ms),
      max_in_flight_(static_cast<std::size_t>(settings.max_in_flight_requests_per_connection)),
      states_(settings),
      metadata_(settings) {}

// --- News from the network -------------------------------------------------------------------

void NetworkClient::connection_opened(const NetworkTurn& turn, ConnectionId connection) {
    const std::optional<NodeId> node = states_.node_of(connection);
    if (!node || !states_.is_connecting(*node))
        return;
    states_.opened(turn.now, *node, turn.draws);
    send_api_versions(turn, *node, wire::ApiVersionsRequest::kMaxVersion);
}

void NetworkClient::connection_lost(const NetworkTurn& turn, ConnectionId connection) {
    const std::optional<NodeId> node = states_.node_of(connection);
    if (!node)
        return;
    drop(turn, *node, ClientResponse::Outcome::Disconnected);
}

void NetworkClient::response_arrived(const NetworkTurn& turn,
                                     ConnectionId connection,
                                     wire::Response response) {
    const std::optional<NodeId> node = states_.node_of(connection);
    if (!node)
        return;
    std::deque<InFlight>& queue = in_flight_[*node];
    // Those before it lack an answer only if a message rule took it; they will time out.
    const auto asked = std::find_if(queue.begin(), queue.end(), [&](const InFlight& request) {
        return request.correlation_id == response.correlation_id;
    });
    BSIM_CHECK(asked != queue.end());
    const InFlight request = *asked;
    queue.erase(asked);
    states_.touch(turn.now, *node);
    if (const std::int32_t ms = throttle_ms(response); ms > 0) {
        for (InFlight& other : queue)
            other.throttled = other.throttled + milliseconds(ms);
        states_.throttle(*node, turn.now + milliseconds(ms));
    }
    if (request.internal && request.api == wire::ApiKey::ApiVersions) {
        handle_api_versions(turn, *node, request, response);
    } else if (request.internal) {
        metadata_.response_arrived(turn.now, std::get<wire::MetadataResponse>(response.body),
                                   request.version, turn.draws);
    } else {
        turn.responses.push_back({*node, request.correlation_id, ClientResponse::Outcome::Answered,
                                  request.sent_at, std::move(response)});
    }
}

void NetworkClient::send_api_versions(const NetworkTurn& turn, NodeId node, std::int16_t version) {
    wire::ApiVersionsRequest body;
    body.client_software_name = "apache-kafka-java";
    body.client_software_version = "3.9.0";
    InFlight entry;
    entry.version = version;
    entry.internal = true;
    transmit(turn, {node, std::move(body)}, entry);
}

void NetworkClient::handle_api_versions(const NetworkTurn& turn,
                                        NodeId node,
                                        const InFlight& request,
                                        const wire::Response& response) {
    const auto& body = std::get<wire::ApiVersionsResponse>(response.body);
    std::map<wire::ApiKey, VersionRange> versions;
    for (const auto& api : body.api_keys) {
        versions[static_cast<wire::ApiKey>(api.api_key)] = {api.min_version, api.max_version};
    }
    const auto error = static_cast<wire::ErrorCode>(body.error_code);
    if (error == wire::ErrorCode::None) {
        states_.ready(node, std::move(versions), turn.draws);
    } else if (error == wire::ErrorCode::UnsupportedVersion && request.version > 0) {
        // KIP-511: the broker tells which version of this request it speaks.
        const auto own = versions.find(wire::ApiKey::ApiVersions);
        send_api_versions(turn, node, own != versions.end() ? own->second.max : std::int16_t{0});
    } else {
        close_and_drop(turn, node, ClientResponse::Outcome::Disconnected);
    }
}

// --- Connections -----------------------------------------------------------------------------

bool NetworkClient::can_send(SimTime now, NodeId node) const {
    return states_.is_ready(now, node) && in_flight_count(node) < max_in_flight_;
}

bool NetworkClient::knows_versions(NodeId node) const {
    const NodeConnection* state = states_.find(node);
    return state != nullptr && state->state == ConnectionState::Ready;
}

bool NetworkClient::is_ready(SimTime now, NodeId node) const {
    return !metadata_.is_due(now) && can_send(now, node);
}

bool NetworkClient::ready(const NetworkTurn& turn, NodeId node) {
    if (is_ready(turn.now, node))
        return true;
    if (states_.can_connect(turn.now, node))
        begin_connect(turn, node);
    return false;
}

void NetworkClient::begin_connect(const NetworkTurn& turn, NodeId node) {
    const NodeView* view = find_node(node);
    if (view == nullptr)
        return;
    const ConnectionId connection = states_.connecting(turn.now, node, view->endpoint, turn.draws);
    turn.effects.emplace_back(Connect{connection, node, view->endpoint});
}

void NetworkClient::close_and_drop(const NetworkTurn& turn,
                                   NodeId node,
                                   ClientResponse::Outcome why) {
    turn.effects.emplace_back(Close{states_.find(node)->connection});
    drop(turn, node, why);
}

const NodeView* NetworkClient::find_node(NodeId node) const {
    if (const NodeView* listed = metadata_.cluster().node(node))
        return listed;
    const auto own = own_nodes_.find(node);
    return own != own_nodes_.end() ? &own->second : nullptr;
}

void NetworkClient::disconnect(const NetworkTurn& turn, NodeId node) {
    const NodeConnection* state = states_.find(node);
    if (state == nullptr || state->state == ConnectionState::Disconnected)
        return;
    turn.effects.emplace_back(Close{state->connection});
    states_.disconnected(turn.now, node, turn.draws);
    cancel_in_flight(turn, node, ClientResponse::Outcome::Disconnected);
}

void NetworkClient::drop(const NetworkTurn& turn, NodeId node, ClientResponse::Outcome why) {
    states_.disconnected(turn.now, node, turn.draws);
    cancel_in_flight(turn, node, why);
    metadata_.node_disconnected(turn.now, turn.draws);
}

void NetworkClient::cancel_in_flight(const NetworkTurn& turn,
                                     NodeId node,
                                     ClientResponse::Outcome why) {
    const std::deque<InFlight> cancelled = std::exchange(in_flight_[node], {});
    for (const InFlight& request : cancelled) {
        if (!request.internal) {
            turn.responses.push_back(
                {node, request.correlation_id, why, request.sent_at, std::nullopt});
        } else if (request.api == wire::ApiKey::Metadata) {
            metadata_.request_failed(turn.now, turn.draws);
        }
    }
}

void NetworkClient::close_all(const NetworkTurn& turn) {
    for (const NodeId node : states_.live()) {
        close_and_drop(turn, node, ClientResponse::Outcome::Disconnected);
    }
}

bool NetworkClient::any_node_connecting() const {
    const auto& nodes = metadata_.cluster().nodes();
    return std::any_of(nodes.begin(), nodes.end(),
                       [&](const auto& node) { return states_.is_connecting(node.first); });
}

std::optional<NodeId> NetworkClient::least_loaded_node(SimTime now, DrawSequence& draws) const {
    std::vector<NodeId> nodes;
    for (const auto& [id, view] : metadata_.cluster().nodes())
        nodes.push_back(id);
    BSIM_CHECK(!nodes.empty());
    const auto first =
        static_cast<std::size_t>(draws.below(static_cast<std::int32_t>(nodes.size())));

    std::optional<NodeId> ready;
    std::optional<NodeId> preparing;
    std::optional<NodeId> connectable;
    const auto last_attempt = [&](NodeId id) {
        const NodeConnection* state = states_.find(id);
        return state != nullptr ? std::optional(state->last_attempt) : std::nullopt;
    };
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        const NodeId node = nodes[(first + i) % nodes.size()];
        if (can_send(now, node)) {
            if (in_flight_count(node) == 0)
                return node;
            if (!ready || in_flight_count(node) < in_flight_count(*ready))
                ready = node;
        } else if (states_.is_preparing(node)) {
            preparing = node;
        } else if (states_.can_connect(now, node)) {
            // A node never tried comes before all others: none < any time.
            if (!connectable || last_attempt(*connectable) > last_attempt(node)) {
                connectable = node;
            }
        }
    }
    if (ready)
        return ready;
    return preparing ? preparing : connectable;
}

// --- Requests --------------------------------------------------------------------------------

std::optional<std::int16_t> NetworkClient::usable_version(NodeId node,
                                                          const Outgoing& request) const {
    const NodeConnection* state = states_.find(node);
    const auto spoken = state->versions.find(wire::api(request.body));
    if (spoken == state->versions.end())
        return std::nullopt;
    const auto [ours_min, ours_max] = std::visit(
        [](const auto& body) {
            using Body = std::decay_t<decltype(body)>;
            return std::pair(Body::kMinVersion, Body::kMaxVersion);
        },
        request.body);
    const std::int16_t oldest = std::max({ours_min, request.oldest_version, spoken->second.min});
    const std::int16_t newest = std::min(ours_max, spoken->second.max);
    if (newest < oldest)
        return std::nullopt;
    return newest;
}

std::int32_t NetworkClient::send(const NetworkTurn& turn, Outgoing request) {
    BSIM_CHECK(can_send(turn.now, request.node));
    const std::optional<std::int16_t> version = usable_version(request.node, request);
    if (!version) {
        const std::int32_t correlation_id = next_correlation_++;
        turn.responses.push_back({request.node, correlation_id,
                                  ClientResponse::Outcome::VersionUnsupported, turn.now,
                                  std::nullopt});
        return correlation_id;
    }
    InFlight entry;
    entry.version = *version;
    entry.timeout = request.timeout.value_or(SimDuration{});
    const std::int32_t correlation_id = next_correlation_;
    transmit(turn, std::move(request), entry);
    return correlation_id;
}

void NetworkClient::transmit(const NetworkTurn& turn, Outgoing request, InFlight entry) {
    entry.correlation_id = next_correlation_++;
    entry.api = wire::api(request.body);
    entry.sent_at = turn.now;
    if (entry.timeout == SimDuration{})
        entry.timeout = request_timeout_;
    states_.touch(turn.now, request.node);
    SendRequest effect;
    effect.connection = states_.find(request.node)->connection;
    effect.node = request.node;
    effect.request = {entry.version, entry.correlation_id, client_id_, std::move(request.body)};
    effect.expects_response = request.expects_response;
    turn.effects.emplace_back(std::move(effect));
    if (request.expects_response) {
        in_flight_[request.node].push_back(entry);
    } else {
        turn.responses.push_back({request.node, entry.correlation_id, ClientResponse::Outcome::Sent,
                                  turn.now, std::nullopt});
    }
}

std::size_t NetworkClient::in_flight_count(NodeId node) const {
    const auto found = in_flight_.find(node);
    return found != in_flight_.end() ? found->second.size() : 0;
}

std::size_t NetworkClient::in_flight_count() const {
    std::size_t count = 0;
    for (const auto& [node, queue] : in_flight_)
        count += queue.size();
    return count;
}

// --- Metadata and timeouts -------------------------------------------------------------------

bool NetworkClient::maybe_update_metadata(const NetworkTurn& turn) {
    metadata_retry_at_.reset();
    if (!metadata_.is_due(turn.now))
        return false;
    const std::optional<NodeId> node = least_loaded_node(turn.now, turn.draws);
    if (!node) {
        metadata_retry_at_ = turn.now + reconnect_backoff_;
        return false;
    }
    if (can_send(turn.now, *node)) {
        Outgoing request{*node, metadata_.begin_request(turn.now)};
        const std::optional<std::int16_t> version = usable_version(*node, request);
        // Whoever answers ApiVersions also answers Metadata.
        BSIM_CHECK(version.has_value());
        InFlight entry;
        entry.version = *version;
        entry.internal = true;
        transmit(turn, std::move(request), entry);
        return true;
    }
    // One connection at a time is opened for the sake of metadata.
    if (any_node_connecting()) {
        metadata_retry_at_ = turn.now + reconnect_backoff_;
        return false;
    }
    if (!states_.can_connect(turn.now, *node))
        return false;
    begin_connect(turn, *node);
    return true;
}

SimTime NetworkClient::request_deadline(const InFlight& request) {
    return request.sent_at + request.timeout + request.throttled + kTick;
}

bool NetworkClient::enforce_timeouts(const NetworkTurn& turn) {
    bool any = false;
    for (const NodeId node : states_.idle(turn.now)) {
        close_and_drop(turn, node, ClientResponse::Outcome::Disconnected);
        any = true;
    }
    for (const NodeId node : states_.setup_timed_out(turn.now)) {
        close_and_drop(turn, node, ClientResponse::Outcome::TimedOut);
        any = true;
    }
    std::vector<NodeId> late;
    for (const auto& [node, queue] : in_flight_) {
        const bool expired = std::any_of(queue.begin(), queue.end(), [&](const InFlight& request) {
            return request_deadline(request) <= turn.now;
        });
        if (expired)
            late.push_back(node);
    }
    for (const NodeId node : late) {
        close_and_drop(turn, node, ClientResponse::Outcome::TimedOut);
        any = true;
    }
    return any;
}

bool NetworkClient::poll(const NetworkTurn& turn) {
    const bool updated = maybe_update_metadata(turn);
    const bool timed_out = enforce_timeouts(turn);
    return updated || timed_out;
}

std::optional<SimTime> NetworkClient::next_wake(SimTime now) const {
    std::optional<SimTime> next = metadata_.due_at();
    // A refresh that is due but could not be sent waits for news or for the retry.
    if (next && *next <= now)
        next = metadata_retry_at_;
    const auto consider = [&](std::optional<SimTime> at) {
        if (at)
            next = next ? std::min(*next, *at) : *at;
    };
    consider(states_.next_setup_timeout());
    consider(states_.next_idle());
    for (const auto& [node, queue] : in_flight_) {
        for (const InFlight& request : queue)
            consider(request_deadline(request));
    }
    return next;
}

}  // namespace bsim::client
