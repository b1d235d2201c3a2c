#pragma once
// How a broker's requests (registration, heartbeats, AlterPartition, forwarded client requests)
// reach the active controller. Each user has a channel of its own.
//
// One request is under way at a time, in the order of arrival. The controller is whoever the
// broker's Raft observer holds for the leader; the channel takes note of it once and keeps it until
// the connection breaks or the controller answers NOT_CONTROLLER. Then the request goes back to the
// head of the queue and the channel looks again: at once, and while no leader is known every 100
// ms, from its start on. A broken connection is made again after 50 ms at the earliest (this
// client's reconnect backoff does not grow). A request unanswered for the request timeout breaks
// the connection. A request older than the retry timeout is given up when it would otherwise be
// sent.
//
// Channels in a broker: heartbeat: retry timeout = session timeout / 2; AlterPartition: unlimited;
// forwarding: 60 s. Request timeout = min(controller.socket.timeout.ms 30 s, retry timeout).
// That a connection must be set up first, which takes time and may fail, is the network's part: a
// failure comes as Disconnected.
// Source: NodeToControllerChannelManager, InterBrokerSendThread (3.9).

#include <cstdint>
#include <deque>
#include <optional>
#include <variant>
#include <vector>

#include "sim/base/strong.h"
#include "sim/base/time.h"
#include "sim/model/ids.h"

namespace bsim::lifecycle {

// Names a request; its content stays with the caller.
using ChannelRequestId = Strong<struct ChannelRequestIdTag, std::uint64_t>;

struct ChannelConfig {
    std::optional<SimDuration> retry_timeout;  // absent: never given up
    SimDuration socket_timeout = milliseconds(30000);
    SimDuration reconnect_backoff = milliseconds(50);
    SimDuration discovery_backoff = milliseconds(100);
};

struct ChannelContext {
    SimTime now;
    // The leader that the Raft observer knows of now.
    std::optional<BrokerId> raft_leader;
};

// ---- inputs ----
// First input.
struct ChannelStarted {};
struct RequestQueued {
    ChannelRequestId request;
};
struct RequestAnswered {
    ChannelRequestId request;
    bool not_controller;  // the answer's error is NOT_CONTROLLER
};
// The connection to that node could not be made or broke; a request under way on it is lost. Of a
// connection that the channel itself closed (CloseConnection) nothing need be said.
struct Disconnected {
    BrokerId from;
};
struct ChannelTimerFired {};

using ChannelInput =
    std::variant<ChannelStarted, RequestQueued, RequestAnswered, Disconnected, ChannelTimerFired>;

// ---- effects ----
struct SendToController {
    BrokerId controller;
    ChannelRequestId request;
    bool operator==(const SendToController&) const = default;
};
// An answer still under way on it must not be reported any more.
struct CloseConnection {
    BrokerId controller;
    bool operator==(const CloseConnection&) const = default;
};
// Hand the answer to whoever asked.
struct CompleteRequest {
    ChannelRequestId request;
    bool operator==(const CompleteRequest&) const = default;
};
// Tell whoever asked that it timed out.
struct ExpireRequest {
    ChannelRequestId request;
    bool operator==(const ExpireRequest&) const = default;
};
// Replaces the one timer; absent: none is needed.
struct ArmChannelTimer {
    std::optional<SimTime> at;
    bool operator==(const ArmChannelTimer&) const = default;
};

using ChannelEffect = std::
    variant<SendToController, CloseConnection, CompleteRequest, ExpireRequest, ArmChannelTimer>;
using ChannelEffects = std::vector<ChannelEffect>;

class ControllerChannel {
  public:
    explicit ControllerChannel(ChannelConfig config);

    // Appends to `out`; the caller carries the effects out, in order, before the next step.
    void step(const ChannelContext& context, const ChannelInput& in, ChannelEffects& out);

    std::optional<BrokerId> controller() const { return controller_; }
    bool idle() const { return !in_flight_ && queue_.empty(); }

  private:
    struct Item {
        ChannelRequestId request;
        SimTime created;
    };

    void on(const ChannelContext& context, const ChannelStarted& in, ChannelEffects& out);
    void on(const ChannelContext& context, const RequestQueued& in, ChannelEffects& out);
    void on(const ChannelContext& context, const RequestAnswered& in, ChannelEffects& out);
    void on(const ChannelContext& context, const Disconnected& in, ChannelEffects& out);
    void on(const ChannelContext& context, const ChannelTimerFired& in, ChannelEffects& out);
    void close_connection(SimTime now, ChannelEffects& out);
    void take_back();
    void pump(const ChannelContext& context, ChannelEffects& out);
    bool find_controller(const ChannelContext& context);
    bool is_expired(const Item& item, SimTime now) const;
    std::optional<SimTime> next_wakeup() const;

    ChannelConfig config_;
    SimDuration request_timeout_;
    bool started_ = false;
    std::deque<Item> queue_;
    std::optional<Item> in_flight_;
    SimTime answer_deadline_;
    std::optional<BrokerId> controller_;
    std::optional<SimTime> look_again_;    // while no controller is known
    std::optional<BrokerId> broken_with_;  // whose connection broke last, and
    SimTime connect_after_;                // when it may be made again
    std::optional<SimTime> armed_;
};

}  // namespace bsim::lifecycle
