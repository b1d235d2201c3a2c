#pragma once
// Connections between processes on simulated hosts, with the promises that TCP makes: frames arrive
// in order, once, or not at all because the connection broke. And datagrams, with no promise.
//
// What a connection makes of the physics of its way (way.h):
// - A lost or corrupted segment is sent again: after one round trip if three segments that were
//   sent later have come through (fast retransmit), otherwise after the retransmission timeout
//   (retransmission.h). What has come after it waits in the receiver's kernel. All that is missing
//   is sent again at once. A segment that arrives twice is thrown away; one that is overtaken comes
//   late, and what was sent after it with it. Acknowledgements are not lost and take no bandwidth;
//   windows and congestion control are not modelled.
// - A cut that drops loses whole messages; those behind wait at the sender. While a cut jams,
//   packets wait in the network and go on when it ends. A cut that rejects resets the connection
//   for both ends at once.
// - A sender that gets nothing through for 924.6 s gives up: its connection ends as timed out, its
//   peer hears nothing of it. So does a connection attempt after 127 s. SYN and its answer are
//   packets like others; a lost one of either makes the connector's kernel send the SYN again.
//
// Ends of life:
// - A process that ends, killed or not, has its sockets closed by its kernel: what it had sent
//   still arrives, then its peers see the connection closed. A connection attempt to a host where
//   no process listens is refused after one round trip.
// - A host that loses power says nothing. Its peers' connections stay half-open: what they send is
//   sent again and again until they give up, or until the host is back, that is, a process has
//   started on it; then its kernel knows nothing of the connection and answers with a reset.
// - A paused process's kernel still accepts connections and bytes; the process sees them later.
//
// Message rules stand above this. A message that is held or delayed keeps back what was sent behind
// it on its connection, as TCP could not overtake it either; a datagram keeps back nothing. One
// that is dropped is gone for its receiver, while later ones of the connection arrive: no TCP does
// that, it is what a lossy middleman would do.
//
// A link's bandwidth is charged Frame::bytes, without headers of lower layers.

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "sim/kernel/rng.h"
#include "sim/kernel/scheduler.h"
#include "sim/network/connection.h"
#include "sim/network/connection_table.h"
#include "sim/network/frame.h"
#include "sim/network/ids.h"
#include "sim/network/rules.h"
#include "sim/network/way.h"

namespace bsim {

class Topology;

enum class CloseReason { PeerClosed, Reset, TimedOut };
constexpr const char* name(CloseReason why) {
    switch (why) {
        case CloseReason::PeerClosed:
            return "closed by peer";
        case CloseReason::Reset:
            return "reset";
        case CloseReason::TimedOut:
            break;
    }
    return "timed out";
}

// A process as the network sees it. `cause` is the trace event behind what happened.
class SocketOwner {
  public:
    virtual ~SocketOwner() = default;
    virtual void on_connected(ConnectionId connection) = 0;
    virtual void on_refused(ConnectionId connection) = 0;
    virtual void on_accepted(ConnectionId connection, Port port) = 0;
    virtual void on_frame(ConnectionId connection, std::unique_ptr<Frame> frame) = 0;
    // Also of an attempt that was given up (TimedOut) and so was never connected.
    virtual void on_closed(ConnectionId connection, CloseReason why, EventNumber cause) = 0;
    virtual void on_datagram(HostId /*from*/, Port /*to*/, std::unique_ptr<Frame> /*frame*/) {}
};

// Sees every message and connection, for the trace. Why a message, or part of it, was dropped:
//
//   loss, corrupt       by the links, or a rule that does the same
//   partition           by a cut
//   no route            no links lead there
//   host down           the receiving host has no power
//   power lost          the sender had not got it off when its host lost power
//   message-drop        by a rule, or after what a rule took for good with all that follows
//   reset               the connection was reset before it arrived
//   timed out           the sender gave up
//   closed              the receiver had closed its end
//   nobody listens      a datagram for a port without a process
//
// The first four, of a connection, are not the end: it is sent again.
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
    // The process that runs on the host accepts connections to this port, and datagrams, from now
    // on.
    void listen(Address address);

    ConnectionId connect(HostId from, Address to);
    // The frame itself travels and comes out at the other end: a message costs no copy and no
    // memory beside its sender's (one allocation each before).
    void send(ConnectionId end, std::unique_ptr<Frame> frame);
    // The host at the other end; nullopt when the connection is gone.
    std::optional<HostId> peer(ConnectionId end) const;
    // Closes an own end; the peer learns of it after the frames that are under way to it.
    void close(ConnectionId end, EventNumber cause);
    // May be lost, arrive twice, or be overtaken by a later one.
    void send_datagram(HostId from, Address to, std::unique_ptr<Frame> frame);

    // The process on this host has ended: its kernel closes all of its sockets.
    void process_ended(HostId host, EventNumber cause);
    // The host went dark, and its process with it. Requires that the process's lifeline has
    // stopped. The host is back when its process has started again.
    void host_lost_power(HostId host);

    RuleId add_rule(PartitionRule rule);
    RuleId add_rule(PacketRule rule);
    RuleId add_rule(MessageRule rule);
    // What the rule jammed or held goes on at once; what was dropped waits for its sender's
    // retransmission. Does nothing if the rule is gone already.
    void remove_rule(RuleId id);
    // Resets, for both ends, the connections that were opened along one of these ways. Returns how
    // many.
    std::size_t reset_connections(const Ways& ways, EventNumber cause);

    std::uint64_t messages() const { return messages_; }
    std::uint64_t messages_dropped() const { return dropped_; }
    // Calls visit(from, to, const WayCounters&) for every way that was used, by sender and
    // receiver.
    template <class F>
    void for_each_way(F&& visit) const {
        for (const auto& [hosts, way] : ways_)
            visit(hosts.first, hosts.second, way.counters);
    }

  private:
    struct Datagram {
        HostId from;
        Address to;
        Way* way;
        std::optional<SimDuration> latency;  // as of an Outgoing
        std::unique_ptr<Frame> frame;
        std::optional<RuleId> held_by;  // none: jammed
    };

    struct Delay {
        RngStream stream;
        LatencySampler sampler;
    };

    using Key = ConnectionKey;
    static ConnectionId end_of(Key key, int side) {
        return ConnectionId(2 * key + static_cast<Key>(side));
    }
    static Key key_of(ConnectionId end) { return end.value() / 2; }
    static int side_of(ConnectionId end) { return static_cast<int>(end.value() % 2); }

    Way& way(HostId from, HostId to);
    Connection* find(Key id) const { return connections_.find(id); }
    static bool is_dark(Host& host) {
        host.dark = host.dark && !host.life->alive();
        return host.dark;
    }
    // Requires that links lead there.
    static SimDuration latency_now(Way& way, bool again);
    void drop(Way& way, const Frame* frame, const char* why);
    void give_up_message(Way& way, const Frame* frame, const char* why);
    void deliver(Way& way, const Frame& frame);
    std::optional<SimTime> send_control(Way& way, bool again);
    void push_if_open(Connection& connection, int side);
    // What a message rule does to a message, if one strikes it.
    struct Intervention {
        bool swallowed = false;
        bool rest_too = false;  // of what comes after it on the connection
        std::optional<RuleId> held_by;
        SimDuration delay;
    };
    Intervention intervene(const Way& way, const Frame& frame);
    void note_sent(Way& way, Frame& frame);
    template <class F>
    static void tell(const Connection& connection, int side, F&& action);

    // Handshake.
    void try_connect(Key id);
    void arrive_syn(Key id);
    void send_answer(Connection& connection, bool accepted);
    void answer_syn(Key id, bool accepted);
    void repeat_syn(Key id);

    // Transfer.
    void push(Connection& connection, int side);
    bool pass_gate(Connection& connection, int side);
    void transmit(Connection& connection, int side);
    bool send_missing(Connection& connection, int side);
    void schedule_arrivals(Connection& connection, int side);
    void arm_timeout(Connection& connection, int side, SimTime since);
    void wake_at(Connection& connection, int side, SimTime at);
    void timeout(Connection& connection, int side);

    // Arrival.
    void arrive(Key id, int side, std::uint32_t flight);
    void got_through(Connection& connection, int side, const Outgoing& message);
    void lose_under_way(Connection& connection, int side);
    bool answer_with_reset(Connection& connection, int side);
    void arrive_end(Connection& connection, int side);

    // Ends.
    void shut(Connection& connection, int side, EventNumber cause);
    void give_up(Connection& connection, int side);
    void reset(Connection& connection, EventNumber cause);
    void reset_end(Connection& connection, int side, CloseReason why, EventNumber cause);
    void empty(Direction& direction, const char* why);
    // Does nothing if it is gone already.
    void forget_if_done(Key id);
    void vanish(Connection& connection, int side);

    // Rules.
    void resume_jammed(Key id);
    void release_held(Key id, RuleId rule);

    // Datagrams.
    void carry(std::unique_ptr<Datagram> datagram);
    void fly(std::unique_ptr<Datagram> datagram);
    void land(Datagram& datagram);
    void resume_datagrams(std::optional<RuleId> held_by);

    Scheduler& scheduler_;
    const Rng& rng_;
    Topology& topology_;
    NetworkTap* tap_ = nullptr;
    Rules rules_;
    std::map<HostId, Host> hosts_;
    std::map<std::pair<HostId, HostId>, Way> ways_;
    ConnectionTable connections_;
    std::list<std::unique_ptr<Datagram>> waiting_datagrams_;
    std::map<RuleId, Delay> delays_;  // of the message rules that delay
    std::uint64_t messages_ = 0;
    std::uint64_t dropped_ = 0;
};

}  // namespace bsim
