#include "sim/scenario/name_check.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

#include "sim/scenario/field_form.h"
#include "sim/scenario/nearest.h"
#include "sim/scenario/values.h"

namespace bsim {
namespace {

constexpr std::string_view kMetadataTopic = "__cluster_metadata";

// Kinds of TRACE that this program does not emit yet, and those that stand in verdicts.jsonl.
constexpr std::string_view kUnbuiltEvents[] = {
    "ZkState",    "ZkCommitted", "SessionOpened",    "SessionExpired", "SessionClosed",
    "WatchFired", "LogCleaned",  "TransactionState", "LogDirFailed"};
constexpr std::string_view kVerdicts[] = {"Violation", "ExpectationMet", "ExpectationFailed",
                                          "RunEnded"};

// [-]digits that fit into 64 bits.
bool is_whole(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size();
}

}  // namespace

std::optional<NodeRole> node_role(std::string_view name) {
    const std::size_t dash = name.rfind('-');
    const auto id =
        dash == std::string_view::npos ? std::nullopt : node_id_of(name.substr(dash + 1));
    const std::string_view role = name.substr(0, std::min(dash, name.size()));
    if (!id || (role != "broker" && role != "controller")) {
        return std::nullopt;
    }
    return NodeRole{role == "broker" ? NodeRole::Kind::Broker : NodeRole::Kind::Controller, *id};
}

bool is_metadata_partition(const TopicPartition& p) {
    return p.topic == kMetadataTopic && p.partition.value() == 0;
}

bool can_control(const Build& build, std::string_view name) {
    const auto role = node_role(name);
    if (!build.controllers || !build.brokers) {
        return true;
    }
    const bool broker = role && build.brokers->contains(role->id);
    return role && build.controllers->contains(role->id) &&
           (role->kind == NodeRole::Kind::Broker) == broker;
}

void NameCheck::partition(const TopicPartition& p, TextPart topic, TextPart index) {
    if (!is_metadata_partition(p)) {
        ok_ &= check_any_partition(build_, node_, p, std::array{topic, index});
    }
}

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

bool NameCheck::exists(const std::string& name) const {
    const auto role = node_role(name);
    if (!role) {
        return is_client(name);
    }
    const auto& ids = role->kind == NodeRole::Kind::Broker ? build_.brokers : build_.controllers;
    return !ids || ids->contains(role->id);
}

// The names of nodes, of clients the first instance each.
std::vector<std::string> NameCheck::nodes() const {
    constexpr std::size_t kMost = 1'000;
    std::vector<std::string> out;
    for (const auto& [role, ids] :
         {std::pair{"broker", &build_.brokers}, std::pair{"controller", &build_.controllers}}) {
        for (const BrokerId id : ids->value_or(std::set<BrokerId>())) {
            if (out.size() < kMost) {
                out.push_back(fmt::format("{}-{}", role, id.value()));
            }
        }
    }
    for (const auto& [role, known] :
         {std::pair{"producer", &build_.producers}, std::pair{"consumer", &build_.consumers}}) {
        if (!*known) {
            continue;
        }
        for (const auto& client : **known) {
            if (out.size() < kMost) {
                out.push_back(fmt::format("{}-{}-0", role, client.first));
            }
        }
    }
    return out;
}

void NameCheck::unknown_node(TextPart part) {
    const auto known = nodes();
    const std::vector<std::string_view> names(known.begin(), known.end());
    const std::string_view text = text_at(part);
    // For a bare number any other would be a guess.
    const bool number = node_id_of(text).has_value();
    report("E0203", part, fmt::format("there is no node \"{}\"", text), listed(names),
           number ? std::string() : std::string(nearest(text, names).value_or("")));
}

void NameCheck::node(NodeNames& names, TextPart part) {
    const std::string written = names.empty() ? std::string() : names.front();
    auto role = node_role(written);
    if (std::any_of(names.begin(), names.end(),
                    [this](const auto& name) { return exists(name); })) {
        // A combined node stands in the trace as a broker.
        const bool controller = role && role->kind == NodeRole::Kind::Controller;
        if (names.size() == 1 && controller && build_.brokers &&
            build_.brokers->contains(role->id)) {
            names.front() = fmt::format("broker-{}", role->id.value());
        }
        return;
    }
    if (names.size() == 1 && role) {
        ok_ = false;
        role->separator = text_at(part).find(':') == std::string_view::npos ? '-' : ':';
        check_node_id(build_, node_, part, *role);
    } else {
        unknown_node(part);
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
    if (find_event(kind) == nullptr) {
        return unknown_event(kind, part);
    }
    if (message && build_.out.record_messages == MessageRecording::None) {
        report("E0221", part,
               fmt::format("there are no events \"{}\", as the run does not record messages", kind),
               "\"messages\": \"headers\" under \"record\"");
    }
}

void NameCheck::unknown_event(std::string_view kind, TextPart part) {
    const auto is_kind = [&](std::string_view known) { return known == kind; };
    std::vector<std::string_view> kinds;
    for (const EventWords& words : build_.vocabulary.events) {
        kinds.push_back(words.kind);
    }
    if (std::any_of(std::begin(kUnbuiltEvents), std::end(kUnbuiltEvents), is_kind)) {
        return report("E0900", part,
                      fmt::format("event \"{}\" is part of the format but not built yet", kind),
                      short_list(kinds, "event"));
    }
    if (std::any_of(std::begin(kVerdicts), std::end(kVerdicts), is_kind)) {
        return report("E0222", part,
                      fmt::format("\"{}\" is a verdict on the run, no event of it", kind),
                      short_list(kinds, "event"));
    }
    report("E0222", part, fmt::format("unknown kind of event \"{}\"", kind),
           short_list(kinds, "event"), std::string(nearest(kind, kinds).value_or("")));
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
    std::string name = in.condition.value;
    std::replace(name.begin(), name.end(), ':', '-');  // as selectors have it
    NodeNames names = {name};
    if (const auto id = node_id_of(name)) {
        names = {fmt::format("broker-{}", id->value()), fmt::format("controller-{}", id->value())};
    }
    node(names, in.value);
    if (names.size() == 1) {
        in.condition.value = names.front();
    }
}

// The id of a broker, or of any node of the metadata quorum; -1 for none.
void NameCheck::event_broker(const EventWords::Value& value, const Condition& in) {
    const auto id = node_id_of(in.condition.value);
    const bool equal = in.condition.op == CompareOp::Equal;
    if (!id || !equal || !build_.brokers || !build_.controllers) {
        return;
    }
    const bool any = value.form == EventWords::Form::Node;
    if (build_.brokers->contains(*id) || (any && build_.controllers->contains(*id))) {
        return;
    }
    std::vector<std::string> known;
    for (const std::string& name : nodes()) {
        const auto role = node_role(name);
        if (role && (any || role->kind == NodeRole::Kind::Broker)) {
            known.push_back(fmt::format("{}", role->id.value()));
        }
    }
    const std::vector<std::string_view> names(known.begin(), known.end());
    report("E0203", in.value,
           fmt::format("there is no {} {}", any ? "node" : "broker", id->value()), listed(names));
}

void NameCheck::event_value(const EventWords::Value& value, const Condition& in) {
    using Form = EventWords::Form;
    const std::string& text = in.condition.value;
    const bool ordering =
        in.condition.op != CompareOp::Equal && in.condition.op != CompareOp::NotEqual;
    const bool number =
        value.form == Form::Number || value.form == Form::Broker || value.form == Form::Node;
    if (ordering && !number) {
        return report("E0404", in.attribute,
                      fmt::format("\"{}\" has no order", in.condition.attribute));
    }
    switch (value.form) {
        case Form::Truth:
            return one_of({"true", "false"}, text, in.value);
        case Form::Word:
            return one_of(value.words, text, in.value);
        case Form::Broker:
        case Form::Node:
        case Form::Number:
            if (!is_whole(text)) {
                const bool time = in.condition.attribute.ends_with("_ns");
                const auto role = node_role(text);
                report("E0222", in.value,
                       fmt::format("\"{}\" is no whole number{}, as \"{}\" is", text,
                                   time ? " and no duration" : "", in.condition.attribute),
                       {}, role ? fmt::format("{}", role->id.value()) : std::string());
            } else if (value.form != Form::Number) {
                event_broker(value, in);
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
        const bool known = build_.topics && build_.topics->contains(in.condition.value);
        return report("E0222", in.value,
                      fmt::format("\"{}\" is no partition, such as orders-0", in.condition.value),
                      {}, known ? in.condition.value + "-0" : std::string());
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
        std::replace(in.value.begin(), in.value.end(), ':', '-');
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

}  // namespace bsim
