// Literals, names of nodes and brackets, and the types of what an expression is made of.
#include <algorithm>
#include <charconv>
#include <fmt/format.h>

#include "sim/scenario/expression_parser.h"
#include "sim/scenario/nearest.h"
#include "sim/scenario/quantity.h"
#include "sim/scenario/values.h"

namespace bsim {
namespace {

constexpr std::string_view kOperandForm =
    "a number, a duration, true, false, none, a node such as broker-1, a call such as "
    "isr(orders-0), or (...)";

constexpr std::string_view kWords[] = {"true",
                                       "false",
                                       "none",
                                       "and",
                                       "or",
                                       "not",
                                       "within",
                                       "isr",
                                       "leader",
                                       "epoch",
                                       "hw",
                                       "leo",
                                       "urp",
                                       "controller",
                                       "up",
                                       "target",
                                       "event",
                                       "count",
                                       "metric",
                                       "state",
                                       "lag",
                                       "p50",
                                       "p75",
                                       "p90",
                                       "p95",
                                       "p99",
                                       "p999",
                                       "max",
                                       "Empty",
                                       "PreparingRebalance",
                                       "CompletingRebalance",
                                       "Stable",
                                       "Dead"};

// [-]decimal, without a unit.
std::optional<Ratio> decimal(std::string_view text) {
    const bool negative = text.starts_with('-');
    auto ratio = Ratio::parse(negative ? text.substr(1) : text);
    if (ratio && negative) {
        ratio->numerator = -ratio->numerator;
    }
    return ratio;
}

std::optional<ExpressionValue> quantity(std::string_view text) {
    if (const auto number = decimal(text)) {
        return NumberValue{*number, NumberUnit::One};
    }
    if (const auto duration = parse_duration(text)) {
        return NumberValue{{duration->ns(), 1}, NumberUnit::Time};
    }
    if (const auto size = parse_size(text)) {
        return NumberValue{{*size, 1}, NumberUnit::Bytes};
    }
    return std::nullopt;
}

// "broker-1" for broker1, "Broker-1" and "brokr-1", "producer-shop-0" for prodcer-shop-0; empty if
// the word does not end in a number or nothing is near.
std::string node_meant(std::string_view word) {
    constexpr std::string_view kServers[] = {"broker", "controller"};
    constexpr std::string_view kClients[] = {"producer", "consumer"};
    const std::size_t last = word.find_last_not_of("0123456789");
    if (last == std::string_view::npos || last + 1 == word.size()) {
        return {};
    }
    const std::string_view number = word.substr(last + 1);
    std::string_view role = word.substr(0, last + 1);
    while (role.ends_with('-') || role.ends_with('_') || role.ends_with('.')) {
        role.remove_suffix(1);
    }
    const auto exact = std::find(std::begin(kServers), std::end(kServers), role);
    const auto server =
        exact != std::end(kServers) ? std::optional(*exact) : nearest(role, kServers);
    if (server) {
        return fmt::format("{}-{}", *server, number);
    }
    const std::size_t dash = word.find('-');
    if (dash == std::string_view::npos || dash > last) {
        return {};
    }
    const auto client = nearest(word.substr(0, dash), kClients);
    return client ? std::string(*client) + std::string(word.substr(dash)) : std::string();
}

ExpressionType type_of_value(const ExpressionValue& value) {
    if (std::holds_alternative<bool>(value)) {
        return ExpressionType::Truth;
    }
    if (std::holds_alternative<NodeNames>(value)) {
        return ExpressionType::Nodes;
    }
    if (std::holds_alternative<GroupStateValue>(value)) {
        return ExpressionType::GroupState;
    }
    switch (std::get<NumberValue>(value).unit) {
        case NumberUnit::Time:
            return ExpressionType::Time;
        case NumberUnit::Bytes:
            return ExpressionType::Bytes;
        case NumberUnit::One:
            break;
    }
    return ExpressionType::Number;
}

struct TypeOf {
    ExpressionType operator()(const LiteralValue& literal) const {
        return type_of_value(literal.value);
    }
    ExpressionType operator()(const PartitionQuery& query) const {
        return query.what == PartitionQuery::What::Leader ? ExpressionType::Nodes
                                                          : ExpressionType::Number;
    }
    ExpressionType operator()(const LogEndQuery&) const { return ExpressionType::Number; }
    ExpressionType operator()(const UnderReplicatedQuery&) const { return ExpressionType::Number; }
    ExpressionType operator()(const EventCount&) const { return ExpressionType::Number; }
    ExpressionType operator()(const MetricQuery&) const { return ExpressionType::Number; }
    ExpressionType operator()(const QuantileQuery&) const { return ExpressionType::Time; }
    ExpressionType operator()(const GroupQuery& query) const {
        return query.what == GroupQuery::What::Lag ? ExpressionType::Number
                                                   : ExpressionType::GroupState;
    }
    ExpressionType operator()(const ActiveControllerQuery&) const { return ExpressionType::Nodes; }
    ExpressionType operator()(const TargetQuery&) const { return ExpressionType::Nodes; }
    template <class Other>
    ExpressionType operator()(const Other&) const {
        return ExpressionType::Truth;
    }
};

}  // namespace

ExpressionType type_of(const ExpressionNode& node) {
    return std::visit(TypeOf{}, node.form);
}

std::string_view name_of(ExpressionType type) {
    switch (type) {
        case ExpressionType::Truth:
            return "a condition";
        case ExpressionType::Number:
            return "a number";
        case ExpressionType::Time:
            return "a duration";
        case ExpressionType::Bytes:
            return "a size";
        case ExpressionType::Nodes:
            return "a node";
        case ExpressionType::GroupState:
            return "a state of a group";
    }
    return {};
}

bool is_group_state(std::string_view word) {
    return std::find(std::begin(kGroupStates), std::end(kGroupStates), word) !=
           std::end(kGroupStates);
}

std::string operand_meant(std::string_view text, ExpressionType type) {
    constexpr std::string_view kTruths[] = {"true", "false"};
    switch (type) {
        case ExpressionType::Truth:
            return std::string(nearest(text, kTruths).value_or(""));
        case ExpressionType::GroupState:
            return std::string(nearest(text, kGroupStates).value_or(""));
        case ExpressionType::Nodes:
            return node_meant(text);
        default:
            return {};
    }
}

std::optional<NodeNames> parse_node_name(std::string_view word) {
    if (word == "admin") {
        return NodeNames{"admin"};
    }
    const std::size_t first = word.find('-');
    const std::size_t last = word.rfind('-');
    if (first == std::string_view::npos || !node_id_of(word.substr(last + 1))) {
        return std::nullopt;
    }
    const std::string_view role = word.substr(0, first);
    const bool server = (role == "broker" || role == "controller" || role == "zk") && first == last;
    const bool client =
        (role == "producer" || role == "consumer" || role == "streams") && first != last;
    return server || client ? std::optional(NodeNames{std::string(word)}) : std::nullopt;
}

std::optional<ExpressionValue> parse_value(std::string_view text, ExpressionType type) {
    if (type == ExpressionType::Truth) {
        return text == "true"    ? std::optional<ExpressionValue>(true)
               : text == "false" ? std::optional<ExpressionValue>(false)
                                 : std::nullopt;
    }
    if (type == ExpressionType::GroupState) {
        return is_group_state(text)
                   ? std::optional<ExpressionValue>(GroupStateValue{std::string(text)})
                   : std::nullopt;
    }
    if (type != ExpressionType::Nodes) {
        const auto value = quantity(text);
        return value && type_of_value(*value) == type ? value : std::nullopt;
    }
    if (text == "none" || text == "-1") {
        return NodeNames{};
    }
    if (const auto id = node_id_of(text)) {
        return NodeNames{fmt::format("broker-{}", id->value()),
                         fmt::format("controller-{}", id->value())};
    }
    std::string name(text);
    std::replace(name.begin(), name.end(), ':', '-');
    const auto names = parse_node_name(name);
    return names ? std::optional<ExpressionValue>(*names) : std::nullopt;
}

ExpressionParser::Node ExpressionParser::operand(int depth) {
    if (scan_.peek() == '(') {
        return group(depth);
    }
    const TextPart next = scan_.next_token();
    if (next.length == 0) {
        return unexpected(kOperandForm);
    }
    const char first = text_[next.from];
    if ((first >= '0' && first <= '9') || first == '-') {
        return number();
    }
    if (foreign_operator()) {
        return std::nullopt;
    }
    return word(depth);
}

ExpressionParser::Node ExpressionParser::group(int depth) {
    const std::size_t from = scan_.position();
    scan_.take("(");
    if (depth >= kExpressionNestingMax) {
        return fail(
            {"E0402",
             {from, 1},
             fmt::format("expressions are nested deeper than {} levels", kExpressionNestingMax)});
    }
    Node inner = disjunction(depth + 1);
    if (!inner) {
        return inner;
    }
    if (!scan_.take(")")) {
        if (!scan_.at_end() && foreign_operator()) {
            return std::nullopt;
        }
        return no_operator("and, or, a comparison, or \")\"");
    }
    inner->part = {from, scan_.end_of_last() - from};
    return inner;
}

ExpressionParser::Node ExpressionParser::number() {
    const TextPart part = scan_.number();
    if (part.length == 0) {
        return unexpected(kOperandForm);
    }
    const std::string_view text = at(part);
    if (auto value = quantity(text)) {
        return ExpressionNode{LiteralValue{std::move(*value)}, part};
    }
    constexpr std::string_view kForm =
        "a number such as 3, a duration such as 250ms, a size such as 4KiB";
    if (text.find_first_not_of("-.0123456789") == std::string_view::npos) {
        return fail({"E0402", part,
                     fmt::format("\"{}\" is no number, or one of more than 18 digits", text),
                     std::string(kForm)});
    }
    const auto duration = parse_duration(text);
    const auto size = parse_size(text);
    std::string meant = duration ? std::string() : duration.error().suggestion;
    if (meant.empty() && !size) {
        meant = size.error().suggestion;
    }
    return fail({"E0402", part, fmt::format("\"{}\" is no number, duration or size", text),
                 std::string(kForm), std::move(meant)});
}

// broker:1, as selectors have it.
ExpressionParser::Node ExpressionParser::node_with_colon(TextPart role) {
    scan_.take(":");
    const TextPart id = scan_.raw(" \t\n\r,)<>=!&|");
    const TextPart part{role.from, id.from + id.length - role.from};
    auto names = parse_node_name(fmt::format("{}-{}", at(role), at(id)));
    if (!names) {
        return fail({"E0402", part, fmt::format("\"{}\" is no node", at(part)),
                     "a node such as broker:1 or controller:100"});
    }
    names_.node(*names, part);
    return ExpressionNode{LiteralValue{*names}, part};
}

ExpressionParser::Node ExpressionParser::word(int depth) {
    const TextPart part = scan_.word();
    if (part.length == 0) {
        const bool quoted = scan_.peek() == '"' || scan_.peek() == '\'';
        const TextPart inside = quoted ? ExpressionScanner(scan_).raw(" ,)") : TextPart{};
        return unexpected(kOperandForm, std::string(at(inside)));
    }
    const std::string_view text = at(part);
    if (text == "true" || text == "false") {
        return ExpressionNode{LiteralValue{text == "true"}, part};
    }
    if (text == "none" || text == "null") {
        return ExpressionNode{LiteralValue{NodeNames{}}, part};
    }
    if (scan_.peek() == '(') {
        return call(part, depth);
    }
    if (is_group_state(text)) {
        return ExpressionNode{LiteralValue{GroupStateValue{std::string(text)}}, part};
    }
    if (part.from + part.length < text_.size() && text_[part.from + part.length] == ':') {
        return node_with_colon(part);
    }
    if (auto names = parse_node_name(text)) {
        names_.node(*names, part);
        return ExpressionNode{LiteralValue{*names}, part};
    }
    if (text == "and" || text == "or" || text == "within") {
        return fail({"E0402", part, fmt::format("\"{}\" is not expected here", text),
                     std::string(kOperandForm)});
    }
    if (const std::string_view form = form_of_function(text); !form.empty()) {
        const bool bare = form.ends_with("()");
        return fail({"E0403", part,
                     fmt::format("\"{}\" is a function and lacks its brackets", text),
                     std::string(form), std::string(bare ? form : "")});
    }
    std::string meant = node_meant(text);
    if (meant.empty()) {
        meant = std::string(nearest(text, kWords).value_or(""));
    }
    return fail({"E0403", part, fmt::format("unknown word \"{}\"", text), std::string(kOperandForm),
                 meant == text ? std::string() : std::move(meant)});
}

}  // namespace bsim
