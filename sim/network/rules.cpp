#include "sim/network/rules.h"

#include <algorithm>
#include <utility>

#include "sim/base/overloaded.h"

namespace bsim {
namespace {

template <class Rule>
bool covers(const Rule& rule, HostId from, HostId to) {
    const bool there = rule.from.contains(from) && rule.to.contains(to);
    const bool back = rule.both_ways && rule.from.contains(to) && rule.to.contains(from);
    return there || back;
}

}  // namespace

bool Ways::cover(HostId sender, HostId receiver) const {
    return covers(*this, sender, receiver);
}

bool PartitionRule::cover(HostId sender, HostId receiver) const {
    return covers(*this, sender, receiver);
}

RuleId Rules::add(Rule rule) {
    const RuleId id(next_++);
    ++version_;
    std::visit(
        Overloaded{
            [&](PartitionRule& cut) { cuts_.emplace(id, std::move(cut)); },
            [&](PacketRule& packets) { disturbances_.emplace(id, std::move(packets)); },
            [&](MessageRule& messages) { messages_.emplace(id, Counted{std::move(messages)}); }},
        rule);
    return id;
}

std::optional<Rule> Rules::take(RuleId id) {
    ++version_;
    if (auto cut = cuts_.extract(id); !cut.empty())
        return std::move(cut.mapped());
    if (auto packets = disturbances_.extract(id); !packets.empty())
        return std::move(packets.mapped());
    if (auto messages = messages_.extract(id); !messages.empty())
        return std::move(messages.mapped().rule);
    return std::nullopt;
}

RuleVerdict Rules::verdict(HostId from, HostId to) const {
    for (const auto& [id, rule] : cuts_) {
        if (rule.cover(from, to))
            return rule.how;
    }
    return RuleVerdict::Pass;
}

std::map<RuleId, const PacketRule*> Rules::disturbances(HostId from, HostId to) const {
    std::map<RuleId, const PacketRule*> found;
    for (const auto& [id, rule] : disturbances_) {
        const auto covers_it = [&](const Ways& ways) { return ways.cover(from, to); };
        if (std::any_of(rule.ways.begin(), rule.ways.end(), covers_it))
            found.emplace(id, &rule);
    }
    return found;
}

std::optional<Rules::Strike> Rules::strike(HostId from, HostId to, const Frame& frame) {
    for (auto& [id, counted] : messages_) {
        const MessageRule& rule = counted.rule;
        if ((rule.from && !rule.from->contains(from)) || (rule.to && !rule.to->contains(to)))
            continue;
        if (!rule.matches(frame))
            continue;
        const std::int64_t number = ++counted.seen;
        const bool chosen = !rule.chosen || rule.chosen();
        if (chosen && number >= rule.nth && number - rule.nth < rule.count)
            return Strike{id, &rule};
    }
    return std::nullopt;
}

}  // namespace bsim
