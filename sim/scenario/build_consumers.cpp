#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "sim/scenario/build.h"
#include "sim/scenario/fields.h"
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

void build_assign(Build& build, const JsonNode& assign, ConsumerSpec& consumer) {
    if (assign.kind != JsonNode::Kind::Array) {
        return;
    }
    for (const JsonNode& partition : assign.children) {
        add_partition(build, partition, consumer);
    }
    std::sort(consumer.assign.begin(), consumer.assign.end());
}

void build_subscription(Build& build, const JsonNode& topics, ConsumerSpec& consumer) {
    if (topics.kind != JsonNode::Kind::Array) {
        return;
    }
    for (const JsonNode& node : topics.children) {
        const auto text = text_of(&node);
        if (!text || !check_topic_name(build, node, {0, text->size()})) {
            continue;
        }
        auto& known = consumer.topics;
        if (std::find(known.begin(), known.end(), *text) != known.end()) {
            build.document.report(
                {"E0206", at_value(node), fmt::format("\"{}\" stands twice", *text)});
            continue;
        }
        known.emplace_back(*text);
    }
}

// The group's name: `group`, else the setting group.id, else that of the consumer.
void name_group(Build& build, const JsonNode& node, ConsumerSpec& consumer) {
    const JsonNode* group = node.find("group");
    const JsonNode* setting = member(member(&node, "config"), "group.id");
    const auto given = text_of(group);
    // Kafka takes a number for text.
    const auto set =
        setting == nullptr ? std::nullopt : std::optional(std::string_view(setting->text));
    if (given && set && *given != *set) {
        build.document.report(
            {"E0217", at_value(*setting),
             fmt::format("\"group.id\" is \"{}\", but \"group\" is \"{}\"", *set, *given),
             std::string(*given)});
    }
    consumer.group = std::string(given ? *given : set ? *set : std::string_view(consumer.name));
    if (consumer.group->empty()) {
        build.document.report({"E0106", at_value(given ? *group : *setting),
                               "\"\" is no legal name of a group", "a name that is not empty"});
    }
    build.groups.insert(*consumer.group);
}

// A setting that is true or false, in whatever way and case Kafka reads it.
std::optional<bool> truth_of(const JsonNode* node) {
    std::string text = node == nullptr ? std::string() : node->text;
    std::transform(text.begin(), text.end(), text.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return text == "true"    ? std::optional(true)
           : text == "false" ? std::optional(false)
                             : std::nullopt;
}

CommitPolicy commit_policy(Build& build, const JsonNode& node) {
    const auto word = text_of(member(&node, "commit"));
    const auto setting = truth_of(member(member(&node, "config"), "enable.auto.commit"));
    const bool off = setting == false;
    const CommitPolicy policy = !word             ? off ? CommitPolicy::None : CommitPolicy::Auto
                                : *word == "sync" ? CommitPolicy::Sync
                                : *word == "after-each"  ? CommitPolicy::AfterEach
                                : *word == "before-work" ? CommitPolicy::BeforeWork
                                : *word == "none"        ? CommitPolicy::None
                                                         : CommitPolicy::Auto;
    if (word && setting && off == (policy == CommitPolicy::Auto)) {
        build.document.report(
            {"E0217", at_value(*member(&node, "commit")),
             fmt::format("\"commit\" is \"{}\", but \"enable.auto.commit\" is {}", *word, *setting),
             off ? "none, sync, after-each or before-work" : "auto"});
    }
    return policy;
}

std::optional<MemberSpec> member_of(Build& build, const JsonNode& node, const JsonNode* instance) {
    MemberSpec out;
    const JsonNode* process = member(instance, "process");
    out.process = dist_of(process != nullptr ? process : member(&node, "process"));
    out.start = SimTime(duration_of(member(instance, "start")).value_or(SimDuration{}).ns());
    const auto settings =
        build_settings(build, ConfigKind::Consumer,
                       std::array{member(&node, "config"), member(instance, "config")});
    if (settings) {
        out.settings = *settings;
    }
    return settings ? std::optional(std::move(out)) : std::nullopt;
}

// One, where the number is none that may stand there, which is reported elsewhere.
std::int64_t member_count(const JsonNode& node) {
    const auto count = integer_of(member(&node, "members")).value_or(1);
    return count >= 1 && count <= kInstancesMax ? count : 1;
}

void build_members(Build& build, const JsonNode& node, ConsumerSpec& consumer) {
    const std::int64_t count = member_count(node);
    const auto usual = member_of(build, node, nullptr);
    consumer.members.assign(static_cast<std::size_t>(count), usual.value_or(MemberSpec{}));
    const JsonNode* instances = node.find("instances");
    if (instances == nullptr || instances->kind != JsonNode::Kind::Object) {
        return;
    }
    for (const JsonNode& instance : instances->children) {
        const auto index = node_id_of(instance.key);
        if (!index || index->value() >= count) {
            build.document.report({"E0203", at_key(instance),
                                   fmt::format("there is no member \"{}\"", instance.key),
                                   fmt::format("0 to {}", count - 1)});
        } else if (auto own = usual ? member_of(build, node, &instance) : std::nullopt) {
            consumer.members[static_cast<std::size_t>(index->value())] = std::move(*own);
        }
    }
}

void add_consumer(Build& build, const JsonNode& node) {
    if (!is_name(node.key)) {
        build.document.report({"E0106", at_key(node),
                               fmt::format("\"{}\" is no legal name of a consumer", node.key),
                               std::string(kNameForm)});
    }
    ConsumerSpec consumer;
    consumer.name = node.key;
    const JsonNode* assign = node.find("assign");
    const JsonNode* topics = node.find("topics");
    if (assign != nullptr) {
        build_assign(build, *assign, consumer);
        const JsonNode* commit = node.find("commit");
        if (commit != nullptr && text_of(commit) != "none" && topics == nullptr) {
            build.document.report(
                {"E0217", at_key(*commit),
                 "\"commit\" is for consumers with topics, not for those with \"assign\""});
        }
    }
    if (topics != nullptr) {
        build_subscription(build, *topics, consumer);
        name_group(build, node, consumer);
        consumer.commit = commit_policy(build, node);
    }
    build_members(build, node, consumer);
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
        const std::int64_t members = member_count(node);
        build.consumers->emplace(node.key, static_cast<std::int32_t>(members));
        const bool room = check_instances(build, node, members);
        if (room && node.kind == JsonNode::Kind::Object) {
            add_consumer(build, node);
        }
    }
}

}  // namespace bsim
