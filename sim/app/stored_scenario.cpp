#include "sim/app/stored_scenario.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <iterator>

#include <nlohmann/json.hpp>

#include "sim/app/fault_facts.h"
#include "sim/report/manifest.h"
#include "sim/scenario/effective_text.h"
#include "sim/scenario/switch_table.h"
#include "sim/trace/node_name.h"
#include "sim/world/judged_run.h"
#include "sim/world/nearly_longest.h"

namespace bsim {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

// What says when a fault strikes, and what names it.
constexpr std::string_view kNotParameters[] = {"id",   "fault", "at",    "after",  "delay",
                                               "when", "hold",  "every", "jitter", "times"};

Result<std::string, std::string> read_text(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(in), {}};
    if (!in)
        return Err{file.string() + ": cannot be read"};
    return text;
}

std::string plain(const Json& value) {
    if (value.is_string())
        return value.get<std::string>();
    if (value.is_array()) {
        std::string out;
        for (const Json& element : value)
            out += (out.empty() ? "" : " ") + plain(element);
        return out;
    }
    return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// The document as it was in force. Null if it cannot be had.
Json document_of(const StoredScenario& stored) {
    const std::string text =
        effective_text(ScenarioText{stored.text, stored.file, stored.overrides});
    Json document = Json::parse(text, nullptr, false);
    return document.is_discarded() ? Json() : document;
}

std::string member(const Json& object, const char* key) {
    const auto found = object.find(key);
    return found == object.end() ? "" : plain(*found);
}

std::string when_of(const Json& fault) {
    std::string out;
    if (fault.contains("at")) {
        out = "at " + member(fault, "at");
    } else if (fault.contains("after")) {
        out = "after " + member(fault, "after");
        if (fault.contains("delay"))
            out += " + " + member(fault, "delay");
    } else if (fault.contains("when")) {
        out = "when " + member(fault, "when");
        if (fault.contains("hold"))
            out += " for " + member(fault, "hold");
    }
    if (fault.contains("every"))
        out += ", every " + member(fault, "every");
    if (fault.contains("times"))
        out += ", " + member(fault, "times") + " times";
    return out;
}

FaultFact fault_fact(const Json& fault) {
    FaultFact out;
    out.kind = member(fault, "fault");
    out.when = when_of(fault);
    out.topic = fault.contains("target") ? "" : member(fault, "topic");
    for (const auto& [key, value] : fault.items()) {
        const bool other = std::find(std::begin(kNotParameters), std::end(kNotParameters), key) !=
                           std::end(kNotParameters);
        if (!other)
            out.parameters += (out.parameters.empty() ? "" : ", ") + key + " " + plain(value);
    }
    if (out.kind == "config-change" && fault.contains("config") && fault["config"].is_object()) {
        for (const auto& [key, value] : fault["config"].items())
            out.config[key] = plain(value);
    }
    return out;
}

std::map<std::string, FaultFact> fault_facts(const Json& document) {
    std::map<std::string, FaultFact> out;
    const auto list = document.find("faults");
    if (list == document.end() || !list->is_array())
        return out;
    for (std::size_t k = 0; k < list->size(); ++k) {
        const Json& fault = (*list)[k];
        if (!fault.is_object())
            continue;
        const std::string id = member(fault, "id");
        out[id.empty() ? fmt::format("fault-{}", k + 1) : id] = fault_fact(fault);
    }
    return out;
}

std::vector<SwitchFact> switch_facts(const Json& document) {
    std::vector<SwitchFact> out;
    const auto given = document.find("switches");
    for (const SwitchRow& row : all_switches()) {
        SwitchFact fact{std::string(row.name), std::string(row.kafka39), true};
        if (given != document.end() && given->is_object() && given->contains(fact.name)) {
            const Json& value = (*given)[fact.name];
            fact.value = value.is_boolean() ? (value.get<bool>() ? "on" : "off") : plain(value);
            fact.is_default = fact.value == row.kafka39;
        }
        out.push_back(std::move(fact));
    }
    return out;
}

// What makes links unsound from the start.
std::string network_words(const Json& document) {
    std::string out;
    const auto tell = [&](const Json& link, const std::string& where) {
        if (!link.is_object())
            return;
        for (const char* key : {"loss", "corrupt", "reorder"}) {
            if (link.contains(key) && link[key] != 0)
                out += fmt::format("{}{} of {} is {}", out.empty() ? "" : ", ", key, where,
                                   plain(link[key]));
        }
    };
    const auto network = document.find("network");
    if (network == document.end() || !network->is_object())
        return out;
    if (network->contains("default"))
        tell((*network)["default"], "all links");
    if (network->contains("links") && (*network)["links"].is_array()) {
        for (const Json& link : (*network)["links"])
            tell(link, "some links");
    }
    return out.empty() ? out : "the network is as the scenario makes it: " + out;
}

ClientFact producer_fact(const ProducerSpec& producer) {
    ClientFact out{producer.name, producer.topic, "", producer.settings};
    if (producer.rate)
        out.records_per_second = producer.rate->records * seconds(1).ns() / producer.rate->per.ns();
    return out;
}

ClientFact consumer_fact(const ConsumerSpec& consumer, const MemberSpec& member) {
    ClientFact out{consumer.name, "", consumer.group.value_or(""), member.settings};
    if (member.process)
        out.process = nearly_longest(*member.process);
    out.topics = consumer.topics;
    out.commits_by_time = consumer.commit == CommitPolicy::Auto;
    return out;
}

}  // namespace

Result<StoredScenario, std::string> read_stored_scenario(const std::string& directory) {
    const fs::path run = directory;
    BSIM_TRY(const std::string manifest, read_text(run / "manifest.json"));
    const auto order = read_manifest(manifest);
    if (!order.ok())
        return Err{(run / "manifest.json").string() + " " + order.error()};
    StoredScenario out;
    out.file = (run / order->scenario_file).string();
    out.overrides = order->overrides;
    BSIM_TRY(out.text, read_text(out.file));
    auto scenario = parse_scenario(ScenarioText{out.text, out.file, out.overrides}, vocabulary());
    if (!scenario.ok())
        return Err{out.file + ": is no scenario that this brokersim can run: " +
                   scenario.error().front().message};
    out.scenario = std::move(*scenario);
    return out;
}

RunFacts facts_of(const StoredScenario& stored) {
    const Scenario& scenario = stored.scenario;
    RunFacts facts;
    facts.known = true;
    for (const NodeSpec& node : scenario.controllers)
        facts.nodes[NodeName::controller(node.id).text()] = node.settings;
    for (const NodeSpec& node : scenario.brokers)
        facts.nodes[NodeName::broker(node.id).text()] = node.settings;
    for (const auto* nodes : {&scenario.controllers, &scenario.brokers}) {
        for (const NodeSpec& node : *nodes) {
            if (const auto bytes = node.hardware.disk.capacity_bytes) {
                const bool broker = nodes == &scenario.brokers;
                const NodeName name =
                    broker ? NodeName::broker(node.id) : NodeName::controller(node.id);
                facts.capacities[name.text()] = *bytes;
            }
        }
    }
    for (const TopicSpec& topic : scenario.topics)
        facts.topics[topic.name] = topic.settings;
    for (const ProducerSpec& producer : scenario.producers) {
        for (std::int32_t k = 0; k < producer.count; ++k)
            facts.producers[NodeName::client("producer", producer.name, k).text()] =
                producer_fact(producer);
    }
    for (const ConsumerSpec& consumer : scenario.consumers) {
        for (std::size_t k = 0; k < consumer.members.size(); ++k) {
            const auto number = static_cast<std::int32_t>(k);
            facts.consumers[NodeName::client("consumer", consumer.name, number).text()] =
                consumer_fact(consumer, consumer.members[k]);
        }
    }
    const Json document = document_of(stored);
    if (!document.is_object())
        return facts;
    facts.faults = fault_facts(document);
    for (const FaultSpec& fault : scenario.faults)
        add_sizes(scenario, fault, facts.faults[fault.id]);
    facts.way = slowest_way(scenario);
    facts.switches = switch_facts(document);
    facts.network = network_words(document);
    return facts;
}

Result<Expression, std::string> parse_condition(const StoredScenario& stored,
                                                const std::string& text) {
    const Json document = document_of(stored);
    const Json expectation = {{"id", "what-explain-asks"}, {"always", text}};
    std::vector<std::string> overrides = stored.overrides;
    const bool appends = document.is_object() && document.contains("expect");
    overrides.push_back(appends ? "/expect/-=" + expectation.dump()
                                : "/expect=" + Json::array({expectation}).dump());
    const auto parsed =
        parse_scenario(ScenarioText{stored.text, stored.file, overrides}, vocabulary());
    if (!parsed.ok()) {
        const Diagnostic& wrong = parsed.error().front();
        std::string out = wrong.message;
        if (!wrong.suggestion.empty())
            out += fmt::format("; did you mean \"{}\"?", wrong.suggestion);
        else if (!wrong.expected.empty())
            out += "; expected " + wrong.expected;
        return Err{std::move(out)};
    }
    return std::get<AlwaysExpect>(parsed->expect.back().form).expression;
}

}  // namespace bsim
