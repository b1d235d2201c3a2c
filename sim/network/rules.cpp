#include "sim/network/rules.h"

#include <utility>

namespace bsim {

RuleId Rules::add(PartitionRule rule) {
    const RuleId id(next_++);
    rules_.emplace(id, std::move(rule));
    return id;
}

std::optional<PartitionRule> Rules::take(RuleId id) {
    auto node = rules_.extract(id);
    if (node.empty())
        return std::nullopt;
    return std::move(node.mapped());
}

RuleVerdict Rules::verdict(HostId from, HostId to) const {
    for (const auto& [id, rule] : rules_) {
        const bool there = rule.from.contains(from) && rule.to.contains(to);
        const bool back = rule.both_ways && rule.from.contains(to) && rule.to.contains(from);
        if (there || back)
            return rule.how;
    }
    return RuleVerdict::Pass;
}

}  // namespace bsim
