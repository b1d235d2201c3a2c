// Sending on connections: what the gates let through, what is lost and sent again.

#include <algorithm>
#include <utility>

#include "sim/network/network.h"

namespace bsim {

// Sends what the sender has queued, as far as rules let it.
void Network::push(Connection& connection, int side) {
    if (side == 1 && !connection.answered)
        return;
    Direction& direction = connection.directions[side];
    direction.gate = Gate::Open;
    while (direction.sent < direction.queue.size()) {
        if (!pass_gate(connection, side))
            return;
        transmit(connection, side);
    }
}

// May the next message be sent? If not, notes why and what will change it; a connection that is
// rejected is gone then.
bool Network::pass_gate(Connection& connection, int side) {
    Direction& direction = connection.directions[side];
    const Outgoing& next = direction.queue[direction.sent];
    if (next.held_by) {
        direction.gate = Gate::Held;
        return false;
    }
    if (next.not_before && *next.not_before > scheduler_.now()) {
        direction.gate = Gate::Delayed;
        scheduler_.at(*next.not_before, [this, id = connection.key, side] {
            Connection* waiting = find(id);
            if (waiting != nullptr && waiting->directions[side].gate == Gate::Delayed)
                push(*waiting, side);
        });
        return false;
    }
    switch (direction.way->verdict()) {
        case RuleVerdict::Pass:
            return true;
        case RuleVerdict::Reject:
            reset(connection, EventNumber{});
            return false;
        case RuleVerdict::Jam:
            direction.gate = Gate::Jammed;
            break;
        case RuleVerdict::Drop:
            direction.gate = Gate::Lost;
            drop(*direction.way, next.frame.get(), direction.way->why_dropped());
            break;
    }
    arm_timeout(connection, side, scheduler_.now());
    return false;
}

void Network::transmit(Connection& connection, int side) {
    Direction& direction = connection.directions[side];
    Outgoing& message = direction.queue[direction.sent];
    const bool behind_a_gap = direction.misses_segments();
    ++direction.sent;
    message.sent = scheduler_.now();
    const TrainFate fate = direction.way->send(
        {message.sent, message.bytes, message.segments,
         message.latency ? *message.latency : latency_now(*direction.way, false), false});
    message.arrival = fate.arrival;
    message.missing = fate.missing;
    if (fate.missing > 0)
        drop(*direction.way, message.frame.get(), fate.corrupted ? "corrupt" : "loss");
    schedule_arrivals(connection, side);
    if (!direction.misses_segments())
        return;
    direction.duplicate_acks =
        behind_a_gap ? direction.duplicate_acks + message.segments - fate.missing : fate.after;
    arm_timeout(connection, side, scheduler_.now());
    if (direction.duplicate_acks < kDuplicateAcks || direction.recovering)
        return;
    const SimTime heard = fate.arrival + connection.directions[1 - side].last_trip;
    if (heard >= direction.timeout_at)
        return;
    direction.recovering = true;
    direction.fast = true;
    wake_at(connection, side, heard);
}

// Sends again all that is missing. False if there is nothing to push behind it.
bool Network::send_missing(Connection& connection, int side) {
    Direction& direction = connection.directions[side];
    if (!direction.misses_segments())
        return true;
    switch (direction.way->verdict()) {
        case RuleVerdict::Reject:
            reset(connection, EventNumber{});
            return false;
        case RuleVerdict::Jam:
            direction.gate = Gate::Jammed;
            return false;
        case RuleVerdict::Drop:
            drop(*direction.way, direction.queue[direction.under_way].frame.get(),
                 direction.way->why_dropped());
            return false;
        case RuleVerdict::Pass:
            break;
    }
    for (std::size_t i = direction.under_way; i < direction.sent; ++i) {
        Outgoing& message = direction.queue[i];
        if (message.missing == 0)
            continue;
        message.again = true;
        message.sent = scheduler_.now();
        const TrainFate fate = direction.way->send(
            {message.sent, std::min(message.bytes, message.missing * kSegmentBytes),
             message.missing, latency_now(*direction.way, true), true});
        message.arrival = std::max(message.arrival, fate.arrival);
        message.missing = fate.missing;
        if (fate.missing > 0)
            drop(*direction.way, message.frame.get(), fate.corrupted ? "corrupt" : "loss");
    }
    schedule_arrivals(connection, side);
    return true;
}

void Network::schedule_arrivals(Connection& connection, int side) {
    Direction& direction = connection.directions[side];
    while (direction.misses_segments() && direction.queue[direction.under_way].missing == 0) {
        const SimTime at =
            std::max(direction.last_arrival, direction.queue[direction.under_way].arrival);
        direction.last_arrival = at;
        ++direction.under_way;
        scheduler_.at(at, [this, id = connection.key, side, flight = direction.flight] {
            arrive(id, side, flight);
        });
    }
    if (direction.misses_segments())
        return;
    direction.duplicate_acks = 0;
    direction.recovering = false;
    if (direction.gate != Gate::Lost && direction.gate != Gate::Jammed)
        scheduler_.cancel(direction.timeout);
}

// Makes sure that the sender's kernel does something if it gets through nothing of what it sent
// since then.
void Network::arm_timeout(Connection& connection, int side, SimTime since) {
    Direction& direction = connection.directions[side];
    if (!direction.unanswered_since)
        direction.unanswered_since = since;
    if (scheduler_.pending(direction.timeout))
        return;
    direction.fast = false;
    // Of what is jammed the network loses nothing: that it is sent again makes no difference.
    wake_at(connection, side,
            std::max(scheduler_.now(), direction.gate == Gate::Jammed
                                           ? *direction.unanswered_since + kGiveUpAfter
                                           : since + direction.timer.timeout()));
}

void Network::wake_at(Connection& connection, int side, SimTime at) {
    Direction& direction = connection.directions[side];
    scheduler_.cancel(direction.timeout);
    direction.timeout_at = at;
    direction.timeout = scheduler_.at(
        at, [this, id = connection.key, side] { timeout(connections_.at(id), side); });
}

void Network::timeout(Connection& connection, int side) {
    const Key id = connection.key;
    Direction& direction = connection.directions[side];
    direction.timeout = EventId{};
    if (direction.unanswered_since &&
        scheduler_.now() - *direction.unanswered_since >= kGiveUpAfter)
        return give_up(connection, side);
    if (!std::exchange(direction.fast, false))
        direction.timer.expired();
    if (send_missing(connection, side) && direction.gate == Gate::Lost)
        push(connection, side);
    if (find(id) == nullptr)
        return;
    if (direction.misses_segments() || direction.gate == Gate::Lost ||
        direction.gate == Gate::Jammed)
        arm_timeout(connection, side, scheduler_.now());
}

}  // namespace bsim
