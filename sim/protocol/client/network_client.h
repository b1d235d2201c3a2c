#pragma once
// The part of a Kafka client that keeps connections, pairs answers with requests and keeps the
// metadata fresh. Shared by every kind of client; one owner drives it.
//
// It promises: at most max.in.flight.requests.per.connection requests to a node; answers are taken
// in the order of the requests; a request is answered, or reported as disconnected or timed out,
// exactly once (a request that expects no answer is reported as sent). A request older than
// request.timeout.ms closes its connection, which cancels all requests on it. While a metadata
// refresh is due no node counts as ready, so that metadata goes first.
// It requires that the owner runs `effects` in order, handles `responses`, and calls poll() after
// each input and when next_wake() comes.
// Source: org.apache.kafka.clients.NetworkClient, InFlightRequests.
// DEVIATION: a request counts as written to the socket at once, so the next may follow in the same
// instant; Kafka waits until the socket took all bytes of the one before.

#include <cstdint>
#include <deque>
#include <optional>
#include <variant>
#include <vector>

#include "sim/protocol/client/connection_states.h"
#include "sim/protocol/client/metadata_updater.h"
#include "sim/wire/message.h"

namespace bsim::client {

// Effects: what the shell does, in this order.
struct Connect {
    ConnectionId connection;
    NodeId node;  // whom the client thinks it talks to; negative for a bootstrap server
    Endpoint endpoint;
};
struct Close {
    ConnectionId connection;
};
struct SendRequest {
    ConnectionId connection;
    NodeId node;
    wire::Request request;
    bool expects_response = true;
};
using NetworkEffect = std::variant<Connect, Close, SendRequest>;
using NetworkEffects = std::vector<NetworkEffect>;

// What became of a request.
struct ClientResponse {
    enum class Outcome { Answered, Sent, Disconnected, TimedOut, VersionUnsupported };

    NodeId node;
    std::int32_t correlation_id = 0;
    Outcome outcome = Outcome::Answered;
    SimTime sent_at;
    std::optional<wire::Response> response;  // if Answered
};

// What a call may use and fill: the buffers belong to the owner and are appended to.
struct NetworkTurn {
    SimTime now;
    DrawSequence& draws;
    NetworkEffects& effects;
    std::vector<ClientResponse>& responses;
};

class NetworkClient {
  public:
    explicit NetworkClient(const ClientSettings& settings);

    // What happened on the network. News about a connection given up is ignored.
    void connection_opened(const NetworkTurn& turn, ConnectionId connection);
    void connection_lost(const NetworkTurn& turn, ConnectionId connection);  // or refused
    void response_arrived(const NetworkTurn& turn,
                          ConnectionId connection,
                          wire::Response response);

    // Whether a request can go to this node now; if there is no connection, begins one.
    bool ready(const NetworkTurn& turn, NodeId node);
    bool is_ready(SimTime now, NodeId node) const;
    // The same, whether or not metadata should go first.
    bool can_send(SimTime now, NodeId node) const;
    // A node that metadata does not list: a second connection to a broker under a number of its
    // own.
    void add_node(const NodeView& node) { own_nodes_[node.id] = node; }
    // Of metadata, else as added; nullptr if neither knows it.
    const NodeView* find_node(NodeId node) const;
    // Closes the connection, or gives the attempt up; what was in flight is reported as
    // disconnected. Metadata is not blamed.
    void disconnect(const NetworkTurn& turn, NodeId node);
    // A connection is open and its peer told what it speaks.
    bool knows_versions(NodeId node) const;
    bool connection_failed(NodeId node) const { return states_.is_disconnected(node); }
    std::optional<SimTime> look_again_at(SimTime now, NodeId node) const {
        return states_.look_again_at(now, node);
    }
    // The node with the fewest requests in flight among those connected, else one being connected,
    // else the one tried longest ago; none if all are backing off.
    std::optional<NodeId> least_loaded_node(SimTime now, DrawSequence& draws) const;

    struct Outgoing {
        NodeId node;
        wire::RequestBody body;
        bool expects_response = true;
        std::int16_t oldest_version = 0;                    // that the owner can live with
        std::optional<SimDuration> timeout = std::nullopt;  // none: request.timeout.ms
    };
    // Sends at the newest version that both sides speak. Returns the correlation id that will stand
    // in the ClientResponse. Requires is_ready().
    std::int32_t send(const NetworkTurn& turn, Outgoing request);

    // Sends a metadata request if one is due and enforces the timeouts. True if anything was done,
    // in which case another look at what can be sent is worth while.
    bool poll(const NetworkTurn& turn);
    // When poll() should be called again if nothing happens before.
    std::optional<SimTime> next_wake(SimTime now) const;

    // Closes all connections; what was in flight is reported as disconnected.
    void close_all(const NetworkTurn& turn);

    MetadataUpdater& metadata() { return metadata_; }
    const MetadataUpdater& metadata() const { return metadata_; }
    std::size_t in_flight_count() const;
    std::size_t in_flight_count(NodeId node) const;

  private:
    struct InFlight {
        std::int32_t correlation_id = 0;
        std::int16_t version = 0;
        wire::ApiKey api{};
        bool internal = false;  // ApiVersions and Metadata, which the owner does not see
        SimTime sent_at;
        SimDuration timeout{};
        SimDuration throttled{};  // does not count towards the timeout
    };

    void begin_connect(const NetworkTurn& turn, NodeId node);
    void transmit(const NetworkTurn& turn, Outgoing request, InFlight entry);
    void send_api_versions(const NetworkTurn& turn, NodeId node, std::int16_t version);
    void handle_api_versions(const NetworkTurn& turn,
                             NodeId node,
                             const InFlight& request,
                             const wire::Response& response);
    void drop(const NetworkTurn& turn, NodeId node, ClientResponse::Outcome why);
    void cancel_in_flight(const NetworkTurn& turn, NodeId node, ClientResponse::Outcome why);
    void close_and_drop(const NetworkTurn& turn, NodeId node, ClientResponse::Outcome why);
    bool maybe_update_metadata(const NetworkTurn& turn);
    bool enforce_timeouts(const NetworkTurn& turn);
    bool any_node_connecting() const;
    std::optional<std::int16_t> usable_version(NodeId node, const Outgoing& request) const;
    static SimTime request_deadline(const InFlight& request);

    std::string client_id_;
    SimDuration request_timeout_;
    SimDuration reconnect_backoff_;
    std::size_t max_in_flight_;
    ConnectionStates states_;
    MetadataUpdater metadata_;
    std::map<NodeId, NodeView> own_nodes_;
    std::map<NodeId, std::deque<InFlight>> in_flight_;
    std::int32_t next_correlation_ = 0;
    std::optional<SimTime> metadata_retry_at_;  // a refresh is due but no node can take it yet
};

}  // namespace bsim::client
