#include <algorithm>
#include <fmt/format.h>

#include "sim/model/internal_topics.h"
#include "sim/scenario/build.h"
#include "sim/scenario/nearest.h"
#include "sim/scenario/values.h"

namespace bsim {
namespace {

constexpr std::int64_t kReplicasMax = 1'000'000;
constexpr std::size_t kTopicNameMax = 249;
constexpr std::string_view kMinIsr = "min.insync.replicas";

// What Kafka holds against a topic name; empty if nothing. Source: internals.Topic.
std::string name_fault(std::string_view name) {
    const auto legal = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '.' || c == '_' || c == '-';
    };
    if (name.empty()) {
        return "a topic name must not be empty";
    }
    if (name == "." || name == "..") {
        return fmt::format("a topic must not be named \"{}\"", name);
    }
    if (name.size() > kTopicNameMax) {
        return fmt::format("a topic name of {} characters is too long", name.size());
    }
    if (!std::all_of(name.begin(), name.end(), legal)) {
        return fmt::format("\"{}\" is no legal topic name", name);
    }
    if (name == "__cluster_metadata") {
        return fmt::format("topic \"{}\" belongs to Kafka", name);
    }
    return {};
}

class TopicBuilder {
  public:
    explicit TopicBuilder(Build& build) : build_(build) {}
    void add(const JsonNode& node);
    // Everything but the name, for an object that has a topic's members.
    std::optional<TopicSpec> topic(const JsonNode& node, std::string name);

  private:
    void check_name(const JsonNode& node);
    void check_replication(const JsonNode& node, const TopicSpec& topic);
    void check_min_isr(const JsonNode& node, const TopicSpec& topic);
    const JsonNode* min_isr_of_brokers() const;
    std::optional<std::vector<std::vector<BrokerId>>> assignment(const JsonNode& list,
                                                                 const TopicSpec& topic,
                                                                 bool replication_given);
    bool check_partitions(const JsonNode& assignment, const TopicSpec& topic);
    std::optional<std::vector<BrokerId>> replicas(const JsonNode& list);

    Build& build_;
    std::map<std::string, std::string> collisions_;  // name with _ for . -> first name
};

void TopicBuilder::check_name(const JsonNode& node) {
    if (!check_legal_topic_name(build_, node.key, at_key(node))) {
        return;
    }
    std::string unified = node.key;
    std::replace(unified.begin(), unified.end(), '.', '_');
    const auto [first, is_new] = collisions_.emplace(std::move(unified), node.key);
    if (is_new) {
        return;
    }
    build_.document.report({"E0208", at_key(node),
                            fmt::format("topic \"{}\" collides with \"{}\": they differ only in . "
                                        "and _",
                                        node.key, first->second)});
}

// The partition numbers: each from 0 on exactly once.
bool TopicBuilder::check_partitions(const JsonNode& assignment, const TopicSpec& topic) {
    std::set<std::int32_t> seen;
    bool ok = true;
    for (const JsonNode& list : assignment.children) {
        const auto index = node_id_of(list.key);
        if (index && index->value() < topic.partitions) {
            seen.insert(index->value());
            continue;
        }
        ok = false;
        build_.document.report(
            {"E0205", at_key(list),
             fmt::format("topic \"{}\" has no partition \"{}\"", topic.name, list.key),
             fmt::format("a partition from 0 to {}", topic.partitions - 1)});
    }
    std::int32_t missing = 0;
    while (seen.contains(missing)) {
        ++missing;
    }
    if (missing < topic.partitions) {
        ok = false;
        build_.document.report({"E0205", at_value(assignment),
                                fmt::format("the assignment lacks partition {}", missing),
                                "a list of brokers for each partition"});
    }
    return ok;
}

std::optional<std::vector<BrokerId>> TopicBuilder::replicas(const JsonNode& list) {
    std::vector<BrokerId> out;
    std::set<BrokerId> seen;
    bool ok = list.kind == JsonNode::Kind::Array;
    for (const JsonNode& element : list.children) {
        const auto value = integer_of(&element);
        if (!value || *value < 0 || *value > INT32_MAX) {
            ok = false;
            continue;
        }
        const BrokerId id(static_cast<std::int32_t>(*value));
        if (build_.brokers && !build_.brokers->contains(id)) {
            ok = false;
            build_.document.report(
                {"E0203", at_value(element), fmt::format("there is no broker {}", id.value())});
        }
        if (!seen.insert(id).second) {
            ok = false;
            build_.document.report({"E0206", at_value(element),
                                    fmt::format("broker {} stands twice in the assignment of one "
                                                "partition",
                                                id.value())});
        }
        out.push_back(id);
    }
    return ok ? std::optional(std::move(out)) : std::nullopt;
}

std::optional<std::vector<std::vector<BrokerId>>> TopicBuilder::assignment(const JsonNode& node,
                                                                           const TopicSpec& topic,
                                                                           bool replication_given) {
    bool ok = node.kind == JsonNode::Kind::Object && check_partitions(node, topic);
    std::map<std::int32_t, std::vector<BrokerId>> by_partition;
    for (const JsonNode& list : node.children) {
        auto brokers = replicas(list);
        const bool sized = brokers && !brokers->empty() &&
                           static_cast<std::int64_t>(brokers->size()) == topic.replication;
        if (brokers && !sized) {
            build_.document.report(
                {"E0205", at_value(list),
                 brokers->empty()
                     ? fmt::format("partition {} has no replicas", list.key)
                     : fmt::format("partition {} has {} replicas, {} {}", list.key, brokers->size(),
                                   replication_given ? "replication is" : "the first has",
                                   topic.replication)});
        }
        const auto index = node_id_of(list.key);
        ok = ok && sized && index;
        if (ok) {
            by_partition.emplace(index->value(), std::move(*brokers));
        }
    }
    if (!ok) {
        return std::nullopt;
    }
    std::vector<std::vector<BrokerId>> out;
    for (auto& [partition, brokers] : by_partition) {
        out.push_back(std::move(brokers));
    }
    return out;
}

// The setting that topics without their own go by: that of the broker with the lowest id.
const JsonNode* TopicBuilder::min_isr_of_brokers() const {
    const JsonNode* cluster = member(&build_.root, "cluster");
    if (build_.out.brokers.empty()) {
        return nullptr;
    }
    const std::string id = fmt::format("{}", build_.out.brokers.front().id.value());
    const JsonNode* const layers[] = {member(cluster, "defaults"),
                                      member(member(cluster, "brokers"), id)};
    return last_member(layers, "config", kMinIsr);
}

void TopicBuilder::check_min_isr(const JsonNode& node, const TopicSpec& topic) {
    const JsonNode* config = member(&node, "config");
    const JsonNode* own = member(config, kMinIsr);
    const TopicConfig defaults =
        build_.out.brokers.empty() ? TopicConfig{} : build_.out.brokers.front().config.log;
    const std::int32_t min_isr = resolve_topic_config(defaults, topic.settings).min_insync_replicas;
    const Mark mark = own != nullptr ? at_value(*own) : at_key(node);
    if (min_isr > topic.replication) {
        // A topic without a setting of its own has the brokers': that is where to mend it.
        const JsonNode* given = own == nullptr ? min_isr_of_brokers() : nullptr;
        const std::string whose = fmt::format(" of topic \"{}\"", topic.name);
        build_.document.report(
            {"E0212", given != nullptr ? at_value(*given) : mark,
             fmt::format("min.insync.replicas {} exceeds replication {}{}", min_isr,
                         topic.replication, given != nullptr ? whose : std::string())});
    } else if (min_isr == topic.replication && topic.replication > 1) {
        build_.document.report(
            {"W0001", mark,
             fmt::format("min.insync.replicas equals replication {}: one replica "
                         "out of sync blocks acks=all",
                         topic.replication)});
    }
}

void TopicBuilder::check_replication(const JsonNode& node, const TopicSpec& topic) {
    const JsonNode* replication = member(&node, "replication");
    if (!build_.brokers || topic.replication <= static_cast<std::int64_t>(build_.brokers->size())) {
        return;
    }
    build_.document.report({"W0003", replication != nullptr ? at_value(*replication) : at_key(node),
                            fmt::format("replication {} exceeds the number of brokers, {}: the "
                                        "controller will refuse the topic",
                                        topic.replication, build_.brokers->size())});
}

std::optional<TopicSpec> TopicBuilder::topic(const JsonNode& node, std::string name) {
    TopicSpec topic;
    topic.name = std::move(name);
    const auto settings =
        build_settings(build_, ConfigKind::Topic, std::array{member(&node, "config")});
    if (settings) {
        topic.settings = *settings;
    }
    const auto partitions = integer_of(member(&node, "partitions"));
    if (!partitions || *partitions < 1 || *partitions > INT32_MAX) {
        return std::nullopt;
    }
    topic.partitions = static_cast<std::int32_t>(*partitions);
    const JsonNode* lists = member(&node, "assignment");
    const auto given = integer_of(member(&node, "replication"));
    if (given) {
        if (*given < 1 || *given > INT16_MAX) {
            return std::nullopt;
        }
        topic.replication = static_cast<std::int32_t>(*given);
    } else if (lists != nullptr && !lists->children.empty()) {
        topic.replication = static_cast<std::int32_t>(lists->children.front().children.size());
    } else if (!build_.out.controllers.empty()) {
        topic.replication = build_.out.controllers.front().config.default_replication_factor;
    }
    const bool declared = node.find("fault") == nullptr;
    count_replicas(build_, declared ? at_key(node) : at_value(*member(&node, "partitions")),
                   topic.name, std::int64_t{topic.partitions} * topic.replication);
    if (lists != nullptr) {
        topic.assignment = assignment(*lists, topic, given.has_value());
    }
    if (settings && (lists == nullptr || topic.assignment)) {
        check_min_isr(node, topic);
    }
    check_replication(node, topic);
    return topic;
}

void TopicBuilder::add(const JsonNode& node) {
    check_name(node);
    if (node.kind != JsonNode::Kind::Object) {
        return;
    }
    if (auto made = topic(node, node.key)) {
        build_.out.topics.push_back(std::move(*made));
    }
}

// What faults add to the topics of the scenario.
void collect_later_topics(Build& build) {
    const JsonNode* faults = member(&build.root, "faults");
    if (faults == nullptr || !build.topics) {
        return;
    }
    for (const JsonNode& fault : faults->children) {
        const auto kind = text_of(member(&fault, "fault"));
        const auto topic = text_of(member(&fault, "topic"));
        const auto partitions = integer_of(member(&fault, "partitions"));
        if (kind == "topic-create" && topic) {
            build.topics->emplace(*topic, &fault);
            build.created_topics.emplace(*topic);
        }
        if ((kind == "topic-create" || kind == "partitions-add") && topic && partitions) {
            auto& raised = build.raised_partitions[std::string(*topic)];
            raised = std::max(raised, *partitions);
        }
    }
}

}  // namespace

void build_topics(Build& build) {
    const JsonNode* topics = member(&build.root, "topics");
    build.topics.emplace();
    if (topics == nullptr) {
        collect_later_topics(build);
        return;
    }
    if (topics->kind != JsonNode::Kind::Object) {
        build.topics.reset();
        return;
    }
    TopicBuilder builder(build);
    for (const JsonNode& topic : topics->children) {
        build.topics->emplace(topic.key, &topic);
        builder.add(topic);
    }
    collect_later_topics(build);
}

std::optional<TopicSpec> build_topic(Build& build, const JsonNode& node, std::string name) {
    return TopicBuilder(build).topic(node, std::move(name));
}

void count_replicas(Build& build, const Mark& mark, std::string_view topic, std::int64_t count) {
    const std::int64_t before = build.replicas;
    build.replicas += count;
    if (before > kReplicasMax || build.replicas <= kReplicasMax) {
        return;
    }
    build.document.report({"E0209", mark,
                           fmt::format("with topic \"{}\" the scenario has {} replicas; at most {} "
                                       "are possible",
                                       topic, build.replicas, kReplicasMax)});
}

bool check_legal_topic_name(Build& build, std::string_view name, const Mark& mark) {
    std::string fault = name_fault(name);
    if (fault.empty()) {
        return true;
    }
    build.document.report(
        {"E0207", mark, std::move(fault), "at most 249 of the characters a-z A-Z 0-9 . _ -"});
    return false;
}

bool check_topic_name(Build& build, const JsonNode& node, TextPart part) {
    if (!build.topics) {
        return true;
    }
    const std::string_view name = std::string_view(node.text).substr(part.from, part.length);
    if (build.topics->contains(name)) {
        return true;
    }
    build.document.report({"E0202",
                           at_part(node, part.from, part.length),
                           fmt::format("there is no topic \"{}\"", name),
                           {},
                           nearest_of(name, *build.topics)});
    return false;
}

bool check_partition(Build& build,
                     const JsonNode& node,
                     const TopicPartition& p,
                     std::span<const TextPart, 2> topic_and_index) {
    if (!check_topic_name(build, node, topic_and_index[0])) {
        return false;
    }
    const auto count = partitions_of(build, p.topic);
    if (!count || p.partition.value() < *count) {
        return true;
    }
    build.document.report(
        {"E0204", at_part(node, topic_and_index[1].from, topic_and_index[1].length),
         fmt::format("topic \"{}\" has no partition {}", p.topic, p.partition.value()),
         fmt::format("a partition from 0 to {}", *count - 1)});
    return false;
}

std::optional<std::int64_t> offsets_partitions(const Build& build) {
    if (!build.consumers || build.out.brokers.empty()) {
        return std::nullopt;
    }
    std::int64_t most = 0;
    for (const NodeSpec& broker : build.out.brokers) {
        most = std::max<std::int64_t>(most, broker.config.offsets_topic_num_partitions);
    }
    return build.groups.empty() ? 0 : most;
}

bool check_any_partition(Build& build,
                         const JsonNode& node,
                         const TopicPartition& p,
                         std::span<const TextPart, 2> topic_and_index) {
    const bool declared = !build.topics || build.topics->contains(p.topic);
    if (declared || p.topic != kOffsetsTopic) {
        return check_partition(build, node, p, topic_and_index);
    }
    const TextPart topic = topic_and_index[0];
    if (build.consumers && build.groups.empty()) {
        build.document.report(
            {"E0202", at_part(node, topic.from, topic.length),
             fmt::format("there is no topic \"{}\" without a consumer group", kOffsetsTopic),
             "consumers with \"topics\""});
        return false;
    }
    const auto count = offsets_partitions(build);
    if (!count || p.partition.value() < *count) {
        return true;
    }
    build.document.report(
        {"E0204", at_part(node, topic_and_index[1].from, topic_and_index[1].length),
         fmt::format("topic \"{}\" has no partition {}", p.topic, p.partition.value()),
         fmt::format("a partition from 0 to {} (offsets.topic.num.partitions)", *count - 1)});
    return false;
}

std::optional<std::int64_t> partitions_of(const Build& build, std::string_view topic) {
    if (!build.topics) {
        return std::nullopt;
    }
    const auto at = build.topics->find(topic);
    if (at == build.topics->end()) {
        return std::nullopt;
    }
    const auto raised = build.raised_partitions.find(topic);
    const auto count = integer_of(member(at->second, "partitions"));
    if (!count || *count <= 0) {
        return std::nullopt;
    }
    return raised == build.raised_partitions.end() ? *count : std::max(*count, raised->second);
}

std::optional<std::int64_t> replication_of(const Build& build, std::string_view topic) {
    const auto at = std::find_if(build.out.topics.begin(), build.out.topics.end(),
                                 [&](const TopicSpec& spec) { return spec.name == topic; });
    const bool known = at != build.out.topics.end() && !build.created_topics.contains(topic);
    return known ? std::optional<std::int64_t>(at->replication) : std::nullopt;
}

}  // namespace bsim
