// Opening connections: SYN, its answer, and what may befall the two.

#include <utility>

#include "sim/network/network.h"
#include "sim/network/network_tell.h"

namespace bsim {

ConnectionId Network::connect(HostId from, Address to) {
    Connection& connection = connections_.add();
    const Key id = connection.key;
    connection.ends[0] = from;
    connection.ends[1] = to.host;
    connection.hosts[0] = &hosts_.at(from);
    connection.hosts[1] = &hosts_.at(to.host);
    connection.port = to.port;
    connection.open[0] = true;
    connection.incarnations[0] = connection.hosts[0]->life->incarnation();
    connection.directions[0].way = &way(from, to.host);
    connection.directions[1].way = &way(to.host, from);
    scheduler_.after(SimDuration(0), [this, id] { try_connect(id); });
    return end_of(id, 0);
}

// One packet of a handshake or a reset; when it arrives, if it does.
std::optional<SimTime> Network::send_control(Way& way, bool again) {
    Train train;
    train.sent = scheduler_.now();
    train.latency = latency_now(way, again);
    train.again = again;
    const TrainFate fate = way.send(train);
    return fate.missing == 0 ? std::optional(fate.arrival) : std::nullopt;
}

void Network::try_connect(Key id) {
    Connection* connection = find(id);
    if (connection == nullptr || !connection->open[0])
        return forget_if_done(id);
    if (connection->answered)
        return;
    Direction& there = connection->directions[0];
    connection->attempt = Gate::Open;
    switch (there.way->verdict()) {
        case RuleVerdict::Pass:
            if (const auto at =
                    send_control(*there.way, connection->syn_timeout > kFirstSynTimeout)) {
                there.last_trip = *at - scheduler_.now();
                scheduler_.at(*at, [this, id] { arrive_syn(id); });
            }
            break;
        case RuleVerdict::Reject:
            return answer_syn(id, false);
        case RuleVerdict::Jam:
            connection->attempt = Gate::Jammed;
            break;
        case RuleVerdict::Drop:
            break;
    }
    connection->syn_retry =
        scheduler_.after(connection->syn_timeout, [this, id] { repeat_syn(id); });
}

void Network::repeat_syn(Key id) {
    Connection* connection = find(id);
    if (connection == nullptr || !connection->open[0] || connection->answered)
        return;
    if (connection->syn_timeout < kLastSynTimeout) {
        connection->syn_timeout = connection->syn_timeout * 2;
        return try_connect(id);
    }
    for (int side = 0; side < 2; ++side)
        reset_end(*connection, side, CloseReason::TimedOut, EventNumber{});
    forget_if_done(id);
}

void Network::arrive_syn(Key id) {
    Connection* connection = find(id);
    if (connection == nullptr || is_dark(*connection->hosts[1]))
        return;
    if (connection->answered || connection->jammed_answer)
        return;  // a repeated one
    if (connection->vanished[1]) {
        // The host that knew the connection is another one since it was dark.
        connection->vanished[1] = false;
        connection->accepted = false;
    }
    const Host& host = *connection->hosts[1];
    const bool accepted = connection->accepted
                              ? connection->open[1]
                              : host.listening.contains(connection->port) && host.life->alive();
    send_answer(*connection, accepted);
    connection = find(id);
    if (connection == nullptr || !accepted || connection->accepted || !connection->open[0])
        return;
    // The acceptor's process hears of it at once, not one way later with the connector's first
    // acknowledgement: until then it could only send, and what it sends follows the answer.
    connection->open[1] = true;
    connection->accepted = true;
    connection->incarnations[1] = host.life->incarnation();
    tell(*connection, 1, [id, owner = host.owner, port = connection->port] {
        owner->on_accepted(end_of(id, 1), port);
    });
}

void Network::send_answer(Connection& connection, bool accepted) {
    const Key id = connection.key;
    Direction& back = connection.directions[1];
    switch (back.way->verdict()) {
        case RuleVerdict::Pass: {
            const auto at = send_control(*back.way, connection.syn_timeout > kFirstSynTimeout);
            if (!at)
                return;  // the connector's kernel asks again
            connection.answered = true;
            scheduler_.cancel(connection.syn_retry);
            scheduler_.at(*at, [this, id, accepted] { answer_syn(id, accepted); });
            back.last_arrival = *at;
            back.last_trip = *at - scheduler_.now();
            return push(connection, 1);
        }
        case RuleVerdict::Reject:
            return answer_syn(id, false);
        case RuleVerdict::Jam:
            connection.jammed_answer = accepted;
            return;
        case RuleVerdict::Drop:
            return;
    }
}

void Network::answer_syn(Key id, bool accepted) {
    Connection* connection = find(id);
    if (connection == nullptr)
        return;
    if (!connection->open[0])
        return forget_if_done(id);
    SocketOwner* owner = connection->hosts[0]->owner;
    if (accepted) {
        connection->connected = true;
        if (tap_ != nullptr)
            tap_->opened(connection->ends[0], connection->ends[1]);
        return tell(*connection, 0, [id, owner] { owner->on_connected(end_of(id, 0)); });
    }
    connection->open[0] = false;
    scheduler_.cancel(connection->syn_retry);
    reset_end(*connection, 1, CloseReason::Reset, EventNumber{});
    tell(*connection, 0, [id, owner] { owner->on_refused(end_of(id, 0)); });
    forget_if_done(id);
}

}  // namespace bsim
