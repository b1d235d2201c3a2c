// ListOffsets and OffsetForLeaderEpoch: questions about a leader's log.
// Source: ReplicaManager.fetchOffset, Partition.fetchOffsetForTimestamp,
// Partition.lastOffsetForLeaderEpoch.

#include <algorithm>
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

// Whether this replica may answer in the asker's epoch, as the leader. The epoch comes first: an
// asker that is behind is told so even by a broker that does not lead any more.
wire::ErrorCode ReplicaManager::admit_reader(const TopicPartition& tp,
                                             std::int32_t current_epoch) const {
    const auto at = by_name_.find(tp);
    if (is_offline(tp))
        return wire::ErrorCode::KafkaStorageError;
    if (at == by_name_.end()) {
        return image_.partition(tp) == nullptr ? wire::ErrorCode::UnknownTopicOrPartition
                                               : wire::ErrorCode::NotLeaderOrFollower;
    }
    const Replica& replica = *at->second;
    const wire::ErrorCode error =
        replication::check_leader_epoch(epoch_of(current_epoch), replica.leader_epoch);
    if (error != wire::ErrorCode::None)
        return error;
    return replica.leader ? wire::ErrorCode::None : wire::ErrorCode::NotLeaderOrFollower;
}

// Where the log starts or ends for the asker: followers see the log's end, consumers what is
// committed.
ReplicaManager::EpochOffset ReplicaManager::edge_of(const Replica& replica,
                                                    const wire::ListOffsetsRequest& body,
                                                    std::int64_t timestamp) {
    const replication::PartitionLeader& leader = *replica.leader;
    if (timestamp == kEarliest) {
        const auto& epochs = replica.log->epochs().entries();
        const bool known = !epochs.empty() && epochs.front().start <= leader.log_start();
        return {known ? std::optional(epochs.front().epoch) : std::nullopt, leader.log_start()};
    }
    Offset end = leader.hw();
    if (body.replica_id >= 0) {
        end = leader.leo();
    } else if (body.isolation_level == 1) {
        end = std::min(end, replica.log->last_stable_offset());
    }
    return {leader.leader_epoch(), end};
}

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
            const TopicPartition tp{topic.name, PartitionIndex(ask.partition_index)};
            wire::ErrorCode error = admit_reader(tp, ask.current_leader_epoch);
            if (error == wire::ErrorCode::None && ask.timestamp == kLatest && body.replica_id < 0) {
                error = find(tp)->leader->latest_offset_status();
            }
            if (error == wire::ErrorCode::None && ask.timestamp != kLatest &&
                ask.timestamp != kEarliest) {
                // DEVIATION: looking an offset up by timestamp is not built.
                error = wire::ErrorCode::UnsupportedForMessageFormat;
            }
            out.error_code = static_cast<std::int16_t>(error);
            if (error != wire::ErrorCode::None)
                continue;
            const EpochOffset edge = edge_of(*find(tp), body, ask.timestamp);
            out.offset = edge.offset.value();
            out.leader_epoch = edge.epoch.value_or(LeaderEpoch(-1)).value();
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
            const TopicPartition tp{topic.topic, PartitionIndex(ask.partition)};
            const wire::ErrorCode error = admit_reader(tp, ask.current_leader_epoch);
            out.error_code = static_cast<std::int16_t>(error);
            if (error != wire::ErrorCode::None)
                continue;
            if (const auto end = find(tp)->log->end_offset_for(LeaderEpoch(ask.leader_epoch))) {
                out.leader_epoch = end->epoch.value();
                out.end_offset = end->end.value();
            }
        }
    }
    server_.answer(request, std::move(response));
}

}  // namespace bsim
