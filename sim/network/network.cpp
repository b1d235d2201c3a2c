#include "sim/network/network.h"

#include <algorithm>
#include <utility>

#include "sim/base/check.h"
#include "sim/network/network_tell.h"
#include "sim/network/topology.h"

namespace bsim {
namespace {

// How many segments so many bytes take.
std::int64_t segments_of(std::int64_t bytes) {
    return std::max<std::int64_t>(1, (bytes + kSegmentBytes - 1) / kSegmentBytes);
}

}  // namespace

Network::Network(Scheduler& scheduler, const Rng& rng, Topology& topology)
    : scheduler_(scheduler), rng_(rng), topology_(topology) {}

void Network::attach(HostId host, SocketOwner& owner, Lifeline& life) {
    hosts_[host] = Host{&owner, &life, false, {}};
}

void Network::listen(Address address) {
    hosts_.at(address.host).listening.insert(address.port);
}

Way& Network::way(HostId from, HostId to) {
    const auto it = ways_.find({from, to});
    if (it != ways_.end())
        return it->second;
    return ways_
        .emplace(std::piecewise_construct, std::forward_as_tuple(from, to),
                 std::forward_as_tuple(Way::Parts{rng_, topology_, rules_}, from, to))
        .first->second;
}

SimDuration Network::latency_now(Way& way, bool again) {
    const auto latency = way.draw_latency(again);
    BSIM_CHECK(latency.has_value());
    return *latency;
}

// Null: the end of a stream or a part of a handshake, which are no messages.
void Network::drop(Way& way, const Frame* frame, const char* why) {
    if (frame == nullptr)
        return;
    ++dropped_;
    ++way.counters.dropped;
    if (tap_ != nullptr)
        tap_->dropped(way.from(), way.to(), *frame, why);
}

// The same for good.
void Network::give_up_message(Way& way, const Frame* frame, const char* why) {
    if (frame == nullptr)
        return;
    --way.counters.in_flight;
    drop(way, frame, why);
}

void Network::deliver(Way& way, const Frame& frame) {
    --way.counters.in_flight;
    ++way.counters.delivered;
    if (tap_ != nullptr)
        tap_->delivered(way.from(), way.to(), frame);
}

void Network::note_sent(Way& way, Frame& frame) {
    frame.number = ++messages_;
    if (tap_ != nullptr)
        tap_->sent(way.from(), way.to(), frame);
    ++way.counters.messages;
    ++way.counters.in_flight;
    way.counters.bytes += static_cast<std::uint64_t>(frame.bytes);
}

Network::Intervention Network::intervene(const Way& way, const Frame& frame) {
    Intervention result;
    const auto strike = rules_.strike(way.from(), way.to(), frame);
    if (!strike)
        return result;
    switch (strike->rule->verb) {
        case MessageRule::Verb::Drop:
            result.swallowed = true;
            break;
        case MessageRule::Verb::Lose:
            result.swallowed = true;
            result.rest_too = true;
            break;
        case MessageRule::Verb::Hold:
            result.held_by = strike->id;
            break;
        case MessageRule::Verb::Delay: {
            Delay& delay = delays_.at(strike->id);
            result.delay = delay.sampler.sample(delay.stream);
            break;
        }
    }
    return result;
}

std::optional<HostId> Network::peer(ConnectionId end) const {
    const Connection* connection = find(key_of(end));
    return connection == nullptr ? std::nullopt : std::optional(connection->ends[1 - side_of(end)]);
}

void Network::send(ConnectionId end, std::unique_ptr<Frame> frame) {
    const int side = side_of(end);
    Connection* connection = find(key_of(end));
    if (connection == nullptr || !connection->open[side])
        return;
    Direction& direction = connection->directions[side];
    Way& way = *direction.way;
    note_sent(way, *frame);
    const std::optional<SimDuration> latency = way.draw_latency(false);
    const Intervention rule = intervene(way, *frame);
    direction.lost = direction.lost || rule.rest_too;
    if (rule.swallowed || direction.lost)
        return give_up_message(way, frame.get(), "message-drop");
    Outgoing& message = direction.queue.add();
    message.bytes = frame->bytes;
    message.latency = latency;
    message.frame = std::move(frame);
    message.held_by = rule.held_by;
    if (rule.delay > SimDuration(0))
        message.not_before = scheduler_.now() + rule.delay;
    message.segments = segments_of(message.bytes);
    push_if_open(*connection, side);
}

void Network::push_if_open(Connection& connection, int side) {
    const Direction& direction = connection.directions[side];
    if (direction.gate == Gate::Open)
        push(connection, side);
}

void Network::close(ConnectionId end, EventNumber cause) {
    if (Connection* connection = find(key_of(end)); connection != nullptr)
        shut(*connection, side_of(end), cause);
}

void Network::shut(Connection& connection, int side, EventNumber cause) {
    const Key id = connection.key;
    if (!connection.open[side])
        return;
    connection.open[side] = false;
    if (!connection.accepted) {
        scheduler_.cancel(connection.syn_retry);
        return forget_if_done(id);
    }
    if (tap_ != nullptr)
        tap_->closed(connection.ends[side], connection.ends[1 - side], "closed");
    Direction& direction = connection.directions[side];
    direction.close_cause = cause;
    direction.queue.add().latency = direction.way->draw_latency(false);
    push_if_open(connection, side);
    forget_if_done(id);
}

void Network::process_ended(HostId host, EventNumber cause) {
    hosts_.at(host).listening.clear();
    std::vector<std::pair<Key, int>> ends;
    connections_.for_each([&](const Connection& connection) {
        for (int side = 0; side < 2; ++side) {
            if (connection.ends[side] == host && connection.open[side])
                ends.emplace_back(connection.key, side);
        }
    });
    for (const auto& [id, side] : ends) {
        if (Connection* connection = find(id); connection != nullptr)
            shut(*connection, side, cause);
    }
}

void Network::host_lost_power(HostId id) {
    Host& host = hosts_.at(id);
    BSIM_CHECK(!host.life->alive());
    host.dark = true;
    host.listening.clear();
    std::vector<std::pair<Key, int>> ends;
    connections_.for_each([&](const Connection& connection) {
        for (int side = 0; side < 2; ++side) {
            const bool exists = side == 0 || connection.accepted;
            if (connection.ends[side] == id && exists && !connection.vanished[side])
                ends.emplace_back(connection.key, side);
        }
    });
    for (const auto& [key, side] : ends) {
        if (Connection* connection = find(key); connection != nullptr)
            vanish(*connection, side);
    }
}

// The host's memory of this end is gone; what it had put on the wire still arrives.
void Network::vanish(Connection& connection, int side) {
    connection.vanished[side] = true;
    if (side == 0)
        scheduler_.cancel(connection.syn_retry);
    if (std::exchange(connection.open[side], false) && connection.accepted && tap_ != nullptr)
        tap_->closed(connection.ends[side], connection.ends[1 - side], "power lost");
    Direction& direction = connection.directions[side];
    while (direction.queue.size() > direction.under_way) {
        give_up_message(*direction.way, direction.queue.back().frame.get(), "power lost");
        direction.queue.pop_back();
    }
    direction.sent = direction.under_way;
    direction.gate = Gate::Open;
    scheduler_.cancel(direction.timeout);
    if (connection.vanished[1 - side]) {
        for (Direction& each : connection.directions)
            empty(each, "power lost");
    }
    forget_if_done(connection.key);
}

// What the sender's kernel could not deliver; it forgets the connection.
void Network::give_up(Connection& connection, int side) {
    connection.vanished[side] = true;
    reset_end(connection, side, CloseReason::TimedOut, EventNumber{});
    forget_if_done(connection.key);
}

void Network::reset(Connection& connection, EventNumber cause) {
    for (int side = 0; side < 2; ++side)
        reset_end(connection, side, CloseReason::Reset, cause);
    forget_if_done(connection.key);
}

void Network::empty(Direction& direction, const char* why) {
    for (const Outgoing& message : direction.queue)
        give_up_message(*direction.way, message.frame.get(), why);
    direction.queue.clear();
    direction.under_way = 0;
    direction.sent = 0;
    direction.gate = Gate::Open;
    ++direction.flight;
    scheduler_.cancel(direction.timeout);
}

void Network::reset_end(Connection& connection, int side, CloseReason why, EventNumber cause) {
    empty(connection.directions[side], name(why));
    if (!connection.open[side])
        return;
    connection.open[side] = false;
    if (tap_ != nullptr && connection.accepted)
        tap_->closed(connection.ends[side], connection.ends[1 - side], name(why));
    // Told by an event of its own: the owner may be in the middle of sending.
    const std::int32_t incarnation = connection.incarnations[side];
    const Host& host = *connection.hosts[side];
    scheduler_.after(SimDuration(0), [end = end_of(connection.key, side), incarnation, why, cause,
                                      owner = host.owner, life = host.life] {
        life->run_or_keep(incarnation, DueKind::Other,
                          [end, why, cause, owner] { owner->on_closed(end, why, cause); });
    });
}

void Network::forget_if_done(Key id) {
    const Connection* connection = find(id);
    if (connection == nullptr || connection->open[0] || connection->open[1])
        return;
    for (const Direction& direction : connection->directions) {
        if (!direction.queue.empty())
            return;
    }
    connections_.erase(id);
}

}  // namespace bsim
