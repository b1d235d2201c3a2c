#include "sim/node/metadata_answer.h"

#include <utility>
#include <vector>

#include "sim/wire/error_code.h"

namespace bsim {
namespace {

using Topic = wire::MetadataResponse::MetadataResponseTopic;

void describe(const MetadataImage& image, const TopicImage& topic, Topic& out) {
    out.name = topic.name;
    out.topic_id = topic.id;
    for (const auto& [index, partition] : topic.partitions) {
        auto& p = out.partitions.emplace_back();
        p.partition_index = index.value();
        p.leader_epoch = partition.leader_epoch.value();
        p.replica_nodes = to_ints(partition.replicas);
        p.isr_nodes = to_ints(partition.isr);
        for (const BrokerId replica : partition.replicas) {
            const BrokerRegistration* broker = image.broker(replica);
            if (broker == nullptr || broker->fenced)
                p.offline_replicas.push_back(replica.value());
        }
        const bool known = partition.leader && image.broker(*partition.leader) != nullptr;
        p.leader_id = known ? partition.leader->value() : -1;
        if (!known)
            p.error_code = static_cast<std::int16_t>(wire::ErrorCode::LeaderNotAvailable);
    }
}

}  // namespace

wire::MetadataResponse answer_metadata(const MetadataImage& image,
                                       const wire::MetadataRequest& request,
                                       const std::string& cluster_id,
                                       std::uint64_t drawn) {
    wire::MetadataResponse response;
    response.cluster_id = cluster_id;
    for (const auto& [id, broker] : image.brokers()) {
        if (broker.fenced || broker.endpoints.empty())
            continue;
        auto& out = response.brokers.emplace_back();
        out.node_id = id.value();
        out.host = broker.endpoints.front().host;
        out.port = broker.endpoints.front().port;
        out.rack = broker.rack;
    }
    if (!response.brokers.empty()) {
        response.controller_id = response.brokers[drawn % response.brokers.size()].node_id;
    }
    if (!request.topics) {
        for (const auto& [name, id] : image.topic_ids()) {
            describe(image, *image.topic(id), response.topics.emplace_back());
        }
        return response;
    }
    for (const auto& asked : *request.topics) {
        Topic& out = response.topics.emplace_back();
        const TopicImage* topic =
            asked.name ? image.topic(*asked.name) : image.topic(asked.topic_id);
        if (topic != nullptr) {
            describe(image, *topic, out);
            continue;
        }
        // DEVIATION: a broker does not create a missing topic, whatever auto.create.topics.enable
        // says; a scenario's topics are made by its admin.
        out.name = asked.name;
        out.topic_id = asked.topic_id;
        const auto error =
            asked.name ? wire::ErrorCode::UnknownTopicOrPartition : wire::ErrorCode::UnknownTopicId;
        out.error_code = static_cast<std::int16_t>(error);
    }
    return response;
}

}  // namespace bsim
