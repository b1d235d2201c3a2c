#include "sim/scenario/expression_range.h"

#include <algorithm>

#include "sim/scenario/expression_compare.h"

namespace bsim {
namespace {

// The values that a number may have; none of it for other types.
struct Range {
    std::optional<Ratio> low;
    std::optional<Ratio> high;
};

class Possible {
  public:
    explicit Possible(const ExpressionFacts& facts) : facts_(facts) {}

    bool is(const ExpressionNode& node, bool truth) const {
        return std::visit([&](const auto& form) { return of(form, truth); }, node.form);
    }

  private:
    template <class Other>
    bool of(const Other&, bool) const {
        return true;
    }
    bool of(const LiteralValue& node, bool truth) const {
        return node.value == ExpressionValue(truth);
    }
    bool of(const Negation& node, bool truth) const { return is(*node.of, !truth); }
    bool of(const WithinLast& node, bool truth) const { return !truth || is(*node.of, true); }
    bool of(const Conjunction& node, bool truth) const { return list(node.of, truth, truth); }
    bool of(const Disjunction& node, bool truth) const { return list(node.of, truth, !truth); }
    bool of(const Comparison& node, bool truth) const;
    bool of(const EventHappened& node, bool truth) const {
        return !truth || can_happen(node.pattern);
    }
    bool of(const UpQuery& node, bool) const { return !never_known(*node.node); }

    bool list(const std::vector<ExpressionNode>& nodes, bool truth, bool all) const {
        const auto possible = [&](const ExpressionNode& node) { return is(node, truth); };
        return all ? std::all_of(nodes.begin(), nodes.end(), possible)
                   : std::any_of(nodes.begin(), nodes.end(), possible);
    }
    std::optional<Range> range(const ExpressionNode& node) const;
    bool can_happen(const EventPattern& pattern) const;
    bool can_equal(const ExpressionNode& node, const NodeNames& names) const;
    bool never_known(const ExpressionNode& node) const;

    const ExpressionFacts& facts_;
};

Range from_zero(std::optional<std::int64_t> high) {
    Range range{Ratio{0, 1}, std::nullopt};
    if (high) {
        range.high = Ratio{*high, 1};
    }
    return range;
}

std::optional<Range> Possible::range(const ExpressionNode& node) const {
    if (const auto* literal = std::get_if<LiteralValue>(&node.form)) {
        const auto* number = std::get_if<NumberValue>(&literal->value);
        return number == nullptr ? std::nullopt
                                 : std::optional(Range{number->number, number->number});
    }
    if (const auto* query = std::get_if<PartitionQuery>(&node.form)) {
        const bool isr = query->what == PartitionQuery::What::Isr;
        if (query->what == PartitionQuery::What::Leader) {
            return std::nullopt;
        }
        return from_zero(isr ? facts_.replicas(query->partition) : std::nullopt);
    }
    if (std::holds_alternative<UnderReplicatedQuery>(node.form)) {
        return from_zero(facts_.partitions);
    }
    const auto* group = std::get_if<GroupQuery>(&node.form);
    const bool counts = std::holds_alternative<LogEndQuery>(node.form) ||
                        std::holds_alternative<EventCount>(node.form) ||
                        std::holds_alternative<QuantileQuery>(node.form) ||
                        (group != nullptr && group->what == GroupQuery::What::Lag);
    return counts ? std::optional(from_zero(std::nullopt)) : std::nullopt;
}

CompareOp opposite(CompareOp op) {
    switch (op) {
        case CompareOp::Less:
            return CompareOp::GreaterEqual;
        case CompareOp::LessEqual:
            return CompareOp::Greater;
        case CompareOp::Equal:
            return CompareOp::NotEqual;
        case CompareOp::NotEqual:
            return CompareOp::Equal;
        case CompareOp::GreaterEqual:
            return CompareOp::Less;
        case CompareOp::Greater:
            return CompareOp::LessEqual;
    }
    return op;
}

// Can a value of `left` stand in this order to one of `right`?
bool can_hold(CompareOp op, const Range& left, const Range& right) {
    const bool can_be_less = !left.low || !right.high || compare(*left.low, *right.high) < 0;
    const bool can_be_more = !left.high || !right.low || compare(*left.high, *right.low) > 0;
    const bool low_meets = !left.low || !right.high || compare(*left.low, *right.high) <= 0;
    const bool high_meets = !left.high || !right.low || compare(*left.high, *right.low) >= 0;
    switch (op) {
        case CompareOp::Less:
            return can_be_less;
        case CompareOp::LessEqual:
            return low_meets;
        case CompareOp::Equal:
            return low_meets && high_meets;
        case CompareOp::NotEqual:
            return can_be_less || can_be_more;
        case CompareOp::GreaterEqual:
            return high_meets;
        case CompareOp::Greater:
            return can_be_more;
    }
    return true;
}

// Its conditions do not exclude each other, and it is not the start of a fault that waits for it.
bool Possible::can_happen(const EventPattern& pattern) const {
    const auto& all = pattern.conditions;
    return std::none_of(all.begin(), all.end(), [&](const EventCondition& one) {
        const bool equal = one.op == CompareOp::Equal;
        const bool own = one.attribute == "f" && one.value == facts_.fault_to_come;
        if (equal && own && !one.value.empty()) {
            return true;
        }
        const std::string_view other = one.value == "true" ? "false" : "true";
        const bool truth = one.value == "true" || one.value == "false";
        return equal && truth && std::any_of(all.begin(), all.end(), [&](const auto& condition) {
                   return condition.attribute == one.attribute && condition.op == one.op &&
                          condition.value == other;
               });
    });
}

// Is it a part whose value stays unknown?
bool Possible::never_known(const ExpressionNode& node) const {
    if (const auto* target = std::get_if<TargetQuery>(&node.form)) {
        return !target->fault.empty() && target->fault == facts_.fault_to_come;
    }
    const auto* end = std::get_if<LogEndQuery>(&node.form);
    if (end == nullptr) {
        return false;
    }
    const auto* literal = std::get_if<LiteralValue>(&(*end->node).form);
    const auto* names = literal == nullptr ? nullptr : std::get_if<NodeNames>(&literal->value);
    return never_known(*end->node) ||
           (names != nullptr && facts_.can_hold &&
            std::none_of(names->begin(), names->end(), [&](const std::string& name) {
                return facts_.can_hold(end->partition, name);
            }));
}

// Can the value be one of these nodes, or none if they are none?
bool Possible::can_equal(const ExpressionNode& node, const NodeNames& names) const {
    const auto any = [&](const auto& can) {
        return names.empty() || std::any_of(names.begin(), names.end(), can);
    };
    if (const auto* literal = std::get_if<LiteralValue>(&node.form)) {
        return compare(CompareOp::Equal, literal->value, ExpressionValue(names)) == true;
    }
    const auto* query = std::get_if<PartitionQuery>(&node.form);
    if (query != nullptr && facts_.can_lead) {
        return any(
            [&](const std::string& name) { return facts_.can_lead(query->partition, name); });
    }
    const bool controller = std::holds_alternative<ActiveControllerQuery>(node.form);
    return !controller || !facts_.can_control || any(facts_.can_control);
}

bool Possible::of(const Comparison& node, bool truth) const {
    if (never_known(*node.left) || never_known(*node.right)) {
        return false;
    }
    for (const auto& [one, other] :
         {std::pair{&*node.left, &*node.right}, std::pair{&*node.right, &*node.left}}) {
        const auto* literal = std::get_if<LiteralValue>(&one->form);
        const auto* names = literal == nullptr ? nullptr : std::get_if<NodeNames>(&literal->value);
        const bool equal = (node.op == CompareOp::Equal) == truth;
        if (names != nullptr && equal && !can_equal(*other, *names)) {
            return false;
        }
        const auto* same = std::get_if<LiteralValue>(&other->form);
        if (names != nullptr && !equal && same != nullptr && can_equal(*other, *names)) {
            return false;
        }
    }
    const auto left = range(*node.left);
    const auto right = range(*node.right);
    return !left || !right || can_hold(truth ? node.op : opposite(node.op), *left, *right);
}

struct CanLast {
    bool operator()(const EventHappened&) const { return false; }
    bool operator()(const Conjunction& node) const {
        return std::all_of(node.of.begin(), node.of.end(), can_last);
    }
    bool operator()(const Disjunction& node) const {
        return std::any_of(node.of.begin(), node.of.end(), can_last);
    }
    template <class Other>
    bool operator()(const Other&) const {
        return true;
    }
};

}  // namespace

bool can_last(const ExpressionNode& node) {
    return std::visit(CanLast{}, node.form);
}

bool can_be_true(const ExpressionNode& node, const ExpressionFacts& facts) {
    return Possible(facts).is(node, true);
}

}  // namespace bsim
