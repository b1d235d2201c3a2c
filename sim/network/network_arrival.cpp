// The receiving end of connections.

#include <algorithm>
#include <utility>

#include "sim/network/network.h"
#include "sim/network/network_tell.h"

namespace bsim {

void Network::arrive(Key id, int side, std::uint32_t flight) {
    Connection* connection = find(id);
    if (connection == nullptr)
        return;
    Direction& direction = connection->directions[side];
    if (flight != direction.flight)
        return;  // the connection was reset meanwhile, or the receiver's host went dark
    const int receiver = 1 - side;
    if (is_dark(*connection->hosts[receiver]))
        return lose_under_way(*connection, side);
    if (connection->vanished[receiver]) {
        if (!answer_with_reset(*connection, side))
            lose_under_way(*connection, side);
        return;
    }
    --direction.under_way;
    --direction.sent;
    got_through(*connection, side, direction.queue.front());
    std::unique_ptr<Frame> frame = std::move(direction.queue.front().frame);
    direction.queue.pop_front();
    if (frame == nullptr) {
        arrive_end(*connection, side);
        return forget_if_done(id);
    }
    if (!connection->open[receiver]) {
        give_up_message(*direction.way, frame.get(), "closed");
        return forget_if_done(id);
    }
    deliver(*direction.way, *frame);
    SocketOwner* owner = connection->hosts[receiver]->owner;
    tell(*connection, receiver,
         [end = end_of(id, receiver), owner, moved = std::move(frame)]() mutable {
             owner->on_frame(end, std::move(moved));
         });
}

void Network::arrive_end(Connection& connection, int side) {
    const int receiver = 1 - side;
    if (!connection.open[receiver])
        return;
    connection.open[receiver] = false;
    if (tap_ != nullptr) {
        tap_->closed(connection.ends[receiver], connection.ends[side],
                     name(CloseReason::PeerClosed));
    }
    SocketOwner* owner = connection.hosts[receiver]->owner;
    tell(connection, receiver,
         [end = end_of(connection.key, receiver), owner,
          cause = connection.directions[side].close_cause] {
             owner->on_closed(end, CloseReason::PeerClosed, cause);
         });
}

// The sender's kernel is told by an acknowledgement, for which no time is charged.
void Network::got_through(Connection& connection, int side, const Outgoing& message) {
    Direction& direction = connection.directions[side];
    direction.timer.got_through();
    if (direction.misses_segments() || direction.gate != Gate::Open) {
        direction.unanswered_since = scheduler_.now();
    } else {
        direction.unanswered_since.reset();
    }
    if (message.again)
        return;
    direction.last_trip = message.arrival - message.sent;
    direction.timer.sample(direction.last_trip + connection.directions[1 - side].last_trip);
}

// What arrives where nobody takes it is as good as lost: all of it is missing again.
void Network::lose_under_way(Connection& connection, int side) {
    Direction& direction = connection.directions[side];
    for (std::size_t i = 0; i < direction.under_way; ++i) {
        Outgoing& message = direction.queue[i];
        message.missing = message.segments;
        message.again = true;
        drop(*direction.way, message.frame.get(), "host down");
    }
    direction.under_way = 0;
    ++direction.flight;
    direction.last_arrival = scheduler_.now();
    arm_timeout(connection, side, direction.queue.front().sent);
}

// The kernel of the receiver's host knows of no such connection. True if its reset comes through.
bool Network::answer_with_reset(Connection& connection, int side) {
    Way& back = *connection.directions[1 - side].way;
    if (back.verdict() != RuleVerdict::Pass)
        return false;
    const auto at = send_control(back, true);
    if (!at)
        return false;
    ++connection.directions[side].flight;
    scheduler_.at(*at, [this, id = connection.key, side] {
        Connection* left = find(id);
        if (left == nullptr)
            return;
        reset_end(*left, side, CloseReason::Reset, EventNumber{});
        forget_if_done(id);
    });
    return true;
}

}  // namespace bsim
