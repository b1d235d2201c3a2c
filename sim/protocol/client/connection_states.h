#pragma once
// The state of the connection to each node.
//
//   (none), Disconnected -> Connecting: an attempt is begun, at the earliest one reconnect backoff
//                                       after the last attempt or loss
//   Connecting -> CheckingApiVersions:  the socket is open; the ApiVersions request goes out
//   CheckingApiVersions -> Ready:       its answer came
//   any -> Disconnected:                refused, lost, timed out or closed
//
// Both backoffs grow by powers of two with jitter: reconnect.backoff.ms with each loss until a
// connection is Ready, socket.connection.setup.timeout.ms with each failure to open the socket.
// Source: org.apache.kafka.clients.ClusterConnectionStates.

#include <map>
#include <optional>
#include <vector>

#include "sim/base/time.h"
#include "sim/protocol/client/client_ids.h"
#include "sim/protocol/client/draw_sequence.h"
#include "sim/protocol/client/settings.h"
#include "sim/wire/api_key.h"

namespace bsim::client {

enum class ConnectionState { Disconnected, Connecting, CheckingApiVersions, Ready };

struct VersionRange {
    std::int16_t min = 0;
    std::int16_t max = 0;
};

struct NodeConnection {
    ConnectionState state = ConnectionState::Disconnected;
    ConnectionId connection;  // of the latest attempt
    Endpoint endpoint;
    SimTime last_attempt;
    SimTime last_active;
    SimTime throttled_until;
    std::int64_t failed_attempts = 0;
    std::int64_t failed_connects = 0;
    SimDuration reconnect_backoff;
    SimDuration setup_timeout;
    std::map<wire::ApiKey, VersionRange> versions;  // what the peer speaks; filled when Ready
};

class ConnectionStates {
  public:
    explicit ConnectionStates(const ClientSettings& settings);

    // Begins an attempt and names it. Requires can_connect().
    ConnectionId connecting(SimTime now,
                            NodeId node,
                            const Endpoint& endpoint,
                            DrawSequence& draws);
    void opened(SimTime now, NodeId node, DrawSequence& draws);
    void ready(NodeId node, std::map<wire::ApiKey, VersionRange> versions, DrawSequence& draws);
    void disconnected(SimTime now, NodeId node, DrawSequence& draws);
    void touch(SimTime now, NodeId node);
    void throttle(NodeId node, SimTime until);

    // The node whose present connection this is; none if that connection is given up.
    std::optional<NodeId> node_of(ConnectionId connection) const;
    const NodeConnection* find(NodeId node) const;
    bool can_connect(SimTime now, NodeId node) const;
    bool is_ready(SimTime now, NodeId node) const;
    bool is_connecting(NodeId node) const;
    bool is_preparing(NodeId node) const;     // connecting or checking versions
    bool is_disconnected(NodeId node) const;  // false for a node never tried
    // Nodes with an attempt or a connection that was not given up.
    std::vector<NodeId> live() const;
    // When it makes sense to look at this node again; none: an event will tell.
    std::optional<SimTime> look_again_at(SimTime now, NodeId node) const;

    // Connections whose socket did not open within the setup timeout, and when the next one is due.
    std::vector<NodeId> setup_timed_out(SimTime now) const;
    std::optional<SimTime> next_setup_timeout() const;
    // Connections unused for connections.max.idle.ms, and when the next one is due.
    std::vector<NodeId> idle(SimTime now) const;
    std::optional<SimTime> next_idle() const;

  private:
    NodeConnection& at(NodeId node);

    ExponentialBackoff reconnect_;
    ExponentialBackoff setup_;
    SimDuration max_idle_;
    std::map<NodeId, NodeConnection> nodes_;
    std::map<ConnectionId, NodeId> live_;  // attempts not given up
    std::int64_t next_connection_ = 1;
};

}  // namespace bsim::client
