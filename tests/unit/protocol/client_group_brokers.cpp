// What the brokers of the group's world answer, beside the coordinator.
#include <algorithm>
#include <memory>

#include "sim/wire/batch_builder.h"
#include "tests/unit/protocol/client_group_world.h"
#include "tests/unit/protocol/client_world.h"

namespace bsim::client_test {

using wire::ErrorCode;

namespace {

const Uuid kTopicId{1, 1};

std::int16_t code(ErrorCode error) {
    return static_cast<std::int16_t>(error);
}

}  // namespace

void GroupWorld::append(int partition, int records) {
    ends_[partition] += records;
}

wire::ResponseBody GroupWorld::refusal(const wire::RequestBody& body, ErrorCode error) const {
    if (std::holds_alternative<wire::FindCoordinatorRequest>(body)) {
        wire::FindCoordinatorResponse response;
        response.coordinators.emplace_back().error_code = code(error);
        return response;
    }
    if (const auto* commit = std::get_if<wire::OffsetCommitRequest>(&body)) {
        wire::OffsetCommitResponse response;
        for (const auto& topic : commit->topics) {
            auto& told = response.topics.emplace_back();
            told.name = topic.name;
            for (const auto& one : topic.partitions)
                told.partitions.push_back({one.partition_index, code(error)});
        }
        return response;
    }
    if (std::holds_alternative<wire::OffsetFetchRequest>(body)) {
        wire::OffsetFetchResponse response;
        response.groups.emplace_back().error_code = code(error);
        return response;
    }
    const auto with_code = [&](auto response) -> wire::ResponseBody {
        response.error_code = code(error);
        return response;
    };
    switch (wire::api(body)) {
        case wire::ApiKey::JoinGroup:
            return with_code(wire::JoinGroupResponse());
        case wire::ApiKey::SyncGroup:
            return with_code(wire::SyncGroupResponse());
        case wire::ApiKey::Heartbeat:
            return with_code(wire::HeartbeatResponse());
        default:
            return with_code(wire::LeaveGroupResponse());
    }
}

wire::ResponseBody GroupWorld::api_versions() const {
    wire::ApiVersionsResponse response;
    const auto speaks = [&]<class Request>(const Request&) {
        response.api_keys.push_back(
            {static_cast<std::int16_t>(Request::kApi), 0, Request::kMaxVersion});
    };
    speaks(wire::FetchRequest());
    speaks(wire::ListOffsetsRequest());
    speaks(wire::MetadataRequest());
    speaks(wire::OffsetForLeaderEpochRequest());
    speaks(wire::ApiVersionsRequest());
    speaks(wire::FindCoordinatorRequest());
    speaks(wire::JoinGroupRequest());
    speaks(wire::SyncGroupRequest());
    speaks(wire::HeartbeatRequest());
    speaks(wire::LeaveGroupRequest());
    speaks(wire::OffsetCommitRequest());
    speaks(wire::OffsetFetchRequest());
    return response;
}

wire::ResponseBody GroupWorld::metadata(const wire::MetadataRequest& request) const {
    wire::MetadataResponse response;
    for (int b = 1; b <= shape_.brokers; ++b) {
        const Endpoint endpoint = World::endpoint_of(b);
        response.brokers.push_back({b, endpoint.host, endpoint.port, std::nullopt});
    }
    for (const auto& asked : *request.topics) {
        auto& topic = response.topics.emplace_back();
        topic.name = asked.name;
        topic.topic_id = kTopicId;
        for (int p = 0; p < shape_.partitions; ++p) {
            auto& partition = topic.partitions.emplace_back();
            partition.partition_index = p;
            partition.leader_id = 1 + p % shape_.brokers;
            partition.leader_epoch = 0;
        }
    }
    return response;
}

wire::ResponseBody GroupWorld::find_coordinator() const {
    wire::FindCoordinatorResponse response;
    const Endpoint endpoint = World::endpoint_of(coordinator_);
    auto& told = response.coordinators.emplace_back();
    told.node_id = coordinator_;
    told.host = endpoint.host;
    told.port = endpoint.port;
    return response;
}

wire::ResponseBody GroupWorld::list_offsets(const wire::ListOffsetsRequest& request) const {
    wire::ListOffsetsResponse response;
    for (const auto& topic : request.topics) {
        auto& told = response.topics.emplace_back();
        told.name = topic.name;
        for (const auto& ask : topic.partitions) {
            auto& out = told.partitions.emplace_back();
            out.partition_index = ask.partition_index;
            out.offset = 0;
            out.leader_epoch = 0;
        }
    }
    return response;
}

// Brokers without fetch sessions: each request names all that is wanted.
wire::ResponseBody GroupWorld::fetch(const wire::FetchRequest& request) {
    wire::FetchResponse response;
    for (const auto& topic : request.topics) {
        auto& told = response.responses.emplace_back();
        told.topic_id = topic.topic_id;
        for (const auto& ask : topic.partitions) {
            auto& data = told.partitions.emplace_back();
            const std::int64_t end = ends_[ask.partition];
            data.partition_index = ask.partition;
            data.high_watermark = end;
            data.last_stable_offset = end;
            data.log_start_offset = 0;
            if (ask.fetch_offset >= end)
                continue;
            wire::BatchOptions options;
            options.base_offset = ask.fetch_offset;
            options.leader_epoch = 0;
            wire::BatchBuilder builder(options);
            for (std::int64_t o = ask.fetch_offset; o < end; ++o)
                builder.append(0, std::nullopt, as_bytes(std::string("v")), {});
            data.records = SharedBytes(builder.build());
        }
    }
    return response;
}

}  // namespace bsim::client_test
