// What the admin client is asked to do.
#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "sim/scenario/fault_builder.h"
#include "sim/scenario/values.h"

namespace bsim {

std::optional<std::string> FaultBuilder::existing_topic() {
    const auto name = text_of(find("topic"));
    if (!name || !check_topic_name(build_, *find("topic"), {0, name->size()})) {
        return std::nullopt;
    }
    return std::string(*name);
}

// The brokers or controllers whose settings change.
std::optional<Selector> FaultBuilder::configured() {
    auto target = selector("target");
    if (target && may_mean_clients(*target)) {
        build_.document.report(
            {"E0401", at_value(*find("target")),
             "\"config-change\" changes settings of servers, clients keep theirs",
             "brokers or controllers, or a \"topic\" instead"});
        return std::nullopt;
    }
    return target && check_somebody(*target) ? std::move(target) : std::nullopt;
}

std::optional<FaultAction> FaultBuilder::config_change() {
    ConfigChangeFault fault;
    const bool has_target = find("target") != nullptr;
    bool ok = true;
    if (has_target) {
        fault.target = configured();
        ok = fault.target.has_value();
    } else {
        auto topic = existing_topic();
        ok = topic.has_value();
        fault.topic = topic.value_or("");
    }
    const auto settings =
        build_settings(build_, has_target ? ConfigKind::Broker : ConfigKind::Topic,
                       std::array<const JsonNode*, 1>{find("config")});
    if (!ok || !settings || find("config") == nullptr) {
        return std::nullopt;
    }
    fault.settings = *settings;
    return fault;
}

std::optional<FaultAction> FaultBuilder::topic_create() {
    const auto name = text_of(find("topic"));
    if (!name || !check_legal_topic_name(build_, *name, at_value(*find("topic")))) {
        return std::nullopt;
    }
    auto topic = build_topic(build_, node_, std::string(*name));
    return topic ? std::optional<FaultAction>(TopicCreateFault{std::move(*topic)}) : std::nullopt;
}

std::optional<FaultAction> FaultBuilder::partitions_add() {
    auto topic = existing_topic();
    const auto total = integer_of(find("partitions"));
    if (!topic || !total || *total < 1 || *total > INT32_MAX) {
        return std::nullopt;
    }
    const auto& topics = build_.out.topics;
    const auto declared = std::find_if(topics.begin(), topics.end(),
                                       [&](const TopicSpec& spec) { return spec.name == *topic; });
    if (declared != topics.end() && *total <= declared->partitions) {
        build_.document.report(
            {"E0105", at_value(*find("partitions")),
             fmt::format("topic \"{}\" has {} partitions already; \"partitions\" is how many it "
                         "shall have",
                         *topic, declared->partitions),
             fmt::format("a whole number, at least {}", declared->partitions + 1)});
        return std::nullopt;
    }
    if (declared != topics.end()) {
        const std::int64_t added = *total - declared->partitions;
        count_replicas(build_, at_value(*find("partitions")), *topic,
                       added * declared->replication);
    }
    return PartitionsAddFault{std::move(*topic), static_cast<std::int32_t>(*total)};
}

// One partition, or an array of them.
bool FaultBuilder::elected_partitions(const JsonNode& value, ElectFault& fault) {
    const auto count = partitions_of(build_, fault.topic);
    std::set<std::int64_t> seen;
    bool ok = true;
    const auto add = [&](const JsonNode& element) {
        const auto index = integer_of(&element);
        if (!index || *index < 0 || *index > INT32_MAX) {
            ok = false;
        } else if (count && *index >= *count) {
            ok = false;
            build_.document.report(
                {"E0204", at_value(element),
                 fmt::format("topic \"{}\" has no partition {}", fault.topic, *index),
                 fmt::format("a partition from 0 to {}", *count - 1)});
        } else if (!seen.insert(*index).second) {
            ok = false;
            build_.document.report(
                {"E0206", at_value(element), fmt::format("partition {} stands twice", *index)});
        }
    };
    if (value.kind == JsonNode::Kind::Array) {
        std::for_each(value.children.begin(), value.children.end(), add);
    } else {
        add(value);
    }
    for (const std::int64_t index : seen) {
        fault.partitions.emplace_back(static_cast<std::int32_t>(index));
    }
    return ok;
}

std::optional<FaultAction> FaultBuilder::elect() {
    ElectFault fault;
    fault.type = is("elect-unclean") ? ElectFault::Type::Unclean : ElectFault::Type::Preferred;
    auto topic = existing_topic();
    const JsonNode* list = find("partitions");
    fault.topic = topic.value_or(std::string(text_of(find("topic")).value_or("")));
    const bool ok = list == nullptr || elected_partitions(*list, fault);
    return topic && ok ? std::optional<FaultAction>(std::move(fault)) : std::nullopt;
}

std::optional<FaultAction> FaultBuilder::admin_action() {
    if (is("config-change")) {
        return config_change();
    }
    if (is("topic-create")) {
        return topic_create();
    }
    if (is("topic-delete")) {
        auto topic = existing_topic();
        return topic ? std::optional<FaultAction>(TopicDeleteFault{std::move(*topic)})
                     : std::nullopt;
    }
    if (is("partitions-add")) {
        return partitions_add();
    }
    return elect();
}

}  // namespace bsim
