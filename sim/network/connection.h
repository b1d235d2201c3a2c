#pragma once
// The state of one connection: what each end has sent and how far it has come. Inside sim/network/.
//
// What an end sends stands in one queue until its receiver has it, in three parts:
//
//   front  [ under way | sent, with segments missing somewhere | not sent yet ]  back
//
// Under way is what has all its segments through and nothing missing before it: its arrival is
// scheduled. Behind a missing segment TCP holds back what has come after it.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>

#include "sim/kernel/event_queue.h"
#include "sim/network/ids.h"
#include "sim/network/message_queue.h"
#include "sim/network/retransmission.h"
#include "sim/network/way.h"

namespace bsim {

class Lifeline;
class SocketOwner;

// What the network knows of a host and the process that runs on it.
struct Host {
    SocketOwner* owner = nullptr;
    Lifeline* life = nullptr;
    bool dark = false;  // until its process starts
    std::set<Port> listening;
};

// Why what is not sent yet is not.
enum class Gate : std::uint8_t {
    Open,     // there is nothing, or the connection is not answered yet
    Lost,     // a cut loses it: the retransmission timer tries again
    Jammed,   // a cut holds it in the network
    Held,     // a message rule
    Delayed,  // a message rule; a timer goes on
};

// Here and in Connection, what each message looks at comes first and starts a line of the cache:
// with many connections a message finds its own in no cache, and pays for every line of it.
struct alignas(64) Direction {
    Way* way = nullptr;
    std::size_t under_way = 0;  // from the front
    std::size_t sent = 0;       // from the front, those under way included
    SimTime last_arrival;
    SimDuration last_trip;  // of what arrived last
    RetransmissionTimer timer;
    std::optional<SimTime> unanswered_since;
    EventId timeout;  // of the retransmission
    std::int64_t duplicate_acks = 0;
    std::uint32_t flight = 0;  // arrivals scheduled in an older one are void
    Gate gate = Gate::Open;
    bool recovering = false;  // sends again, or has, because of duplicate acks
    bool fast = false;        // the pending timeout is no timeout, but that
    bool lost = false;        // a rule makes whatever is sent from now on disappear
    MessageQueue queue;
    SimTime timeout_at;
    EventNumber close_cause;

    bool misses_segments() const { return under_way < sent; }
};

// Both ends of a connection share a key; an end's id is made of it and the side.
using ConnectionKey = std::uint64_t;

struct alignas(64) Connection {
    ConnectionKey key = 0;
    HostId ends[2];    // 0 connected, 1 accepted
    Host* hosts[2]{};  // of the ends
    std::int32_t incarnations[2] = {0, 0};
    bool open[2] = {false, false};
    bool vanished[2] = {false, false};  // its host lost power: it answers nothing, or with a reset
    bool accepted = false;              // the acceptor's kernel has a socket for it
    bool answered = false;              // and its answer, of either kind, will come through
    bool connected = false;             // the connector knows
    Gate attempt = Gate::Open;          // of the SYN; Jammed: a cut holds it
    Port port = 0;
    Direction directions[2];            // by the sending end
    std::optional<bool> jammed_answer;  // accepted or refused; a cut holds it on the way back
    SimDuration syn_timeout = kFirstSynTimeout;
    EventId syn_retry;
};

}  // namespace bsim
