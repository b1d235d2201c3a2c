#include "sim/network/network.h"

#include <algorithm>
#include <utility>

#include "sim/base/check.h"
#include "sim/network/topology.h"

namespace bsim {
namespace {

constexpr SimDuration kFirstRetransmission = milliseconds(200);
constexpr SimDuration kLongestRetransmission = seconds(120);
constexpr SimDuration kFirstSynTimeout = seconds(1);

}  // namespace

Network::Network(Scheduler& scheduler, const Rng& rng, Topology& topology)
    : scheduler_(scheduler), rng_(rng), topology_(topology) {}

void Network::attach(HostId host, SocketOwner& owner, Lifeline& life) {
    hosts_[host] = Host{&owner, &life, {}};
}

void Network::listen(Address address) {
    hosts_.at(address.host).listening.insert(address.port);
}

SimDuration Network::draw_latency(HostId from, HostId to) {
    auto it = paths_.find({from, to});
    if (it == paths_.end()) {
        auto stream =
            rng_.stream("network/" + topology_.name(from) + ">" + topology_.name(to) + "/latency");
        it = paths_.emplace(std::pair{from, to}, Path{std::move(stream), from, to}).first;
    }
    SimDuration sum;
    for (const LatencySampler* link : topology_.route(from, to)) {
        sum = sum + link->sample(it->second.latency);
    }
    return sum;
}

// Runs `action` in the process that owns this end, if it is still the process that opened it.
template <class F>
void Network::tell(const Connection& connection, int side, F&& action) {
    const Host& host = hosts_.at(connection.ends[side]);
    host.life->run_or_keep(connection.incarnations[side], DueKind::Other, std::forward<F>(action));
}

ConnectionId Network::connect(HostId from, Address to) {
    const Key id = next_connection_++;
    Connection& connection = connections_[id];
    connection.ends[0] = from;
    connection.ends[1] = to.host;
    connection.port = to.port;
    connection.open[0] = true;
    connection.incarnations[0] = hosts_.at(from).life->incarnation();
    scheduler_.after(SimDuration(0), [this, id] { try_connect(id, kFirstSynTimeout); });
    return end_of(id, 0);
}

void Network::try_connect(Key id, SimDuration timeout) {
    const auto it = connections_.find(id);
    if (it == connections_.end() || !it->second.open[0])
        return forget_if_done(id);
    const Connection& connection = it->second;
    switch (rules_.verdict(connection.ends[0], connection.ends[1])) {
        case RuleVerdict::Pass:
            scheduler_.after(draw_latency(connection.ends[0], connection.ends[1]),
                             [this, id] { arrive_syn(id); });
            return;
        case RuleVerdict::Reject:
            return answer_syn(id, false);
        case RuleVerdict::Drop:
        case RuleVerdict::Jam:
            scheduler_.after(timeout, [this, id, timeout] { try_connect(id, timeout * 2); });
            return;
    }
}

void Network::arrive_syn(Key id) {
    const auto it = connections_.find(id);
    if (it == connections_.end())
        return;
    Connection& connection = it->second;
    const Host& host = hosts_.at(connection.ends[1]);
    const bool accepted = host.listening.contains(connection.port) && host.life->alive();
    // The answer to a connection attempt is not stalled by a rule of its own: a cut way back shows
    // with the first frame. What the acceptor sends comes after it.
    const SimTime answered =
        scheduler_.now() + draw_latency(connection.ends[1], connection.ends[0]);
    scheduler_.at(answered, [this, id, accepted] { answer_syn(id, accepted); });
    connection.directions[1].last_arrival = answered;
    if (accepted && connection.open[0]) {
        connection.open[1] = true;
        connection.established = true;
        connection.incarnations[1] = host.life->incarnation();
        tell(connection, 1, [id, owner = host.owner, port = connection.port] {
            owner->on_accepted(end_of(id, 1), port);
        });
    }
}

void Network::answer_syn(Key id, bool accepted) {
    const auto it = connections_.find(id);
    if (it == connections_.end())
        return;
    Connection& connection = it->second;
    if (!connection.open[0])
        return forget_if_done(id);
    SocketOwner* owner = hosts_.at(connection.ends[0]).owner;
    if (accepted) {
        if (tap_ != nullptr)
            tap_->opened(connection.ends[0], connection.ends[1]);
        tell(connection, 0, [id, owner] { owner->on_connected(end_of(id, 0)); });
        return;
    }
    connection.open[0] = false;
    tell(connection, 0, [id, owner] { owner->on_refused(end_of(id, 0)); });
    forget_if_done(id);
}

void Network::send(ConnectionId end, Frame frame) {
    const Key id = key_of(end);
    const int side = side_of(end);
    const auto it = connections_.find(id);
    if (it == connections_.end())
        return;
    Connection& connection = it->second;
    if (!connection.open[side])
        return;
    frame.number = ++messages_;
    if (tap_ != nullptr)
        tap_->sent(connection.ends[side], connection.ends[1 - side], frame);
    connection.directions[side].stalled.push_back(std::make_unique<Frame>(std::move(frame)));
    if (!connection.directions[side].retrying)
        push(id, side);
}

// Moves what the sender has queued into the network, as far as the rules let it.
void Network::push(Key id, int side) {
    Connection& connection = connections_.at(id);
    Direction& direction = connection.directions[side];
    const HostId from = connection.ends[side];
    const HostId to = connection.ends[1 - side];
    while (!direction.stalled.empty()) {
        const RuleVerdict verdict = rules_.verdict(from, to);
        if (verdict == RuleVerdict::Reject)
            return reset(id);
        if (verdict != RuleVerdict::Pass) {
            direction.retrying = true;
            direction.jammed = verdict == RuleVerdict::Jam;
            direction.timeout = std::max(direction.timeout, kFirstRetransmission);
            if (verdict == RuleVerdict::Drop) {
                ++dropped_;
                if (tap_ != nullptr && direction.stalled.front() != nullptr) {
                    tap_->dropped(from, to, *direction.stalled.front(), "partition");
                }
            }
            direction.retransmission =
                scheduler_.after(direction.timeout, [this, id, side] { retry(id, side); });
            return;
        }
        direction.timeout = SimDuration(0);
        const SimTime arrival =
            std::max(direction.last_arrival, scheduler_.now() + draw_latency(from, to));
        direction.last_arrival = arrival;
        direction.under_way.push_back(std::move(direction.stalled.front()));
        direction.stalled.pop_front();
        scheduler_.at(arrival, [this, id, side] { arrive(id, side); });
    }
}

void Network::retry(Key id, int side) {
    const auto it = connections_.find(id);
    if (it == connections_.end())
        return;
    Direction& direction = it->second.directions[side];
    if (!direction.retrying)
        return;
    direction.retrying = false;
    scheduler_.cancel(direction.retransmission);  // if a rule's end came before it
    direction.timeout = std::min(direction.timeout * 2, kLongestRetransmission);
    push(id, side);
}

void Network::arrive(Key id, int side) {
    const auto it = connections_.find(id);
    if (it == connections_.end())
        return;
    Connection& connection = it->second;
    Direction& direction = connection.directions[side];
    if (direction.under_way.empty())
        return;  // the connection was reset meanwhile
    std::unique_ptr<Frame> frame = std::move(direction.under_way.front());
    direction.under_way.pop_front();
    const int receiver = 1 - side;
    if (frame == nullptr) {
        if (connection.open[receiver]) {
            connection.open[receiver] = false;
            if (tap_ != nullptr) {
                tap_->closed(connection.ends[receiver], connection.ends[side],
                             name(CloseReason::PeerClosed));
            }
            SocketOwner* owner = hosts_.at(connection.ends[receiver]).owner;
            tell(connection, receiver,
                 [end = end_of(id, receiver), owner, cause = direction.close_cause] {
                     owner->on_closed(end, CloseReason::PeerClosed, cause);
                 });
        }
        return forget_if_done(id);
    }
    if (!connection.open[receiver])
        return forget_if_done(id);
    if (tap_ != nullptr) {
        tap_->delivered(connection.ends[side], connection.ends[receiver], *frame);
    }
    SocketOwner* owner = hosts_.at(connection.ends[receiver]).owner;
    tell(connection, receiver,
         [end = end_of(id, receiver), owner, moved = std::move(frame)]() mutable {
             owner->on_frame(end, std::move(moved));
         });
}

void Network::close(ConnectionId end, EventNumber cause) {
    if (connections_.contains(key_of(end)))
        shut(key_of(end), side_of(end), cause);
}

void Network::shut(Key id, int side, EventNumber cause) {
    Connection& connection = connections_.at(id);
    if (!connection.open[side])
        return;
    connection.open[side] = false;
    if (!connection.established)
        return forget_if_done(id);
    if (tap_ != nullptr) {
        tap_->closed(connection.ends[side], connection.ends[1 - side], "closed");
    }
    Direction& direction = connection.directions[side];
    direction.close_cause = cause;
    direction.stalled.push_back(nullptr);
    if (!direction.retrying)
        push(id, side);
    forget_if_done(id);
}

void Network::process_ended(HostId host, EventNumber cause) {
    hosts_.at(host).listening.clear();
    std::vector<std::pair<Key, int>> ends;
    for (const auto& [id, connection] : connections_) {
        for (int side = 0; side < 2; ++side) {
            if (connection.ends[side] == host && connection.open[side])
                ends.emplace_back(id, side);
        }
    }
    for (const auto& [id, side] : ends) {
        if (connections_.contains(id))
            shut(id, side, cause);
    }
}

void Network::reset(Key id) {
    for (int side = 0; side < 2; ++side)
        reset_end(id, side);
    forget_if_done(id);
}

void Network::reset_end(Key id, int side) {
    Connection& connection = connections_.at(id);
    connection.directions[side].stalled.clear();
    connection.directions[side].under_way.clear();
    if (!connection.open[side])
        return;
    connection.open[side] = false;
    if (tap_ != nullptr) {
        tap_->closed(connection.ends[side], connection.ends[1 - side], name(CloseReason::Reset));
    }
    // Told by an event of its own: the owner may be in the middle of sending.
    const std::int32_t incarnation = connection.incarnations[side];
    const Host& host = hosts_.at(connection.ends[side]);
    scheduler_.after(SimDuration(0),
                     [end = end_of(id, side), incarnation, owner = host.owner, life = host.life] {
                         life->run_or_keep(incarnation, DueKind::Other, [end, owner] {
                             owner->on_closed(end, CloseReason::Reset, EventNumber{});
                         });
                     });
}

void Network::forget_if_done(Key id) {
    const auto it = connections_.find(id);
    if (it == connections_.end())
        return;
    const Connection& connection = it->second;
    if (connection.open[0] || connection.open[1])
        return;
    for (const Direction& direction : connection.directions) {
        if (!direction.stalled.empty() || !direction.under_way.empty())
            return;
    }
    connections_.erase(it);
}

RuleId Network::add_rule(PartitionRule rule) {
    return rules_.add(std::move(rule));
}

void Network::remove_rule(RuleId id) {
    const auto healed = rules_.take(id);
    if (!healed || healed->how != RuleVerdict::Jam)
        return;
    // What was jammed goes on at once; what was dropped waits for its sender's retransmission.
    std::vector<std::pair<Key, int>> waiting;
    for (const auto& [connection_id, connection] : connections_) {
        for (int side = 0; side < 2; ++side) {
            const Direction& direction = connection.directions[side];
            if (direction.retrying && direction.jammed)
                waiting.emplace_back(connection_id, side);
        }
    }
    for (const auto& [connection_id, side] : waiting) {
        if (connections_.contains(connection_id))
            retry(connection_id, side);
    }
}

}  // namespace bsim
