#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "sim/scenario/build.h"
#include "sim/scenario/values.h"

namespace bsim {
namespace {

bool add_partition(Build& build, const JsonNode& node, ConsumerSpec& consumer) {
    const auto text = text_of(&node);
    if (!text) {
        return false;
    }
    std::array<TextPart, 2> parts;
    auto partition = parse_partition(*text, parts[0], parts[1]);
    if (!partition) {
        build.document.report({"E0106", at_value(node),
                               fmt::format("\"{}\" is no partition, such as orders-0", *text)});
        return false;
    }
    if (!check_partition(build, node, *partition, parts)) {
        return false;
    }
    auto& assign = consumer.assign;
    if (std::find(assign.begin(), assign.end(), *partition) != assign.end()) {
        build.document.report({"E0206", at_value(node), fmt::format("\"{}\" stands twice", *text)});
        return false;
    }
    assign.push_back(std::move(*partition));
    return true;
}

void add_consumer(Build& build, const JsonNode& node) {
    if (!is_name(node.key)) {
        build.document.report({"E0106", at_key(node),
                               fmt::format("\"{}\" is no legal name of a consumer", node.key),
                               "letters, digits, dots, dashes and underscores"});
    }
    ConsumerSpec consumer;
    consumer.name = node.key;
    consumer.members = static_cast<std::int32_t>(integer_of(member(&node, "members")).value_or(1));
    const JsonNode* assign = node.find("assign");
    if (assign == nullptr && node.find("topics") == nullptr) {
        build.document.report({"E0102", at_value(node), "\"assign\" is missing",
                               "an array of partitions, such as [\"orders-0\"]"});
    }
    if (assign != nullptr && assign->kind == JsonNode::Kind::Array) {
        if (assign->children.empty()) {
            build.document.report({"E0102", at_value(*assign), "a consumer needs a partition",
                                   "an array of partitions, such as [\"orders-0\"]"});
        }
        for (const JsonNode& partition : assign->children) {
            add_partition(build, partition, consumer);
        }
    }
    std::sort(consumer.assign.begin(), consumer.assign.end());
    consumer.process = dist_of(member(&node, "process"));
    const auto settings =
        build_settings(build, ConfigKind::Consumer, std::array{member(&node, "config")});
    if (settings) {
        consumer.settings = *settings;
    }
    build.out.consumers.push_back(std::move(consumer));
}

}  // namespace

void build_consumers(Build& build) {
    const JsonNode* consumers = member(&build.root, "consumers");
    build.consumers.emplace();
    if (consumers == nullptr) {
        return;
    }
    if (consumers->kind != JsonNode::Kind::Object) {
        build.consumers.reset();
        return;
    }
    for (const JsonNode& node : consumers->children) {
        const auto members = integer_of(member(&node, "members")).value_or(1);
        build.consumers->emplace(node.key, static_cast<std::int32_t>(members));
        if (node.kind == JsonNode::Kind::Object) {
            add_consumer(build, node);
        }
    }
}

}  // namespace bsim
