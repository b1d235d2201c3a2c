#include "sim/node/error_response.h"

#include <utility>
#include <variant>

#include "sim/base/check.h"

namespace bsim {
namespace {

struct Refusal {
    wire::ErrorCode error;
    std::int16_t version = 0;

    std::int16_t code() const { return wire::number(error); }
};

// One part of an answer, with the error.
template <class Part>
Part refused(const Refusal& why) {
    Part part;
    part.error_code = why.code();
    return part;
}

// The same of a partition.
template <class Part>
Part refused_index(const Refusal& why, std::int32_t index) {
    Part part = refused<Part>(why);
    part.partition_index = index;
    return part;
}

// Partitions
// ---------------------------------------------------------------------------------------

wire::ProduceResponse refuse(const wire::ProduceRequest& request, const Refusal& why) {
    wire::ProduceResponse answer;
    for (const auto& topic : request.topic_data) {
        auto& out = answer.responses.emplace_back();
        out.name = topic.name;
        for (const auto& partition : topic.partition_data) {
            auto& part = out.partition_responses.emplace_back();
            part.index = partition.index;
            part.error_code = why.code();
            part.base_offset = -1;
        }
    }
    return answer;
}

// What a leader says of a partition, and not of the session or of the request.
bool is_of_partition(wire::ErrorCode error) {
    switch (error) {
        case wire::ErrorCode::OffsetOutOfRange:
        case wire::ErrorCode::CorruptMessage:
        case wire::ErrorCode::UnknownTopicOrPartition:
        case wire::ErrorCode::NotLeaderOrFollower:
        case wire::ErrorCode::ReplicaNotAvailable:
        case wire::ErrorCode::TopicAuthorizationFailed:
        case wire::ErrorCode::KafkaStorageError:
        case wire::ErrorCode::FencedLeaderEpoch:
        case wire::ErrorCode::UnknownLeaderEpoch:
        case wire::ErrorCode::OffsetNotAvailable:
        case wire::ErrorCode::UnknownTopicId:
        case wire::ErrorCode::InconsistentTopicId:
            return true;
        default:
            return false;
    }
}

// A Fetch of a session names only what is new to it. One that names no partition is refused as a
// whole, upon which its sender begins anew and names them all. An answer by partition carries no
// session, which has the same effect: the server has not taken note of the request.
wire::FetchResponse refuse(const wire::FetchRequest& request, const Refusal& why) {
    constexpr std::int16_t kSessionsFrom = 7;
    constexpr std::int16_t kPartsBelow = 13;
    const bool by_partition = is_of_partition(why.error) && !request.topics.empty();
    wire::FetchResponse answer;
    if (!by_partition) {
        answer.error_code = why.code();
        if (why.version >= kSessionsFrom)
            answer.session_id = request.session_id;
        if (why.version >= kPartsBelow)
            return answer;
    }
    for (const auto& topic : request.topics) {
        auto& out = answer.responses.emplace_back();
        out.topic = topic.topic;
        out.topic_id = topic.topic_id;
        for (const auto& partition : topic.partitions) {
            auto& part = out.partitions.emplace_back();
            part.partition_index = partition.partition;
            part.error_code = why.code();
            part.high_watermark = -1;
            part.records = SharedBytes{};
        }
    }
    return answer;
}

wire::ListOffsetsResponse refuse(const wire::ListOffsetsRequest& request, const Refusal& why) {
    wire::ListOffsetsResponse answer;
    for (const auto& topic : request.topics) {
        auto& out = answer.topics.emplace_back();
        out.name = topic.name;
        for (const auto& partition : topic.partitions) {
            out.partitions.push_back(
                refused_index<wire::ListOffsetsResponse::ListOffsetsPartitionResponse>(
                    why, partition.partition_index));
        }
    }
    return answer;
}

wire::OffsetCommitResponse refuse(const wire::OffsetCommitRequest& request, const Refusal& why) {
    wire::OffsetCommitResponse answer;
    for (const auto& topic : request.topics) {
        auto& out = answer.topics.emplace_back();
        out.name = topic.name;
        for (const auto& partition : topic.partitions) {
            out.partitions.push_back(
                refused_index<wire::OffsetCommitResponse::OffsetCommitResponsePartition>(
                    why, partition.partition_index));
        }
    }
    return answer;
}

wire::DeleteRecordsResponse refuse(const wire::DeleteRecordsRequest& request, const Refusal& why) {
    using Part = wire::DeleteRecordsResponse::DeleteRecordsPartitionResult;
    wire::DeleteRecordsResponse answer;
    for (const auto& topic : request.topics) {
        auto& out = answer.topics.emplace_back();
        out.name = topic.name;
        for (const auto& partition : topic.partitions) {
            out.partitions.push_back(refused_index<Part>(why, partition.partition_index));
            out.partitions.back().low_watermark = -1;
        }
    }
    return answer;
}

wire::OffsetForLeaderEpochResponse refuse(const wire::OffsetForLeaderEpochRequest& request,
                                          const Refusal& why) {
    wire::OffsetForLeaderEpochResponse answer;
    for (const auto& topic : request.topics) {
        auto& out = answer.topics.emplace_back();
        out.topic = topic.topic;
        for (const auto& partition : topic.partitions) {
            auto& part = out.partitions.emplace_back();
            part.partition = partition.partition;
            part.error_code = why.code();
        }
    }
    return answer;
}

wire::ElectLeadersResponse refuse(const wire::ElectLeadersRequest& request, const Refusal& why) {
    wire::ElectLeadersResponse answer;
    if (why.version >= 1)
        answer.error_code = why.code();
    if (!request.topic_partitions)
        return answer;
    for (const auto& topic : *request.topic_partitions) {
        auto& out = answer.replica_election_results.emplace_back();
        out.topic = topic.topic;
        for (const std::int32_t partition : topic.partitions) {
            auto& part = out.partition_result.emplace_back();
            part.partition_id = partition;
            part.error_code = why.code();
            part.error_message.reset();
        }
    }
    return answer;
}

wire::AlterPartitionReassignmentsResponse refuse(
    const wire::AlterPartitionReassignmentsRequest& request, const Refusal& why) {
    using Part = wire::AlterPartitionReassignmentsResponse::ReassignablePartitionResponse;
    wire::AlterPartitionReassignmentsResponse answer;
    answer.error_code = why.code();
    answer.error_message.reset();
    for (const auto& topic : request.topics) {
        auto& out = answer.responses.emplace_back();
        out.name = topic.name;
        for (const auto& partition : topic.partitions) {
            out.partitions.push_back(refused_index<Part>(why, partition.partition_index));
            out.partitions.back().error_message.reset();
        }
    }
    return answer;
}

// Topics, groups, resources
// ------------------------------------------------------------------------

wire::MetadataResponse refuse(const wire::MetadataRequest& request, const Refusal& why) {
    wire::MetadataResponse answer;
    if (!request.topics)
        return answer;
    for (const auto& topic : *request.topics) {
        auto& out =
            answer.topics.emplace_back(refused<wire::MetadataResponse::MetadataResponseTopic>(why));
        out.name = topic.name.value_or("");
        out.topic_id = topic.topic_id;
    }
    return answer;
}

wire::CreateTopicsResponse refuse(const wire::CreateTopicsRequest& request, const Refusal& why) {
    wire::CreateTopicsResponse answer;
    for (const auto& topic : request.topics) {
        auto& out = answer.topics.emplace_back(
            refused<wire::CreateTopicsResponse::CreatableTopicResult>(why));
        out.name = topic.name;
        out.error_message.reset();
    }
    return answer;
}

wire::DeleteTopicsResponse refuse(const wire::DeleteTopicsRequest& request, const Refusal& why) {
    using Part = wire::DeleteTopicsResponse::DeletableTopicResult;
    wire::DeleteTopicsResponse answer;
    for (const auto& topic : request.topics) {
        Part& out = answer.responses.emplace_back(refused<Part>(why));
        out.name = topic.name;
        out.topic_id = topic.topic_id;
    }
    for (const std::string& name : request.topic_names)  // instead, before version 6
        answer.responses.emplace_back(refused<Part>(why)).name = name;
    return answer;
}

wire::CreatePartitionsResponse refuse(const wire::CreatePartitionsRequest& request,
                                      const Refusal& why) {
    using Part = wire::CreatePartitionsResponse::CreatePartitionsTopicResult;
    wire::CreatePartitionsResponse answer;
    for (const auto& topic : request.topics)
        answer.results.emplace_back(refused<Part>(why)).name = topic.name;
    return answer;
}

wire::IncrementalAlterConfigsResponse refuse(const wire::IncrementalAlterConfigsRequest& request,
                                             const Refusal& why) {
    using Part = wire::IncrementalAlterConfigsResponse::AlterConfigsResourceResponse;
    wire::IncrementalAlterConfigsResponse answer;
    for (const auto& resource : request.resources) {
        Part& out = answer.responses.emplace_back(refused<Part>(why));
        out.resource_name = resource.resource_name;
        out.resource_type = resource.resource_type;
        out.error_message.reset();
    }
    return answer;
}

wire::OffsetFetchResponse refuse(const wire::OffsetFetchRequest& request, const Refusal& why) {
    wire::OffsetFetchResponse answer;
    if (why.version >= 8) {
        using Part = wire::OffsetFetchResponse::OffsetFetchResponseGroup;
        for (const auto& group : request.groups)
            answer.groups.emplace_back(refused<Part>(why)).group_id = group.group_id;
        return answer;
    }
    answer.error_code = why.code();
    if (why.version >= 2 || !request.topics)
        return answer;
    for (const auto& topic : *request.topics) {
        auto& out = answer.topics.emplace_back();
        out.name = topic.name;
        for (const std::int32_t partition : topic.partition_indexes) {
            out.partitions.push_back(
                refused_index<wire::OffsetFetchResponse::OffsetFetchResponsePartition>(why,
                                                                                       partition));
            out.partitions.back().committed_offset = -1;
        }
    }
    return answer;
}

wire::FindCoordinatorResponse refuse(const wire::FindCoordinatorRequest& request,
                                     const Refusal& why) {
    using Part = wire::FindCoordinatorResponse::Coordinator;
    const auto name_nobody = [](auto& out) {
        out.node_id = -1;
        out.port = -1;
        out.error_message.reset();
    };
    wire::FindCoordinatorResponse answer;
    if (why.version < 4) {
        answer.error_code = why.code();
        name_nobody(answer);
        return answer;
    }
    for (const std::string& key : request.coordinator_keys) {
        Part& out = answer.coordinators.emplace_back(refused<Part>(why));
        out.key = key;
        name_nobody(out);
    }
    return answer;
}

wire::DescribeGroupsResponse refuse(const wire::DescribeGroupsRequest& request,
                                    const Refusal& why) {
    using Part = wire::DescribeGroupsResponse::DescribedGroup;
    wire::DescribeGroupsResponse answer;
    for (const std::string& group : request.groups)
        answer.groups.emplace_back(refused<Part>(why)).group_id = group;
    return answer;
}

wire::DeleteGroupsResponse refuse(const wire::DeleteGroupsRequest& request, const Refusal& why) {
    using Part = wire::DeleteGroupsResponse::DeletableGroupResult;
    wire::DeleteGroupsResponse answer;
    for (const std::string& group : request.groups_names)
        answer.results.emplace_back(refused<Part>(why)).group_id = group;
    return answer;
}

// The whole
// ----------------------------------------------------------------------------------------

wire::JoinGroupResponse refuse(const wire::JoinGroupRequest& /*request*/, const Refusal& why) {
    auto answer = refused<wire::JoinGroupResponse>(why);
    if (why.version >= 7)
        answer.protocol_name.reset();
    return answer;
}

wire::InitProducerIdResponse refuse(const wire::InitProducerIdRequest& /*request*/,
                                    const Refusal& why) {
    auto answer = refused<wire::InitProducerIdResponse>(why);
    answer.producer_id = -1;
    answer.producer_epoch = -1;
    return answer;
}

// KIP-511: who asks in a version that is too new is told which ones there are.
wire::ApiVersionsResponse refuse(const wire::ApiVersionsRequest& /*request*/, const Refusal& why) {
    auto answer = refused<wire::ApiVersionsResponse>(why);
    if (why.error == wire::ErrorCode::UnsupportedVersion) {
        auto& own = answer.api_keys.emplace_back();
        own.api_key = static_cast<std::int16_t>(wire::ApiVersionsRequest::kApi);
        own.min_version = wire::ApiVersionsRequest::kMinVersion;
        own.max_version = wire::ApiVersionsRequest::kMaxVersion;
    }
    return answer;
}

wire::DescribeQuorumResponse refuse(const wire::DescribeQuorumRequest& /*request*/,
                                    const Refusal& why) {
    auto answer = refused<wire::DescribeQuorumResponse>(why);
    answer.error_message.reset();
    return answer;
}

// The others have no more to say. Which answer belongs to which request: their place in the list.
template <class Request>
wire::ResponseBody refuse(const Request& /*request*/, const Refusal& why) {
    return []<std::size_t... I>(const Refusal& reason, std::index_sequence<I...>) {
        wire::ResponseBody out;
        const auto try_one = [&]<class Response>(Response*) {
            if constexpr (Response::kApi == Request::kApi)
                out = refused<Response>(reason);
        };
        (try_one(static_cast<std::variant_alternative_t<I, wire::ResponseBody::variant>*>(nullptr)),
         ...);
        return out;
    }
    (why, std::make_index_sequence<std::variant_size_v<wire::ResponseBody::variant>>{});
}

}  // namespace

std::optional<wire::ResponseBody> error_response(const wire::RequestBody& request,
                                                 std::int16_t version,
                                                 wire::ErrorCode error) {
    BSIM_CHECK(error != wire::ErrorCode::None);
    const auto* produce = std::get_if<wire::ProduceRequest>(&request);
    if (produce != nullptr && produce->acks == 0)
        return std::nullopt;
    const Refusal why{error, version};
    return std::visit([&](const auto& body) { return wire::ResponseBody(refuse(body, why)); },
                      static_cast<const wire::RequestBody::variant&>(request));
}

}  // namespace bsim
