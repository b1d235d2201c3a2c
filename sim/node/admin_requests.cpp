#include "sim/node/admin_requests.h"

#include "sim/model/metadata_image_partition.h"

namespace bsim {
namespace {

constexpr std::int8_t kTopicResource = 2;
constexpr std::int8_t kBrokerResource = 4;
constexpr std::int8_t kSet = 0;
constexpr std::int8_t kDelete = 1;

wire::IncrementalAlterConfigsRequest configs_request(std::int8_t type,
                                                     const std::string& name,
                                                     const ConfigChanges& changes) {
    wire::IncrementalAlterConfigsRequest request;
    auto& resource = request.resources.emplace_back();
    resource.resource_type = type;
    resource.resource_name = name;
    for (const auto& [key, value] : changes) {
        auto& config = resource.configs.emplace_back();
        config.name = key;
        config.config_operation = value ? kSet : kDelete;
        config.value = value;
    }
    return request;
}

}  // namespace

wire::CreateTopicsRequest create_topic_request(const NewTopic& topic) {
    wire::CreateTopicsRequest request;
    auto& out = request.topics.emplace_back();
    out.name = topic.name;
    out.num_partitions = topic.partitions.value_or(-1);
    out.replication_factor = topic.replication.value_or(std::int16_t{-1});
    if (topic.assignment) {
        std::int32_t index = 0;
        for (const auto& replicas : *topic.assignment) {
            auto& partition = out.assignments.emplace_back();
            partition.partition_index = index++;
            partition.broker_ids = to_ints(replicas);
        }
    }
    for (const auto& [key, value] : topic.settings) {
        auto& config = out.configs.emplace_back();
        config.name = key;
        config.value = value;
    }
    return request;
}

wire::DeleteTopicsRequest delete_topic_request(const std::string& topic) {
    wire::DeleteTopicsRequest request;
    request.topics.emplace_back().name = topic;
    return request;
}

wire::CreatePartitionsRequest add_partitions_request(const std::string& topic,
                                                     std::int32_t count,
                                                     const std::optional<Assignment>& assignment) {
    wire::CreatePartitionsRequest request;
    auto& out = request.topics.emplace_back();
    out.name = topic;
    out.count = count;
    out.assignments = std::nullopt;
    if (assignment) {
        out.assignments.emplace();
        for (const auto& replicas : *assignment)
            out.assignments->emplace_back().broker_ids = to_ints(replicas);
    }
    return request;
}

wire::IncrementalAlterConfigsRequest topic_configs_request(const std::string& topic,
                                                           const ConfigChanges& changes) {
    return configs_request(kTopicResource, topic, changes);
}

wire::IncrementalAlterConfigsRequest broker_configs_request(std::optional<BrokerId> broker,
                                                            const ConfigChanges& changes) {
    return configs_request(kBrokerResource, broker ? std::to_string(broker->value()) : "", changes);
}

wire::AlterPartitionReassignmentsRequest reassign_request(const std::string& topic,
                                                          const Reassignments& moves) {
    wire::AlterPartitionReassignmentsRequest request;
    auto& out = request.topics.emplace_back();
    out.name = topic;
    for (const auto& [partition, replicas] : moves) {
        auto& move = out.partitions.emplace_back();
        move.partition_index = partition.value();
        move.replicas = std::nullopt;
        if (replicas)
            move.replicas = to_ints(*replicas);
    }
    return request;
}

wire::ElectLeadersRequest elect_leaders_request(ElectionType type,
                                                const std::string& topic,
                                                const std::vector<PartitionIndex>& partitions) {
    wire::ElectLeadersRequest request;
    request.election_type = static_cast<std::int8_t>(type);
    auto& wanted = request.topic_partitions.emplace();
    wanted.emplace_back().topic = topic;
    for (const PartitionIndex partition : partitions)
        wanted.back().partitions.push_back(partition.value());
    return request;
}

wire::UnregisterBrokerRequest unregister_broker_request(BrokerId broker) {
    wire::UnregisterBrokerRequest request;
    request.broker_id = broker.value();
    return request;
}

}  // namespace bsim
