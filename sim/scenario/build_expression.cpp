#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>

#include "sim/scenario/build.h"
#include "sim/scenario/expression_range.h"
#include "sim/scenario/expression_watch.h"
#include "sim/scenario/field_form.h"
#include "sim/scenario/nearest.h"
#include "sim/scenario/values.h"

namespace bsim {
namespace {

constexpr std::string_view kMetadataTopic = "__cluster_metadata";

// "broker-3" -> broker 3; nullopt for names of other shapes.
std::optional<NodeRole> role_of(std::string_view name) {
    const std::size_t dash = name.rfind('-');
    const auto id =
        dash == std::string_view::npos ? std::nullopt : node_id_of(name.substr(dash + 1));
    const std::string_view role = name.substr(0, std::min(dash, name.size()));
    if (!id || (role != "broker" && role != "controller")) {
        return std::nullopt;
    }
    return NodeRole{role == "broker" ? NodeRole::Kind::Broker : NodeRole::Kind::Controller, *id};
}

// [-]digits that fit into 64 bits.
bool is_whole(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size();
}

// Checks the names in an expression against the scenario and the vocabulary.
class NameCheck : public ExpressionNames {
  public:
    NameCheck(Build& build, const JsonNode& node) : build_(build), node_(node) {}

    bool ok() const { return ok_; }

    void partition(const TopicPartition& p, TextPart topic, TextPart index) override {
        if (p.topic != kMetadataTopic || p.partition.value() != 0) {
            ok_ &= check_partition(build_, node_, p, std::array{topic, index});
        }
    }
    void node(NodeNames& names, TextPart part) override;
    void fault(std::string_view id, TextPart part) override {
        static_cast<void>(id);
        ok_ &= check_fault_id(build_, node_, part);
    }
    void metric(std::string_view name, TextPart part) override;
    void event_kind(std::string_view kind, TextPart part) override;
    void event_condition(std::string_view kind, const Condition& condition) override;
    void group(std::string_view name, TextPart part) override {
        ok_ &= check_group(build_, node_, name, part);
    }
    void metric_label(const LabelCondition& condition) override;

  private:
    void event_node(const Condition& in);
    void event_value(const EventWords::Value& value, const Condition& in);
    void event_text(const Condition& in);
    void event_partition(const Condition& in);
    void one_of(const std::vector<std::string>& words, std::string_view word, TextPart part);
    const EventWords* find_event(std::string_view kind) const;
    bool is_client(std::string_view name) const;
    void report(std::string_view code, TextPart part, std::string message) {
        ok_ = false;
        build_.document.report({code, at_part(node_, part.from, part.length), std::move(message)});
    }

    Build& build_;
    const JsonNode& node_;
    bool ok_ = true;
};

bool NameCheck::is_client(std::string_view name) const {
    for (const auto& [role, known] :
         {std::pair{"producer-", &build_.producers}, std::pair{"consumer-", &build_.consumers}}) {
        if (!name.starts_with(role)) {
            continue;
        }
        const std::string_view rest = name.substr(std::string_view(role).size());
        const std::size_t dash = rest.rfind('-');
        const auto index =
            dash == std::string_view::npos ? std::nullopt : node_id_of(rest.substr(dash + 1));
        if (!*known) {
            return true;
        }
        const auto group = (*known)->find(rest.substr(0, std::min(dash, rest.size())));
        return index && group != (*known)->end() && index->value() < group->second;
    }
    return name == "admin" || name == "sim";
}

void NameCheck::node(NodeNames& names, TextPart part) {
    const std::string written = names.empty() ? std::string() : names.front();
    const auto exists = [&](const std::string& name) {
        const auto role = role_of(name);
        if (!role) {
            return is_client(name);
        }
        const auto& ids =
            role->kind == NodeRole::Kind::Broker ? build_.brokers : build_.controllers;
        return !ids || ids->contains(role->id);
    };
    if (std::any_of(names.begin(), names.end(), exists)) {
        // A combined node stands in the trace as a broker.
        const auto role = role_of(written);
        const bool controller = role && role->kind == NodeRole::Kind::Controller;
        if (names.size() == 1 && controller && build_.brokers &&
            build_.brokers->contains(role->id)) {
            names.front() = fmt::format("broker-{}", role->id.value());
        }
        return;
    }
    const auto role = role_of(written);
    if (names.size() == 1 && role) {
        ok_ = false;
        check_node_id(build_, node_, part, *role);
    } else {
        report("E0203", part,
               fmt::format("there is no node \"{}\"",
                           std::string_view(node_.text).substr(part.from, part.length)));
    }
}

const EventWords* NameCheck::find_event(std::string_view kind) const {
    const auto& events = build_.vocabulary.events;
    const auto at = std::find_if(events.begin(), events.end(),
                                 [&](const EventWords& words) { return words.kind == kind; });
    return at == events.end() ? nullptr : &*at;
}

void NameCheck::metric(std::string_view name, TextPart part) {
    const auto& known = build_.vocabulary.metrics;
    build_.out.asks_metrics = true;
    if (std::find(known.begin(), known.end(), name) != known.end()) {
        return;
    }
    const std::vector<std::string_view> names(known.begin(), known.end());
    ok_ = false;
    build_.document.report({"E0222", at_part(node_, part.from, part.length),
                            fmt::format("unknown metric \"{}\"", name), listed(names),
                            std::string(nearest(name, names).value_or(""))});
}

void NameCheck::event_kind(std::string_view kind, TextPart part) {
    const bool message = kind.starts_with("Message") || kind.starts_with("Connection");
    if (find_event(kind) != nullptr) {
        if (message && build_.out.record_messages == MessageRecording::None) {
            report("E0221", part,
                   fmt::format("there are no events \"{}\", as the run does not record messages",
                               kind));
        }
        return;
    }
    std::vector<std::string_view> kinds;
    for (const EventWords& words : build_.vocabulary.events) {
        kinds.push_back(words.kind);
    }
    ok_ = false;
    build_.document.report({"E0222", at_part(node_, part.from, part.length),
                            fmt::format("unknown kind of event \"{}\"", kind),
                            short_list(kinds, "event"),
                            std::string(nearest(kind, kinds).value_or(""))});
}

void NameCheck::event_condition(std::string_view kind, const Condition& in) {
    const EventWords* words = find_event(kind);
    const std::string& attribute = in.condition.attribute;
    if (words == nullptr) {
        return;
    }
    const auto& known = words->attributes;
    if (attribute == "n") {
        return event_node(in);
    }
    const auto at = std::find(known.begin(), known.end(), attribute);
    if (at == known.end()) {
        std::vector<std::string_view> names(known.begin(), known.end());
        names.emplace_back("n");
        ok_ = false;
        build_.document.report({"E0222", at_part(node_, in.attribute.from, in.attribute.length),
                                fmt::format("event \"{}\" has no \"{}\"", kind, attribute),
                                listed(names),
                                std::string(nearest(attribute, names).value_or(""))});
        return;
    }
    const auto place = static_cast<std::size_t>(at - known.begin());
    if (place < words->values.size()) {
        event_value(words->values[place], in);
    }
}

void NameCheck::event_node(const Condition& in) {
    NodeNames names = {in.condition.value};
    if (const auto id = node_id_of(in.condition.value)) {
        names = {fmt::format("broker-{}", id->value()), fmt::format("controller-{}", id->value())};
    }
    node(names, in.value);
    if (names.size() == 1) {
        in.condition.value = names.front();
    }
}

void NameCheck::event_value(const EventWords::Value& value, const Condition& in) {
    using Form = EventWords::Form;
    const std::string& text = in.condition.value;
    const bool ordering =
        in.condition.op != CompareOp::Equal && in.condition.op != CompareOp::NotEqual;
    if (ordering && value.form != Form::Number) {
        return report("E0404", in.attribute,
                      fmt::format("\"{}\" has no order", in.condition.attribute));
    }
    switch (value.form) {
        case Form::Truth:
            return one_of({"true", "false"}, text, in.value);
        case Form::Word:
            return one_of(value.words, text, in.value);
        case Form::Number:
            if (!is_whole(text)) {
                const bool time = in.condition.attribute.ends_with("_ns");
                report("E0222", in.value,
                       fmt::format("\"{}\" is no whole number{}, as \"{}\" is", text,
                                   time ? " and no duration" : "", in.condition.attribute));
            }
            return;
        case Form::Partition:
            return event_partition(in);
        case Form::Text:
            return event_text(in);
        case Form::List:
            return;
    }
}

// Texts that name something of the scenario.
void NameCheck::event_text(const Condition& in) {
    const std::string& attribute = in.condition.attribute;
    const std::string& text = in.condition.value;
    if (attribute == "f") {
        fault(text, in.value);
    } else if (attribute == "group") {
        group(text, in.value);
    } else if (attribute == "topic" && !text.starts_with("__")) {
        ok_ &= check_topic_name(build_, node_, in.value);
    }
}

void NameCheck::event_partition(const Condition& in) {
    TextPart topic;
    TextPart index;
    const auto p = parse_partition(in.condition.value, topic, index);
    if (!p) {
        return report("E0222", in.value,
                      fmt::format("\"{}\" is no partition, such as orders-0", in.condition.value));
    }
    if (!p->topic.starts_with("__")) {
        topic.from += in.value.from;
        index.from += in.value.from;
        partition(*p, topic, index);
    }
}

void NameCheck::one_of(const std::vector<std::string>& words,
                       std::string_view word,
                       TextPart part) {
    if (std::find(words.begin(), words.end(), word) != words.end()) {
        return;
    }
    const std::vector<std::string_view> names(words.begin(), words.end());
    ok_ = false;
    build_.document.report({"E0222", at_part(node_, part.from, part.length),
                            fmt::format("\"{}\" is none of the words that can stand here", word),
                            listed(names), std::string(nearest(word, names).value_or(""))});
}

// A label that the metric's samples have, with a value that can be.
void NameCheck::metric_label(const LabelCondition& in) {
    if (in.label == "instance") {
        NodeNames names = {in.value};
        node(names, in.value_part);
        in.value = names.front();
        return;
    }
    const auto labels = build_.vocabulary.metric_labels.find(in.metric);
    if (labels == build_.vocabulary.metric_labels.end()) {
        return;
    }
    const auto& known = labels->second;
    if (std::find(known.begin(), known.end(), in.label) == known.end()) {
        std::vector<std::string_view> names(known.begin(), known.end());
        names.emplace_back("instance");
        ok_ = false;
        build_.document.report(
            {"E0222", at_part(node_, in.label_part.from, in.label_part.length),
             fmt::format("metric \"{}\" has no label \"{}\"", in.metric, in.label), listed(names),
             std::string(nearest(in.label, names).value_or(""))});
    } else if (in.label == "topic" && !in.value.starts_with("__")) {
        ok_ &= check_topic_name(build_, node_, in.value_part);
    } else if (in.label == "consumergroup" || in.label == "group") {
        group(in.value, in.value_part);
    } else if (in.label == "partition" && !is_whole(in.value)) {
        report("E0222", in.value_part, fmt::format("\"{}\" is no number of a partition", in.value));
    } else if (in.label == "quantile") {
        one_of({"0.5", "0.95", "0.99", "1"}, in.value, in.value_part);
    }
}

}  // namespace

bool check_fault_id(Build& build, const JsonNode& node, TextPart part) {
    const std::string_view id = std::string_view(node.text).substr(part.from, part.length);
    if (build.faults.contains(id)) {
        return true;
    }
    const auto ids = words_among(build.faults);
    build.document.report({"E0218", at_part(node, part.from, part.length),
                           fmt::format("there is no fault \"{}\"", id),
                           listed(ids, build.faults.size()),
                           std::string(nearest(id, ids).value_or(""))});
    return false;
}

std::optional<Expression> build_expression(Build& build,
                                           const JsonNode* node,
                                           ExpressionWanted wanted) {
    const auto text = text_of(node);
    if (!text) {
        return std::nullopt;
    }
    NameCheck names(build, *node);
    auto parsed = parse_expression(*text, wanted, names);
    if (!parsed) {
        const ExpressionError& error = parsed.error();
        build.document.report({error.code, at_part(*node, error.part.from, error.part.length),
                               error.message, error.expected, error.suggestion});
        return std::nullopt;
    }
    const auto latencies = sources_of(*parsed).latencies;
    build.out.asks_latencies |=
        latencies.contains(Latency::EndToEnd) || latencies.contains(Latency::Rebalance);
    return names.ok() ? std::optional(std::move(*parsed)) : std::nullopt;
}

bool check_possible(Build& build,
                    const JsonNode& node,
                    const Expression& expression,
                    std::string_view what) {
    ExpressionFacts facts;
    facts.replicas = [&](const TopicPartition& p) { return replication_of(build, p.topic); };
    if (build.topics) {
        facts.partitions = 0;
        for (const auto& [topic, declared] : *build.topics) {
            const auto count = partitions_of(build, topic);
            facts.partitions = count && facts.partitions ? std::optional(*facts.partitions + *count)
                                                         : std::nullopt;
        }
    }
    if (can_be_true(expression.root, facts)) {
        return true;
    }
    build.document.report({"E0221", at_value(node), fmt::format("{} can never be true", what)});
    return false;
}

std::optional<FaultMoment> build_fault_moment(Build& build, const JsonNode* node) {
    constexpr std::string_view kEnd = ".end";
    const auto text = text_of(node);
    if (!text) {
        return std::nullopt;
    }
    FaultMoment out;
    out.end = text->ends_with(kEnd);
    const std::size_t length = out.end ? text->size() - kEnd.size() : text->size();
    if (!check_fault_id(build, *node, {0, length})) {
        return std::nullopt;
    }
    out.fault = std::string(text->substr(0, length));
    if (out.end && !build.faults.find(out.fault)->second) {
        build.document.report({"E0220", at_value(*node),
                               fmt::format("fault \"{}\" never ends", out.fault),
                               "a fault with \"for\", \"until\" or \"restart_after\", repeated a "
                               "number of \"times\" at "
                               "most"});
        return std::nullopt;
    }
    return out;
}

}  // namespace bsim
