#pragma once
// Connections between processes on simulated hosts, with the promises that TCP makes: frames arrive
// in order, once, or not at all because the connection broke.
//
// - A frame's latency is drawn per route; a frame never overtakes an earlier one of its direction.
// - A rule that drops makes the sender's TCP send again after a retransmission timeout that starts
//   at 200 ms and doubles up to 120 s (Linux's TCP_RTO_MIN and TCP_RTO_MAX); later frames queue
//   behind. A connection attempt is repeated after 1, 2, 4 … s (Linux's initial SYN timeout).
// - A process that ends, killed or not, has its sockets closed by its kernel: what it had sent
//   still arrives, then its peers see the connection closed. A connection attempt to a host where
//   no process listens is refused after one round trip.
// - A paused process's kernel still accepts connections and bytes; the process sees them later.

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "sim/kernel/rng.h"
#include "sim/kernel/scheduler.h"
#include "sim/network/frame.h"
#include "sim/network/ids.h"
#include "sim/network/rules.h"

namespace bsim {

class Topology;

enum class CloseReason { PeerClosed, Reset };
constexpr const char* name(CloseReason why) {
    return why == CloseReason::PeerClosed ? "closed by peer" : "reset";
}

// A process as the network sees it. `cause` is the trace event behind what happened.
class SocketOwner {
  public:
    virtual ~SocketOwner() = default;
    virtual void on_connected(ConnectionId connection) = 0;
    virtual void on_refused(ConnectionId connection) = 0;
    virtual void on_accepted(ConnectionId connection, Port port) = 0;
    virtual void on_frame(ConnectionId connection, std::unique_ptr<Frame> frame) = 0;
    virtual void on_closed(ConnectionId connection, CloseReason why, EventNumber cause) = 0;
};

// Sees every message and connection, for the trace.
class NetworkTap {
  public:
    virtual ~NetworkTap() = default;
    virtual void sent(HostId from, HostId to, const Frame& frame) = 0;
    virtual void delivered(HostId from, HostId to, const Frame& frame) = 0;
    virtual void dropped(HostId from, HostId to, const Frame& frame, const char* why) = 0;
    virtual void opened(HostId from, HostId to) = 0;
    virtual void closed(HostId at, HostId peer, const char* why) = 0;
};

class Network {
  public:
    Network(Scheduler& scheduler, const Rng& rng, Topology& topology);

    void set_tap(NetworkTap* tap) { tap_ = tap; }
    // Binds the process that runs on a host; the lifeline tells whether it lives.
    void attach(HostId host, SocketOwner& owner, Lifeline& life);
    // The process that runs on the host accepts connections to this port from now on.
    void listen(Address address);

    ConnectionId connect(HostId from, Address to);
    void send(ConnectionId end, Frame frame);
    // Closes an own end; the peer learns of it after the frames that are under way to it.
    void close(ConnectionId end, EventNumber cause);
    // The process on this host has ended: its kernel closes all of its sockets.
    void process_ended(HostId host, EventNumber cause);

    RuleId add_rule(PartitionRule rule);
    void remove_rule(RuleId id);

    std::uint64_t messages() const { return messages_; }
    std::uint64_t messages_dropped() const { return dropped_; }

  private:
    struct Host {
        SocketOwner* owner = nullptr;
        Lifeline* life = nullptr;
        std::set<Port> listening;
    };
    // One direction of a connection. A null frame in a queue is the end of the stream.
    struct Direction {
        std::deque<std::unique_ptr<Frame>> stalled;  // sent, not through the network yet
        std::deque<std::unique_ptr<Frame>> under_way;
        SimTime last_arrival;
        SimDuration timeout;     // of the retransmission that is pending
        EventId retransmission;  // while retrying
        bool retrying = false;
        bool jammed = false;  // while retrying: held by a rule that jams
        EventNumber close_cause;
    };
    struct Connection {
        HostId ends[2];  // 0 connected, 1 accepted
        Port port = 0;
        std::int32_t incarnations[2] = {0, 0};
        bool open[2] = {false, false};
        bool established = false;
        Direction directions[2];  // by the sending end
    };
    // The random stream and the links of one way between two hosts.
    struct Path {
        RngStream latency;
        HostId from;
        HostId to;
    };

    // Both ends of a connection share a key; an end's id is made of it and the side.
    using Key = std::uint64_t;
    static ConnectionId end_of(Key key, int side) {
        return ConnectionId(2 * key + static_cast<Key>(side));
    }
    static Key key_of(ConnectionId end) { return end.value() / 2; }
    static int side_of(ConnectionId end) { return static_cast<int>(end.value() % 2); }

    SimDuration draw_latency(HostId from, HostId to);
    void try_connect(Key id, SimDuration timeout);
    void arrive_syn(Key id);
    void answer_syn(Key id, bool accepted);
    void push(Key id, int side);
    void retry(Key id, int side);
    void arrive(Key id, int side);
    void reset(Key id);
    void reset_end(Key id, int side);
    void shut(Key id, int side, EventNumber cause);
    void forget_if_done(Key id);
    template <class F>
    void tell(const Connection& connection, int side, F&& action);

    Scheduler& scheduler_;
    const Rng& rng_;
    Topology& topology_;
    NetworkTap* tap_ = nullptr;
    Rules rules_;
    std::map<HostId, Host> hosts_;
    std::map<std::pair<HostId, HostId>, Path> paths_;
    std::map<Key, Connection> connections_;
    Key next_connection_ = 1;
    std::uint64_t messages_ = 0;
    std::uint64_t dropped_ = 0;
};

}  // namespace bsim
