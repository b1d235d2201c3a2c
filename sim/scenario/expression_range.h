#pragma once
// What an expression can never be, whatever happens: a trigger that can never fire is an error.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "sim/scenario/expression.h"

namespace bsim {

struct ExpressionFacts {
    // The most replicas that a partition can have; nullopt: not known.
    std::function<std::optional<std::int64_t>(const TopicPartition&)> replicas;
    std::optional<std::int64_t> partitions;  // the most that there can be
    // Can the node of that name lead the partition? Have its log? Be the active controller?
    std::function<bool(const TopicPartition&, std::string_view)> can_lead;
    std::function<bool(const TopicPartition&, std::string_view)> can_hold;
    std::function<bool(std::string_view)> can_control;
    std::string fault_to_come;  // a fault that has not begun as long as the expression matters
};

// False only if it is certain that the expression is never true.
bool can_be_true(const ExpressionNode& node, const ExpressionFacts& facts);

// False only if it is true at instants at most, those of events.
bool can_last(const ExpressionNode& node);

}  // namespace bsim
