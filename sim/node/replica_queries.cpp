// ListOffsets and OffsetForLeaderEpoch: questions about a leader's log.
// Source: ReplicaManager.fetchOffset, Partition.fetchOffsetForTimestamp,
// Partition.lastOffsetForLeaderEpoch.

#include <utility>

#include "sim/node/replica_manager.h"

namespace bsim {
namespace {

constexpr std::int64_t kLatest = -1;
constexpr std::int64_t kEarliest = -2;

std::optional<LeaderEpoch> epoch_of(std::int32_t epoch) {
    return epoch < 0 ? std::nullopt : std::optional(LeaderEpoch(epoch));
}

}  // namespace

void ReplicaManager::list_offsets(const RequestRef& request, const wire::ListOffsetsRequest& body) {
    wire::ListOffsetsResponse response;
    for (const auto& topic : body.topics) {
        auto& topic_out = response.topics.emplace_back();
        topic_out.name = topic.name;
        for (const auto& ask : topic.partitions) {
            auto& out = topic_out.partitions.emplace_back();
            out.partition_index = ask.partition_index;
            out.offset = -1;
            out.timestamp = -1;
            const Replica* replica = find({topic.name, PartitionIndex(ask.partition_index)});
            wire::ErrorCode error = wire::ErrorCode::None;
            if (replica == nullptr || !replica->leader) {
                error = wire::ErrorCode::NotLeaderOrFollower;
            } else {
                error = replication::check_leader_epoch(epoch_of(ask.current_leader_epoch),
                                                        replica->leader->leader_epoch());
            }
            if (error == wire::ErrorCode::None && ask.timestamp == kLatest && body.replica_id < 0) {
                error = replica->leader->latest_offset_status();
            }
            if (error == wire::ErrorCode::None && ask.timestamp != kLatest &&
                ask.timestamp != kEarliest) {
                // DEVIATION: looking an offset up by timestamp is not built.
                error = wire::ErrorCode::UnsupportedForMessageFormat;
            }
            out.error_code = static_cast<std::int16_t>(error);
            if (error != wire::ErrorCode::None)
                continue;
            const bool follower = body.replica_id >= 0;
            const Offset latest = follower ? replica->leader->leo() : replica->leader->hw();
            const Offset found = ask.timestamp == kLatest ? latest : replica->leader->log_start();
            out.offset = found.value();
            out.leader_epoch = replica->leader->leader_epoch().value();
        }
    }
    server_.answer(request, std::move(response));
}

void ReplicaManager::offset_for_leader_epoch(const RequestRef& request,
                                             const wire::OffsetForLeaderEpochRequest& body) {
    wire::OffsetForLeaderEpochResponse response;
    for (const auto& topic : body.topics) {
        auto& topic_out = response.topics.emplace_back();
        topic_out.topic = topic.topic;
        for (const auto& ask : topic.partitions) {
            auto& out = topic_out.partitions.emplace_back();
            out.partition = ask.partition;
            const Replica* replica = find({topic.topic, PartitionIndex(ask.partition)});
            wire::ErrorCode error = wire::ErrorCode::NotLeaderOrFollower;
            if (replica != nullptr && replica->leader) {
                error = replication::check_leader_epoch(epoch_of(ask.current_leader_epoch),
                                                        replica->leader->leader_epoch());
            }
            out.error_code = static_cast<std::int16_t>(error);
            if (error != wire::ErrorCode::None)
                continue;
            if (const auto end = replica->log->end_offset_for(LeaderEpoch(ask.leader_epoch))) {
                out.leader_epoch = end->epoch.value();
                out.end_offset = end->end.value();
            }
        }
    }
    server_.answer(request, std::move(response));
}

}  // namespace bsim
