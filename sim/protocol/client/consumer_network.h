#pragma once
// What a consumer's parts send through: requests wait here until their node can take them, and
// their outcomes wait until the consumer, inside of poll(), asks for them.
//
// Each request gets exactly one outcome. One that could not be sent fails when its node's
// connection is broken and not yet tried again, or times out after request.timeout.ms; one that was
// sent and times out is reported as disconnected, for that is what its connection is then.
// Source: ConsumerNetworkClient, NetworkClientUtils.

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "sim/base/strong.h"
#include "sim/protocol/client/consumer_io.h"
#include "sim/protocol/client/draw_sequence.h"
#include "sim/protocol/client/network_client.h"
#include "sim/protocol/client/settings.h"

namespace bsim::client {

using ConsumerRequestId = Strong<struct ConsumerRequestIdTag, std::int64_t>;

struct ConsumerTurn {
    SimTime now;
    DrawSequence draws;
    ConsumerEffects& out;
};

struct RequestOutcome {
    ConsumerRequestId id;
    ClientResponse::Outcome outcome = ClientResponse::Outcome::Answered;
    std::optional<wire::Response> response;  // if Answered
};

class ConsumerNetwork {
  public:
    explicit ConsumerNetwork(const ConsumerSettings& settings);

    // Puts the request into its node's queue; sent by the next send_queued() that can.
    struct Outgoing {
        NodeId node;
        wire::RequestBody body;
        std::int16_t oldest_version = 0;
        std::optional<SimDuration> timeout = std::nullopt;  // none: request.timeout.ms
    };
    ConsumerRequestId enqueue(SimTime now, Outgoing request);

    // News from the network.
    void connection_opened(ConsumerTurn& turn, ConnectionId connection);
    void connection_lost(ConsumerTurn& turn, ConnectionId connection);
    void response_arrived(ConsumerTurn& turn, ConnectionId connection, wire::Response response);

    // Sends what can be sent and opens the connections that it takes.
    void send_queued(ConsumerTurn& turn);
    // Metadata and timeouts; then fails what cannot be sent.
    void poll(ConsumerTurn& turn);
    void try_connect(ConsumerTurn& turn, NodeId node);
    void close(ConsumerTurn& turn);
    // A node beside those of metadata, see NetworkClient.
    void add_node(const NodeView& node) { network_.add_node(node); }
    std::optional<NodeId> least_loaded_node(ConsumerTurn& turn) const {
        return network_.least_loaded_node(turn.now, turn.draws);
    }
    // The connection is closed by the next drop_disconnected(), with which a poll begins.
    void disconnect_soon(NodeId node) { to_disconnect_.push_back(node); }
    void drop_disconnected(ConsumerTurn& turn);

    // Outcomes that nobody has taken yet, in order.
    std::vector<RequestOutcome> take_outcomes();

    // Its connection broke, and it is too early to try again. (A node that metadata no longer
    // lists counts as such without a connection, too.)
    bool unavailable(SimTime now, NodeId node) const;
    bool knows_versions(NodeId node) const { return network_.knows_versions(node); }
    bool anything_pending() const { return network_.in_flight_count() > 0 || !queued_.empty(); }
    std::size_t in_flight_count() const { return network_.in_flight_count(); }
    bool anything_pending(NodeId node) const {
        return network_.in_flight_count(node) > 0 || queued_.contains(node);
    }
    // When poll() should be called if nothing happens before.
    std::optional<SimTime> next_wake(SimTime now) const;

    MetadataUpdater& metadata() { return network_.metadata(); }
    const ClusterMetadata& cluster() const { return network_.metadata().cluster(); }

  private:
    struct Queued {
        ConsumerRequestId id;
        SimTime since;
        Outgoing request;
    };

    // Every call of the network client goes through here, so that its effects come out before
    // whatever follows from them.
    template <class Call>
    void with_network(ConsumerTurn& turn, Call&& call) {
        call(NetworkTurn{turn.now, turn.draws, effects_, responses_});
        flush(turn);
    }
    void flush(ConsumerTurn& turn);
    void fail_unsendable(SimTime now);

    SimDuration request_timeout_;
    NetworkClient network_;
    std::map<NodeId, std::deque<Queued>> queued_;          // no empty queues
    std::map<std::int32_t, ConsumerRequestId> in_flight_;  // by correlation id
    std::vector<RequestOutcome> outcomes_;
    std::vector<NodeId> to_disconnect_;
    std::int64_t next_id_ = 1;
    NetworkEffects effects_;                 // scratch, empty between calls
    std::vector<ClientResponse> responses_;  // scratch, empty between calls
};

}  // namespace bsim::client
