#include "sim/protocol/client/consumer_network.h"

#include <algorithm>
#include <utility>

namespace bsim::client {

namespace {

constexpr SimDuration kTick = milliseconds(1);

}  // namespace

ConsumerNetwork::ConsumerNetwork(const ConsumerSettings& settings)
    : request_timeout_(settings.request_timeout_ms), network_(settings) {}

ConsumerRequestId ConsumerNetwork::enqueue(SimTime now, Outgoing request) {
    const ConsumerRequestId id(next_id_++);
    queued_[request.node].push_back({id, now, std::move(request)});
    return id;
}

// --- News from the network -------------------------------------------------------------------

void ConsumerNetwork::flush(ConsumerTurn& turn) {
    for (NetworkEffect& effect : effects_) {
        std::visit([&](auto& one) { turn.out.emplace_back(std::move(one)); }, effect);
    }
    effects_.clear();
    for (ClientResponse& response : responses_) {
        auto sent = in_flight_.extract(response.correlation_id);
        BSIM_CHECK(!sent.empty());
        const bool timed_out = response.outcome == ClientResponse::Outcome::TimedOut;
        outcomes_.push_back({sent.mapped(),
                             timed_out ? ClientResponse::Outcome::Disconnected : response.outcome,
                             std::move(response.response)});
    }
    responses_.clear();
}

void ConsumerNetwork::connection_opened(ConsumerTurn& turn, ConnectionId connection) {
    with_network(turn,
                 [&](const NetworkTurn& net) { network_.connection_opened(net, connection); });
}

void ConsumerNetwork::connection_lost(ConsumerTurn& turn, ConnectionId connection) {
    with_network(turn, [&](const NetworkTurn& net) { network_.connection_lost(net, connection); });
}

void ConsumerNetwork::response_arrived(ConsumerTurn& turn,
                                       ConnectionId connection,
                                       wire::Response response) {
    with_network(turn, [&](const NetworkTurn& net) {
        network_.response_arrived(net, connection, std::move(response));
    });
}

// --- Sending ---------------------------------------------------------------------------------

void ConsumerNetwork::try_connect(ConsumerTurn& turn, NodeId node) {
    with_network(turn, [&](const NetworkTurn& net) { network_.ready(net, node); });
}

void ConsumerNetwork::send_queued(ConsumerTurn& turn) {
    for (auto& [node, queue] : queued_) {
        while (!queue.empty()) {
            bool ready = false;
            with_network(
                turn, [&, to = node](const NetworkTurn& net) { ready = network_.ready(net, to); });
            if (!ready)
                break;
            Queued next = std::move(queue.front());
            queue.pop_front();
            NetworkClient::Outgoing request{node, std::move(next.request.body), true,
                                            next.request.oldest_version, next.request.timeout};
            with_network(turn, [&](const NetworkTurn& net) {
                in_flight_[network_.send(net, std::move(request))] = next.id;
            });
        }
    }
    std::erase_if(queued_, [](const auto& entry) { return entry.second.empty(); });
}

void ConsumerNetwork::poll(ConsumerTurn& turn) {
    with_network(turn, [&](const NetworkTurn& net) {
        while (network_.poll(net)) {
        }
    });
    fail_unsendable(turn.now);
}

void ConsumerNetwork::fail_unsendable(SimTime now) {
    for (auto& [node, queue] : queued_) {
        const bool broken = network_.connection_failed(node) || unavailable(now, node);
        std::erase_if(queue, [&](const Queued& one) {
            const bool late = now - one.since > one.request.timeout.value_or(request_timeout_);
            if (!broken && !late)
                return false;
            const auto why =
                broken ? ClientResponse::Outcome::Disconnected : ClientResponse::Outcome::TimedOut;
            outcomes_.push_back({one.id, why, std::nullopt});
            return true;
        });
    }
    std::erase_if(queued_, [](const auto& entry) { return entry.second.empty(); });
}

void ConsumerNetwork::drop_disconnected(ConsumerTurn& turn) {
    for (const NodeId node : std::exchange(to_disconnect_, {})) {
        if (const auto unsent = queued_.extract(node); !unsent.empty()) {
            for (const Queued& one : unsent.mapped())
                outcomes_.push_back({one.id, ClientResponse::Outcome::Disconnected, std::nullopt});
        }
        with_network(turn, [&](const NetworkTurn& net) { network_.disconnect(net, node); });
    }
}

void ConsumerNetwork::close(ConsumerTurn& turn) {
    with_network(turn, [&](const NetworkTurn& net) { network_.close_all(net); });
}

std::vector<RequestOutcome> ConsumerNetwork::take_outcomes() {
    return std::exchange(outcomes_, {});
}

// --- Looking ---------------------------------------------------------------------------------

bool ConsumerNetwork::unavailable(SimTime now, NodeId node) const {
    if (network_.knows_versions(node))
        return false;
    // DEVIATION: Kafka's client goes on trying to connect to a node that metadata no longer lists,
    // until it hears of another leader; here it only asks for metadata.
    if (network_.find_node(node) == nullptr)
        return true;
    if (!network_.connection_failed(node))
        return false;
    const std::optional<SimTime> again = network_.look_again_at(now, node);
    return again && *again > now;
}

std::optional<SimTime> ConsumerNetwork::next_wake(SimTime now) const {
    std::optional<SimTime> next = network_.next_wake(now);
    const auto consider = [&](std::optional<SimTime> at) {
        if (at)
            next = next ? std::min(*next, *at) : *at;
    };
    for (const auto& [node, queue] : queued_) {
        consider(network_.look_again_at(now, node));
        consider(queue.front().since + queue.front().request.timeout.value_or(request_timeout_) +
                 kTick);
    }
    return next;
}

}  // namespace bsim::client
