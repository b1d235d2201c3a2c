// Rules come and go.

#include <utility>
#include <variant>
#include <vector>

#include "sim/network/network.h"

namespace bsim {

RuleId Network::add_rule(PartitionRule rule) {
    return rules_.add(std::move(rule));
}

RuleId Network::add_rule(PacketRule rule) {
    return rules_.add(std::move(rule));
}

RuleId Network::add_rule(MessageRule rule) {
    std::optional<Delay> delay;
    if (rule.verb == MessageRule::Verb::Delay) {
        delay.emplace(
            Delay{rng_.stream("network/message-delay/" + rule.name), LatencySampler(rule.delay)});
    }
    const RuleId id = rules_.add(std::move(rule));
    if (delay)
        delays_.emplace(id, std::move(*delay));
    return id;
}

void Network::remove_rule(RuleId id) {
    const auto removed = rules_.take(id);
    delays_.erase(id);
    if (!removed)
        return;
    const auto* cut = std::get_if<PartitionRule>(&*removed);
    const auto* messages = std::get_if<MessageRule>(&*removed);
    const bool jammed = cut != nullptr && cut->how == RuleVerdict::Jam;
    const bool held = messages != nullptr && messages->verb == MessageRule::Verb::Hold;
    if (!jammed && !held)
        return;
    std::vector<Key> keys;
    connections_.for_each([&](const Connection& connection) { keys.push_back(connection.key); });
    for (const Key key : keys) {
        if (jammed) {
            resume_jammed(key);
        } else {
            release_held(key, id);
        }
    }
    resume_datagrams(held ? std::optional(id) : std::nullopt);
}

void Network::resume_jammed(Key id) {
    if (Connection* connection = find(id); connection != nullptr) {
        if (connection->attempt == Gate::Jammed) {
            scheduler_.cancel(connection->syn_retry);
            try_connect(id);
        } else if (connection->jammed_answer) {
            send_answer(*connection, *std::exchange(connection->jammed_answer, std::nullopt));
        }
    }
    for (int side = 0; side < 2; ++side) {
        Connection* connection = find(id);
        if (connection == nullptr)
            return;
        Direction& direction = connection->directions[side];
        if (direction.gate != Gate::Jammed)
            continue;
        scheduler_.cancel(direction.timeout);
        direction.gate = Gate::Open;
        if (send_missing(*connection, side))
            push(*connection, side);
        if (find(id) != nullptr && direction.misses_segments())
            arm_timeout(*connection, side, scheduler_.now());
    }
}

void Network::release_held(Key id, RuleId rule) {
    for (int side = 0; side < 2; ++side) {
        Connection* connection = find(id);
        if (connection == nullptr)
            return;
        Direction& direction = connection->directions[side];
        for (Outgoing& message : direction.queue) {
            if (message.held_by == rule)
                message.held_by.reset();
        }
        if (direction.gate == Gate::Held)
            push(*connection, side);
    }
}

std::size_t Network::reset_connections(const Ways& ways, EventNumber cause) {
    std::vector<Key> struck;
    connections_.for_each([&](const Connection& connection) {
        const bool whole = connection.answered && connection.accepted;
        if (whole && ways.cover(connection.ends[0], connection.ends[1]))
            struck.push_back(connection.key);
    });
    for (const Key key : struck)
        reset(connections_.at(key), cause);
    return struck.size();
}

}  // namespace bsim
