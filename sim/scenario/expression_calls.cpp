// Functions and their arguments.
#include <algorithm>
#include <fmt/format.h>

#include "sim/scenario/expression_parser.h"
#include "sim/scenario/nearest.h"
#include "sim/scenario/quantity.h"
#include "sim/scenario/selector_text.h"

namespace bsim {
namespace {

struct Function {
    std::string_view name;
    std::string_view form;
};
constexpr Function kFunctions[] = {
    {"isr", "isr(orders-0)"},
    {"leader", "leader(orders-0)"},
    {"epoch", "epoch(orders-0)"},
    {"hw", "hw(orders-0)"},
    {"leo", "leo(broker-1, orders-0)"},
    {"urp", "urp()"},
    {"controller", "controller()"},
    {"up", "up(broker-1)"},
    {"target", "target(fault-id)"},
    {"event", "event(LeaderElected, clean=false)"},
    {"count", "count(LeaderElected, 10s)"},
    {"metric", "metric(\"name\", label=value)"},
    {"state", "state(group)"},
    {"lag", "lag(group)"},
    {"p50", "p50(produce_latency, 5s)"},
    {"p75", "p75(produce_latency, 5s)"},
    {"p90", "p90(produce_latency, 5s)"},
    {"p95", "p95(produce_latency, 5s)"},
    {"p99", "p99(produce_latency, 5s)"},
    {"p999", "p999(produce_latency, 5s)"},
    {"max", "max(produce_latency, 5s)"},
};

// What a name of a quantile stands for, in thousandths.
constexpr std::pair<std::string_view, std::int32_t> kQuantiles[] = {
    {"p50", 500}, {"p75", 750},  {"p90", 900}, {"p95", 950},
    {"p99", 990}, {"p999", 999}, {"max", 1000}};

const Function* find_function(std::string_view name) {
    const auto* const at = std::find_if(std::begin(kFunctions), std::end(kFunctions),
                                        [&](const Function& f) { return f.name == name; });
    return at == std::end(kFunctions) ? nullptr : at;
}

std::string function_forms() {
    std::string out;
    for (const Function& function : kFunctions) {
        out += (out.empty() ? "" : ", ") + std::string(function.form);
    }
    return out;
}

std::string form_of(std::string_view function) {
    return std::string(find_function(function)->form);
}

// The elections that everybody asks for have a name of their own.
constexpr std::string_view kUncleanElection = "UncleanLeaderElected";

// "orders-0" for orders, "orders 0", "orders:0" and orders[0]; empty for what is not like that.
std::string partition_meant(std::string_view text) {
    const auto legal = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '.' || c == '_' || c == '-';
    };
    const auto end = std::find_if_not(text.begin(), text.end(), legal);
    const std::string_view topic = text.substr(0, static_cast<std::size_t>(end - text.begin()));
    std::string_view rest = text.substr(topic.size());
    rest.remove_prefix(std::min(rest.find_first_not_of(" :/#["), rest.size()));
    const std::string_view digits = rest.substr(0, rest.find_first_not_of("0123456789"));
    const bool index = rest.size() - digits.size() <= 1;  // a bracket may follow
    return topic.empty() || !index ? std::string()
                                   : fmt::format("{}-{}", topic, digits.empty() ? "0" : digits);
}

bool ends_in(std::string_view text, std::string_view end) {
    return text.size() > end.size() && text.ends_with(end);
}

}  // namespace

std::string_view ExpressionParser::form_of_function(std::string_view name) {
    const Function* function = find_function(name);
    return function == nullptr ? std::string_view() : function->form;
}

bool ExpressionParser::closing(std::string_view function) {
    if (scan_.take(")")) {
        return true;
    }
    unexpected(fmt::format("\")\", as in {}", form_of(function)));
    return false;
}

bool ExpressionParser::comma(std::string_view function, std::string_view next) {
    if (scan_.take(",")) {
        return true;
    }
    unexpected(fmt::format("\",\" and {}, as in {}", next, form_of(function)));
    return false;
}

ExpressionParser::Node ExpressionParser::call(TextPart name, int depth) {
    const std::string_view text = at(name);
    const Function* function = find_function(text);
    if (function == nullptr) {
        std::vector<std::string_view> names;
        for (const Function& known : kFunctions) {
            names.push_back(known.name);
        }
        return fail({"E0403", name, fmt::format("unknown function \"{}\"", text), function_forms(),
                     std::string(nearest(text, names).value_or(""))});
    }
    scan_.take("(");
    if (depth >= kExpressionNestingMax) {
        return fail(
            {"E0402", name,
             fmt::format("expressions are nested deeper than {} levels", kExpressionNestingMax)});
    }
    auto form = call_form(text, depth + 1);
    if (!form || !closing(text)) {
        return std::nullopt;
    }
    return made(name.from, std::move(*form));
}

std::optional<ExpressionForm> ExpressionParser::call_form(std::string_view name, int depth) {
    using What = PartitionQuery::What;
    if (name == "isr") {
        return partition_call(What::Isr, name);
    }
    if (name == "leader") {
        return partition_call(What::Leader, name);
    }
    if (name == "epoch") {
        return partition_call(What::Epoch, name);
    }
    if (name == "hw") {
        return partition_call(What::HighWatermark, name);
    }
    if (name == "leo") {
        return log_end_call(depth);
    }
    if (name == "urp") {
        return UnderReplicatedQuery{};
    }
    if (name == "controller") {
        return ActiveControllerQuery{};
    }
    if (name == "up") {
        auto node = node_argument(name, depth);
        return node ? std::optional<ExpressionForm>(UpQuery{std::move(*node)}) : std::nullopt;
    }
    if (name == "target") {
        return target_call();
    }
    if (name == "count") {
        return count_call();
    }
    if (name == "metric") {
        return metric_call();
    }
    if (name == "state" || name == "lag") {
        return group_call(name == "lag" ? GroupQuery::What::Lag : GroupQuery::What::State, name);
    }
    for (const auto& [quantile, permille] : kQuantiles) {
        if (name == quantile) {
            return quantile_call(permille, name);
        }
    }
    auto pattern = event_pattern(nullptr);
    return pattern ? std::optional<ExpressionForm>(EventHappened{std::move(*pattern)})
                   : std::nullopt;
}

std::optional<TopicPartition> ExpressionParser::partition_argument(std::string_view function) {
    const TextPart part = scan_.raw(",)(");
    TextPart topic;
    TextPart index;
    auto partition = parse_partition(at(part), topic, index);
    if (!partition) {
        return fail({"E0402",
                     {part.from, std::max<std::size_t>(part.length, 1)},
                     fmt::format("\"{}\" is no partition, such as orders-0", at(part)),
                     form_of(function),
                     partition_meant(at(part))});
    }
    topic.from += part.from;
    index.from += part.from;
    names_.partition(*partition, topic, index);
    return partition;
}

std::optional<ExpressionForm> ExpressionParser::partition_call(PartitionQuery::What what,
                                                               std::string_view name) {
    auto partition = partition_argument(name);
    if (!partition) {
        return std::nullopt;
    }
    return PartitionQuery{what, std::move(*partition)};
}

std::optional<Box<ExpressionNode>> ExpressionParser::node_argument(std::string_view function,
                                                                   int depth) {
    Node node = operand(depth);
    if (!node) {
        return std::nullopt;
    }
    const auto* literal = std::get_if<LiteralValue>(&node->form);
    const auto* number = literal == nullptr ? nullptr : std::get_if<NumberValue>(&literal->value);
    if (number != nullptr && number->unit == NumberUnit::One) {
        auto names = parse_value(at(node->part), ExpressionType::Nodes);
        if (names) {
            names_.node(std::get<NodeNames>(*names), node->part);
            node->form = LiteralValue{std::move(*names)};
        }
    }
    if (type_of(*node) != ExpressionType::Nodes) {
        return fail({"E0404", node->part,
                     fmt::format("a node is needed, but \"{}\" is {}", at(node->part),
                                 name_of(type_of(*node))),
                     form_of(function)});
    }
    return Box<ExpressionNode>(std::move(*node));
}

std::optional<ExpressionForm> ExpressionParser::log_end_call(int depth) {
    auto node = node_argument("leo", depth);
    if (!node || !comma("leo", "a partition")) {
        return std::nullopt;
    }
    auto partition = partition_argument("leo");
    if (!partition) {
        return std::nullopt;
    }
    return LogEndQuery{std::move(*node), std::move(*partition)};
}

std::optional<ExpressionForm> ExpressionParser::target_call() {
    const TextPart part = scan_.raw(",)(");
    if (part.length == 0) {
        return unexpected("the id of a fault, as in target(kill)");
    }
    names_.fault(at(part), part);
    return TargetQuery{std::string(at(part))};
}

std::optional<ExpressionForm> ExpressionParser::count_call() {
    EventCount count;
    std::optional<EventPattern> pattern;
    const bool nested = scan_.take_word("event");
    if (nested) {
        if (!scan_.take("(")) {
            return unexpected("\"(\"");
        }
        pattern = event_pattern(nullptr);
        if (!pattern || !closing("event")) {
            return std::nullopt;
        }
    } else {
        pattern = event_pattern(&count.window);
        if (!pattern) {
            return std::nullopt;
        }
    }
    count.pattern = std::move(*pattern);
    if (nested && scan_.take(",")) {
        const TextPart part = scan_.number();
        count.window = window(part);
        if (!count.window) {
            return std::nullopt;
        }
    }
    return count;
}

std::optional<ExpressionForm> ExpressionParser::metric_call() {
    const TextPart part = scan_.raw(",)(");
    if (part.length == 0) {
        return unexpected("the name of a metric, as in metric(\"name\", label=value)");
    }
    MetricQuery query;
    query.name = std::string(at(part));
    names_.metric(query.name, part);
    while (scan_.take(",")) {
        const TextPart label = scan_.word();
        if (label.length == 0 || !scan_.take("=")) {
            return unexpected("a label and its value, such as topic=orders");
        }
        const TextPart value = scan_.raw(",)");
        const auto [added, is_new] = query.labels.emplace(at(label), at(value));
        if (!is_new) {
            return fail({"E0402", label, fmt::format("label \"{}\" stands twice", at(label))});
        }
        names_.metric_label({query.name, added->first, added->second, label, value});
    }
    return query;
}

// KIND, then conditions.
std::optional<EventPattern> ExpressionParser::event_pattern(std::optional<SimDuration>* last) {
    const TextPart kind = scan_.word();
    if (kind.length == 0) {
        const bool quoted = scan_.peek() == '"' || scan_.peek() == '\'';
        const TextPart inside = quoted ? ExpressionScanner(scan_).raw(",)") : TextPart{};
        return unexpected("a kind of event, as in event(LeaderElected, clean=false)",
                          std::string(at(inside)));
    }
    EventPattern pattern;
    pattern.kind = std::string(at(kind));
    if (pattern.kind == kUncleanElection) {
        pattern.kind = "LeaderElected";
        pattern.conditions.push_back({"clean", CompareOp::Equal, "false"});
    }
    names_.event_kind(pattern.kind, kind);
    return conditions_and_window(pattern, last) ? std::optional(std::move(pattern)) : std::nullopt;
}

// With `last`, a duration may come last.
bool ExpressionParser::conditions_and_window(EventPattern& pattern,
                                             std::optional<SimDuration>* last) {
    while (scan_.take(",")) {
        const TextPart attribute = scan_.word();
        if (attribute.length > 0) {
            if (!event_condition(pattern, attribute)) {
                return false;
            }
            continue;
        }
        const TextPart number = scan_.number();
        if (last != nullptr && number.length > 0) {
            *last = window(number);
            return last->has_value();
        }
        unexpected("a condition, such as clean=false");
        return false;
    }
    return true;
}

bool ExpressionParser::event_condition(EventPattern& pattern, TextPart attribute) {
    EventCondition condition;
    condition.attribute = std::string(at(attribute));
    if (const auto op = compare_op()) {
        condition.op = *op;
    } else if (!scan_.take("=")) {
        unexpected(fmt::format("\"=\" and a value, such as {}=1", condition.attribute));
        return false;
    }
    const TextPart value = scan_.raw(",)");
    if (value.length == 0) {
        unexpected(fmt::format("a value of \"{}\"", condition.attribute));
        return false;
    }
    condition.value = std::string(at(value));
    // The trace has durations in ns.
    const auto duration = parse_duration(condition.value);
    if (ends_in(condition.attribute, "_ns") && duration) {
        condition.value = std::to_string(duration->ns());
    }
    names_.event_condition(pattern.kind, {condition, attribute, value});
    pattern.conditions.push_back(std::move(condition));
    return true;
}

}  // namespace bsim
