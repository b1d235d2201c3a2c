#include "sim/report/topics_text.h"

#include <algorithm>
#include <bit>
#include <fmt/format.h>
#include <regex>

#include <nlohmann/json.hpp>

#include "sim/base/java_order.h"
#include "sim/model/config_description.h"
#include "sim/model/internal_topics.h"

namespace bsim {
namespace {

struct PartitionRow {
    PartitionIndex index;
    const PartitionRegistration* registration;
};

struct TopicRow {
    const TopicImage* topic;
    std::size_t replication = 0;
    TopicSettings settings;
    bool headed = false;  // the topic's own line is shown
    std::vector<PartitionRow> shown;
};

std::size_t replication_factor(const PartitionRegistration& p) {
    return p.replicas.size() - p.adding.size();
}

bool has_leader(const PartitionRegistration& p, const std::set<BrokerId>& live) {
    return p.leader && live.contains(*p.leader);
}

bool partitions_only(const TopicQuery& query) {
    return query.under_replicated || query.unavailable || query.under_min_isr || query.at_min_isr;
}

bool is_shown(const PartitionRegistration& p,
              const TopicQuery& query,
              const std::set<BrokerId>& live,
              std::int64_t min_isr) {
    const auto isr = static_cast<std::int64_t>(p.isr.size());
    const bool led = has_leader(p, live);
    return !partitions_only(query) ||
           (query.under_replicated && p.isr.size() < replication_factor(p)) ||
           (query.unavailable && !led) || (query.under_min_isr && (!led || isr < min_isr)) ||
           (query.at_min_isr && isr == min_isr);
}

// In the order of a HashMap of that capacity, into which they are put in the order given.
void walk_table(std::vector<std::string>& names, std::size_t capacity) {
    const auto bucket = [&](const std::string& name) {
        return java_bucket(java_hash(name), static_cast<std::uint32_t>(capacity));
    };
    std::stable_sort(names.begin(), names.end(),
                     [&](const auto& a, const auto& b) { return bucket(a) < bucket(b); });
}

// The client puts the descriptions into a map, copies that, and copies it again; the first and the
// last are made for as many entries as there are and grow when more than three quarters full.
std::vector<std::string> in_tool_order(std::vector<std::string> names) {
    const std::size_t count = names.size();
    const std::size_t fitting = std::bit_ceil(count);
    const std::size_t sized = count * 4 > fitting * 3 ? fitting * 2 : fitting;
    const std::size_t copied = std::bit_ceil(count * 4 / 3 + 1);
    for (const std::size_t capacity : {sized, copied, sized})
        walk_table(names, capacity);
    return names;
}

AskedBroker asked_broker(const ClusterAt& cluster) {
    const std::set<BrokerId> live = cluster.live_brokers();
    if (!live.empty())
        return {*live.begin(), cluster.settings(*live.begin())};
    const auto& all = cluster.image.brokers();
    const BrokerId id = all.empty() ? BrokerId() : all.begin()->first;
    return {id, cluster.settings(id)};
}

std::vector<TopicRow> rows_of(const ClusterAt& cluster,
                              const std::vector<std::string>& names,
                              const TopicQuery& query) {
    const std::set<BrokerId> live = cluster.live_brokers();
    const AskedBroker asked = asked_broker(cluster);
    std::vector<TopicRow> rows;
    for (const std::string& name : in_tool_order(names)) {
        TopicRow row{
            cluster.image.topic(name), 0, topic_settings(cluster.image, asked, name), false, {}};
        row.headed = !partitions_only(query) && (!query.with_overrides || !row.settings.empty());
        const auto& partitions = row.topic->partitions;
        if (!partitions.empty())
            row.replication = replication_factor(partitions.begin()->second);
        const std::int64_t min_isr = min_insync_replicas(row.settings);
        for (const auto& [index, partition] : partitions) {
            if (!query.with_overrides && is_shown(partition, query, live, min_isr))
                row.shown.push_back({index, &partition});
        }
        rows.push_back(std::move(row));
    }
    return rows;
}

std::string ids_text(const std::vector<BrokerId>& ids) {
    return fmt::format("{}", fmt::join(to_ints(ids), ","));
}

std::string topic_line(const TopicRow& row) {
    std::string settings;
    for (const auto& [name, value] : row.settings)
        settings += fmt::format("{}{}={}", settings.empty() ? "" : ",", name, value);
    const std::string id = row.topic->id.is_zero() ? "" : "\tTopicId: " + row.topic->id.to_string();
    return fmt::format("Topic: {}{}\tPartitionCount: {}\tReplicationFactor: {}\tConfigs: {}\n",
                       row.topic->name, id, row.topic->partitions.size(), row.replication,
                       settings);
}

std::string partition_line(const std::string& topic,
                           const PartitionRow& row,
                           const std::set<BrokerId>& live) {
    const PartitionRegistration& p = *row.registration;
    const std::string leader =
        has_leader(p, live) ? std::to_string(p.leader->value()) : std::string("none");
    std::string text =
        fmt::format("\tTopic: {}\tPartition: {}\tLeader: {}\tReplicas: {}\tIsr: {}", topic,
                    row.index.value(), leader, ids_text(p.replicas), ids_text(p.isr));
    if (p.is_reassigning()) {
        text += fmt::format("\tAdding Replicas: {}\tRemoving Replicas: {}", ids_text(p.adding),
                            ids_text(p.removing));
    }
    return text + fmt::format("\tElr: {}\tLastKnownElr: {}\n", ids_text(p.elr),
                              ids_text(p.last_known_elr));
}

nlohmann::ordered_json partition_json(const PartitionRow& row, const std::set<BrokerId>& live) {
    const PartitionRegistration& p = *row.registration;
    nlohmann::ordered_json json;
    json["partition"] = row.index.value();
    json["leader"] = has_leader(p, live) ? p.leader->value() : -1;
    json["leader_epoch"] = p.leader_epoch.value();
    json["partition_epoch"] = p.partition_epoch.value();
    json["replicas"] = to_ints(p.replicas);
    json["isr"] = to_ints(p.isr);
    json["elr"] = to_ints(p.elr);
    json["last_known_elr"] = to_ints(p.last_known_elr);
    json["adding"] = to_ints(p.adding);
    json["removing"] = to_ints(p.removing);
    return json;
}

nlohmann::ordered_json topic_json(const TopicRow& row, const std::set<BrokerId>& live) {
    nlohmann::ordered_json json;
    json["topic"] = row.topic->name;
    json["topic_id"] = row.topic->id.to_string();
    json["partition_count"] = row.topic->partitions.size();
    json["replication_factor"] = row.replication;
    json["configs"] = nlohmann::ordered_json::object();
    for (const auto& [name, value] : row.settings)
        json["configs"][name] = value;
    json["partitions"] = nlohmann::ordered_json::array();
    for (const PartitionRow& partition : row.shown)
        json["partitions"].push_back(partition_json(partition, live));
    return json;
}

}  // namespace

std::string topic_expression(std::string_view given) {
    std::string text;
    for (const char c : given) {
        if (c == ',') {
            text += '|';
        } else if (static_cast<unsigned char>(c) > ' ') {
            text += c;
        }
    }
    const std::size_t from = text.find_first_not_of("\"'");
    const std::size_t to = text.find_last_not_of("\"'");
    return from == std::string::npos ? "" : text.substr(from, to + 1 - from);
}

std::vector<std::string> matching_topics(const ClusterAt& cluster, const TopicQuery& query) {
    const std::regex pattern(query.topic ? topic_expression(*query.topic) : ".*");
    std::vector<std::string> names;
    for (const auto& [name, id] : cluster.image.topic_ids()) {
        const bool wanted =
            query.topic_id ? id.to_string() == *query.topic_id : std::regex_match(name, pattern);
        if (wanted && !(query.exclude_internal && is_internal_topic(name)))
            names.push_back(name);
    }
    std::sort(names.begin(), names.end(), java_less);
    return names;
}

Result<std::vector<std::string>, std::string> existing_topics(const ClusterAt& cluster,
                                                              const TopicQuery& query) {
    std::vector<std::string> names = matching_topics(cluster, query);
    if (!names.empty())
        return names;
    if (query.topic_id)
        return Err{fmt::format("TopicId '{}' does not exist as expected", *query.topic_id)};
    // The tool prints an Optional.
    if (query.topic && !query.topic->empty())
        return Err{fmt::format("Topic 'Optional[{}]' does not exist as expected", *query.topic)};
    return names;
}

std::string list_topics(const std::vector<std::string>& names) {
    return fmt::format("{}\n", fmt::join(names, "\n"));
}

nlohmann::ordered_json list_topics_json(const std::vector<std::string>& names) {
    nlohmann::ordered_json json;
    json["topics"] = names;
    return json;
}

std::string describe_topics(const ClusterAt& cluster,
                            const std::vector<std::string>& names,
                            const TopicQuery& query) {
    const std::set<BrokerId> live = cluster.live_brokers();
    std::string text;
    for (const TopicRow& row : rows_of(cluster, names, query)) {
        if (row.headed)
            text += topic_line(row);
        for (const PartitionRow& partition : row.shown)
            text += partition_line(row.topic->name, partition, live);
    }
    return text;
}

nlohmann::ordered_json describe_topics_json(const ClusterAt& cluster,
                                            const std::vector<std::string>& names,
                                            const TopicQuery& query) {
    const std::set<BrokerId> live = cluster.live_brokers();
    nlohmann::ordered_json json;
    json["topics"] = nlohmann::ordered_json::array();
    for (const TopicRow& row : rows_of(cluster, names, query)) {
        if (row.headed || !row.shown.empty())
            json["topics"].push_back(topic_json(row, live));
    }
    return json;
}

}  // namespace bsim
