// Expressions and values as text.
#include <algorithm>
#include <fmt/format.h>

#include "sim/scenario/expression.h"

namespace bsim {
namespace {

std::string_view text_of_op(CompareOp op) {
    switch (op) {
        case CompareOp::Less:
            return "<";
        case CompareOp::LessEqual:
            return "<=";
        case CompareOp::Equal:
            return "==";
        case CompareOp::NotEqual:
            return "!=";
        case CompareOp::GreaterEqual:
            return ">=";
        case CompareOp::Greater:
            return ">";
    }
    return {};
}

// A denominator is a power of ten.
std::string decimal(const Ratio& ratio) {
    const bool negative = ratio.numerator < 0;
    std::string digits = std::to_string(negative ? -ratio.numerator : ratio.numerator);
    std::size_t decimals = 0;
    for (std::int64_t d = ratio.denominator; d > 1; d /= 10) {
        ++decimals;
    }
    if (decimals > 0) {
        if (digits.size() <= decimals) {
            digits.insert(0, decimals + 1 - digits.size(), '0');
        }
        digits.insert(digits.size() - decimals, ".");
    }
    return (negative ? "-" : "") + digits;
}

std::string duration(SimDuration span) {
    constexpr std::pair<std::int64_t, std::string_view> kUnits[] = {
        {1'000'000'000, "s"}, {1'000'000, "ms"}, {1'000, "us"}};
    for (const auto& [ns, name] : kUnits) {
        if (span.ns() != 0 && span.ns() % ns == 0) {
            return fmt::format("{}{}", span.ns() / ns, name);
        }
    }
    return fmt::format("{}ns", span.ns());
}

std::string joined(const NodeNames& names) {
    if (names.empty()) {
        return "none";
    }
    std::string out;
    for (const std::string& name : names) {
        out += (out.empty() ? "" : " ") + name;
    }
    return out;
}

std::string printed(const NumberValue& value) {
    switch (value.unit) {
        case NumberUnit::Time:
            return duration(SimDuration(value.number.numerator));
        case NumberUnit::Bytes:
            return fmt::format("{}B", value.number.numerator);
        case NumberUnit::One:
            break;
    }
    return decimal(value.number);
}

std::string quoted(const std::string& text) {
    const bool plain = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || c == '-' || c == '.';
    });
    if (plain) {
        return text;
    }
    const char mark = text.find('"') == std::string::npos ? '"' : '\'';
    return mark + text + mark;
}

std::string printed(const std::vector<EventCondition>& conditions) {
    std::string out;
    for (const EventCondition& condition : conditions) {
        const std::string_view op =
            condition.op == CompareOp::Equal ? "=" : text_of_op(condition.op);
        out += fmt::format(", {}{}{}", condition.attribute, op, quoted(condition.value));
    }
    return out;
}

std::string printed(const EventPattern& pattern) {
    return pattern.kind + printed(pattern.conditions);
}

std::string name_of(std::int32_t permille) {
    if (permille == 1000) {
        return "max";
    }
    return fmt::format("p{}", permille % 10 == 0 ? permille / 10 : permille);
}

// The bare number or node that a literal of nodes was written as.
std::string literal(const NodeNames& names) {
    if (names.size() == 2) {
        return names[0].substr(names[0].rfind('-') + 1);
    }
    return joined(names);
}

std::string list(const std::vector<ExpressionNode>& nodes, std::string_view word) {
    std::string out;
    for (const ExpressionNode& node : nodes) {
        out += (out.empty() ? "(" : fmt::format(" {} ", word)) + to_string(node);
    }
    return out + ")";
}

struct Print {
    std::string operator()(const LiteralValue& node) const {
        const auto* names = std::get_if<NodeNames>(&node.value);
        return names != nullptr ? literal(*names) : to_string(node.value);
    }
    std::string operator()(const PartitionQuery& node) const {
        constexpr std::string_view kNames[] = {"isr", "leader", "epoch", "hw"};
        return fmt::format("{}({})", kNames[static_cast<std::size_t>(node.what)],
                           node.partition.to_string());
    }
    std::string operator()(const LogEndQuery& node) const {
        return fmt::format("leo({}, {})", to_string(*node.node), node.partition.to_string());
    }
    std::string operator()(const UnderReplicatedQuery&) const { return "urp()"; }
    std::string operator()(const ActiveControllerQuery&) const { return "controller()"; }
    std::string operator()(const UpQuery& node) const {
        return fmt::format("up({})", to_string(*node.node));
    }
    std::string operator()(const TargetQuery& node) const {
        return fmt::format("target({})", node.fault);
    }
    std::string operator()(const EventHappened& node) const {
        return fmt::format("event({})", printed(node.pattern));
    }
    std::string operator()(const EventCount& node) const {
        const std::string window = node.window ? ", " + duration(*node.window) : "";
        return fmt::format("count({}{})", printed(node.pattern), window);
    }
    std::string operator()(const MetricQuery& node) const {
        std::string labels;
        for (const auto& [name, value] : node.labels) {
            labels += fmt::format(", {}={}", name, quoted(value));
        }
        return fmt::format("metric(\"{}\"{})", node.name, labels);
    }
    std::string operator()(const GroupQuery& node) const {
        const bool lag = node.what == GroupQuery::What::Lag;
        return fmt::format("{}({})", lag ? "lag" : "state", quoted(node.group));
    }
    std::string operator()(const QuantileQuery& node) const;
    std::string operator()(const Negation& node) const {
        return "(not " + to_string(*node.of) + ")";
    }
    std::string operator()(const Conjunction& node) const { return list(node.of, "and"); }
    std::string operator()(const Disjunction& node) const { return list(node.of, "or"); }
    std::string operator()(const Comparison& node) const {
        return fmt::format("({} {} {})", to_string(*node.left), text_of_op(node.op),
                           to_string(*node.right));
    }
    std::string operator()(const WithinLast& node) const {
        return fmt::format("({} within {})", to_string(*node.of), duration(node.window));
    }
};

std::string Print::operator()(const QuantileQuery& node) const {
    const auto* const row =
        std::find_if(std::begin(kLatencies), std::end(kLatencies),
                     [&](const LatencyRow& known) { return known.latency == node.latency; });
    return fmt::format("{}({}{}, {})", name_of(node.permille), row->name,
                       printed(node.pattern.conditions), duration(node.window));
}

}  // namespace

std::string to_string(const ExpressionValue& value) {
    if (const auto* truth = std::get_if<bool>(&value)) {
        return *truth ? "true" : "false";
    }
    if (const auto* state = std::get_if<GroupStateValue>(&value)) {
        return state->name;
    }
    if (const auto* number = std::get_if<NumberValue>(&value)) {
        return printed(*number);
    }
    if (const auto* names = std::get_if<NodeNames>(&value)) {
        return joined(*names);
    }
    return "unknown";
}

std::string to_string(const ExpressionNode& node) {
    return std::visit(Print{}, node.form);
}

}  // namespace bsim
