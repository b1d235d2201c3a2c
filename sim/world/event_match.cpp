#include "sim/world/event_match.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>
#include <variant>

#include "sim/scenario/expression_compare.h"
#include "sim/trace/json_append.h"

namespace bsim {
namespace {

std::optional<std::int64_t> whole(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool all = error == std::errc{} && end == text.data() + text.size();
    return all ? std::optional(value) : std::nullopt;
}

std::string_view unquoted(std::string_view json) {
    const bool quoted = json.size() >= 2 && json.front() == '"' && json.back() == '"';
    return quoted ? json.substr(1, json.size() - 2) : json;
}

bool compare_text(const EventCondition& condition, std::string_view value) {
    const auto left = whole(value);
    const auto right = whole(condition.value);
    if (left && right) {
        return holds(condition.op, *left < *right ? -1 : *left > *right ? 1 : 0);
    }
    const bool equal = value == condition.value;
    return condition.op == CompareOp::Equal      ? equal
           : condition.op == CompareOp::NotEqual ? !equal
                                                 : false;
}

// A list: is the value in it? Or the whole of it, as text.
bool compare_list(const EventCondition& condition, std::string_view json) {
    const bool wants_equal = condition.op != CompareOp::NotEqual;
    if (json == condition.value) {
        return wants_equal;
    }
    json = json.substr(1, json.size() - 2);
    bool found = false;
    while (!json.empty()) {
        const std::size_t comma = std::min(json.find(','), json.size());
        found = found || unquoted(json.substr(0, comma)) == condition.value;
        json.remove_prefix(std::min(comma + 1, json.size()));
    }
    return found == wants_equal;
}

bool node_matches(const EventCondition& condition, const NodeName& node) {
    const auto id = node.kafka_id();
    const bool equal =
        node.text() == condition.value || (id && std::to_string(id->value()) == condition.value);
    return equal == (condition.op == CompareOp::Equal);
}

template <class Body>
bool attribute_matches(const EventCondition& condition, const Body& body) {
    bool result = false;
    for_each_attribute(body, [&](std::string_view name, const auto& value) {
        if (name != condition.attribute || lacks(value)) {
            return;
        }
        std::string json;
        append_json(json, value);
        result = json.starts_with('[') ? compare_list(condition, json)
                                       : compare_text(condition, unquoted(json));
    });
    return result;
}

template <class T>
struct Plain {
    using Type = T;
};
template <class T>
struct Plain<std::optional<T>> {
    using Type = T;
};

// Members of the metadata quorum are controllers too.
template <class Body>
constexpr bool kOfQuorum = Body::kKind.starts_with("Raft") || Body::kKind.starts_with("Became");

template <class Body, class T>
EventWords::Value value_of() {
    using Form = EventWords::Form;
    if constexpr (std::is_same_v<T, BrokerId>) {
        return {kOfQuorum<Body> ? Form::Node : Form::Broker};
    } else if constexpr (std::is_same_v<T, bool>) {
        return {Form::Truth};
    } else if constexpr (std::is_enum_v<T>) {
        const auto& names = EnumNames<T>::kNames;
        return {Form::Word, {names.begin(), names.end()}};
    } else if constexpr (std::is_same_v<T, TopicPartition>) {
        return {Form::Partition};
    } else if constexpr (std::is_integral_v<T> || requires(T t) { t.ns(); }) {
        return {Form::Number};
    } else if constexpr (requires(T t) { t.value() + 0; }) {
        return {Form::Number};
    } else if constexpr (requires(T t) { t.clear(); } && !std::is_same_v<T, std::string>) {
        return {Form::List};
    } else {
        return {Form::Text};
    }
}

template <class Body>
EventWords words_of() {
    EventWords words{std::string(Body::kKind), {}, {}};
    Body body;
    for_each_attribute(body, [&]<class T>(std::string_view name, const T&) {
        words.attributes.emplace_back(name);
        words.values.push_back(value_of<Body, typename Plain<T>::Type>());
    });
    return words;
}

}  // namespace

bool matches(const EventPattern& pattern, const Event& event) {
    if (kind_of(event.body) != pattern.kind) {
        return false;
    }
    return std::all_of(
        pattern.conditions.begin(), pattern.conditions.end(), [&](const EventCondition& condition) {
            if (condition.attribute == "n")
                return node_matches(condition, event.n);
            return std::visit([&](const auto& body) { return attribute_matches(condition, body); },
                              event.body);
        });
}

std::vector<EventWords> event_words() {
    return []<std::size_t... I>(std::index_sequence<I...>) {
        return std::vector<EventWords>{words_of<std::variant_alternative_t<I, EventBody>>()...};
    }
    (std::make_index_sequence<std::variant_size_v<EventBody>>{});
}

}  // namespace bsim
