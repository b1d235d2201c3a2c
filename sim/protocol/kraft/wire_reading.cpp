// Kafka's messages, read as the Raft node's.

#include "sim/protocol/kraft/wire_messages.h"

namespace bsim::kraft {

namespace {

std::optional<BrokerId> known_id(std::int32_t id) {
    return id < 0 ? std::nullopt : std::optional(BrokerId(id));
}
std::optional<ReplicaKey> known_key(std::int32_t id, const Uuid& directory) {
    return id < 0 ? std::nullopt : std::optional(ReplicaKey{BrokerId(id), directory});
}

// The one partition of a message with `topics` of `partitions`; null when it is not alone.
template <class Topics>
auto only_partition(const Topics& topics) -> decltype(&topics.front().partitions.front()) {
    if (topics.size() != 1 || topics.front().partitions.size() != 1)
        return nullptr;
    return &topics.front().partitions.front();
}

template <class SnapshotId>
OffsetAndEpoch end_of(const SnapshotId& id) {
    return {LeaderEpoch(id.epoch), Offset(id.end_offset)};
}

std::optional<RaftRequest> read(const wire::FetchRequest& body) {
    const auto* partition = only_partition(body.topics);
    if (partition == nullptr)
        return std::nullopt;
    return FetchRequest{{BrokerId(body.replica_state.replica_id), partition->replica_directory_id},
                        LeaderEpoch(partition->current_leader_epoch),
                        Offset(partition->fetch_offset),
                        LeaderEpoch(partition->last_fetched_epoch),
                        milliseconds(body.max_wait_ms)};
}
std::optional<RaftRequest> read(const wire::FetchSnapshotRequest& body) {
    const auto* partition = only_partition(body.topics);
    if (partition == nullptr)
        return std::nullopt;
    return FetchSnapshotRequest{{BrokerId(body.replica_id), partition->replica_directory_id},
                                LeaderEpoch(partition->current_leader_epoch),
                                end_of(partition->snapshot_id),
                                partition->position,
                                body.max_bytes};
}
std::optional<RaftRequest> read(const wire::DescribeQuorumRequest& body) {
    if (only_partition(body.topics) == nullptr)
        return std::nullopt;
    return DescribeQuorumRequest{};
}
std::optional<RaftRequest> read(const wire::VoteRequest& body) {
    const auto* partition = only_partition(body.topics);
    if (partition == nullptr)
        return std::nullopt;
    return VoteRequest{{BrokerId(partition->candidate_id), partition->candidate_directory_id},
                       LeaderEpoch(partition->candidate_epoch),
                       {LeaderEpoch(partition->last_offset_epoch), Offset(partition->last_offset)},
                       known_key(body.voter_id, partition->voter_directory_id),
                       partition->pre_vote};
}
std::optional<RaftRequest> read(const wire::BeginQuorumEpochRequest& body) {
    const auto* partition = only_partition(body.topics);
    if (partition == nullptr)
        return std::nullopt;
    return BeginQuorumEpochRequest{BrokerId(partition->leader_id),
                                   LeaderEpoch(partition->leader_epoch),
                                   known_key(body.voter_id, partition->voter_directory_id)};
}
std::optional<RaftRequest> read(const wire::EndQuorumEpochRequest& body) {
    const auto* partition = only_partition(body.topics);
    if (partition == nullptr)
        return std::nullopt;
    EndQuorumEpochRequest made{
        BrokerId(partition->leader_id), LeaderEpoch(partition->leader_epoch), {}};
    for (const auto& candidate : partition->preferred_candidates) {
        made.preferred.push_back(
            {BrokerId(candidate.candidate_id), candidate.candidate_directory_id});
    }
    return made;
}

template <class Partition>
AnswerHead read_head(const Partition& partition) {
    return {wire::ErrorCode(partition.error_code), LeaderEpoch(partition.leader_epoch),
            known_id(partition.leader_id)};
}

std::optional<RaftResponse> read(const wire::FetchResponse& body) {
    const auto* partition = only_partition(body.responses);
    if (partition == nullptr)
        return std::nullopt;
    FetchResponse made;
    made.head = {wire::ErrorCode(partition->error_code),
                 LeaderEpoch(partition->current_leader.leader_epoch),
                 known_id(partition->current_leader.leader_id)};
    if (partition->high_watermark >= 0)
        made.hw = Offset(partition->high_watermark);
    if (partition->diverging_epoch.epoch >= 0) {
        made.diverging = OffsetAndEpoch{LeaderEpoch(partition->diverging_epoch.epoch),
                                        Offset(partition->diverging_epoch.end_offset)};
    }
    if (partition->snapshot_id.epoch >= 0 && partition->snapshot_id.end_offset >= 0)
        made.snapshot = end_of(partition->snapshot_id);
    made.records = partition->records.value_or(SharedBytes{});
    return made;
}
std::optional<RaftResponse> read(const wire::FetchSnapshotResponse& body) {
    const auto* partition = only_partition(body.topics);
    if (partition == nullptr)
        return std::nullopt;
    FetchSnapshotResponse made;
    made.head = {wire::ErrorCode(partition->error_code),
                 LeaderEpoch(partition->current_leader.leader_epoch),
                 known_id(partition->current_leader.leader_id)};
    if (partition->snapshot_id.epoch >= 0 && partition->snapshot_id.end_offset >= 0)
        made.snapshot = end_of(partition->snapshot_id);
    made.size = partition->size;
    made.position = partition->position;
    made.bytes = partition->unaligned_records;
    return made;
}
std::optional<RaftResponse> read(const wire::VoteResponse& body) {
    if (wire::ErrorCode(body.error_code) == wire::ErrorCode::UnsupportedVersion)
        return VoteResponse{{wire::ErrorCode::UnsupportedVersion, LeaderEpoch{}, std::nullopt}};
    const auto* partition = only_partition(body.topics);
    if (partition == nullptr)
        return std::nullopt;
    return VoteResponse{read_head(*partition), partition->vote_granted};
}
std::optional<RaftResponse> read(const wire::BeginQuorumEpochResponse& body) {
    const auto* partition = only_partition(body.topics);
    if (partition == nullptr)
        return std::nullopt;
    return BeginQuorumEpochResponse{read_head(*partition)};
}
std::optional<RaftResponse> read(const wire::EndQuorumEpochResponse& body) {
    const auto* partition = only_partition(body.topics);
    if (partition == nullptr)
        return std::nullopt;
    return EndQuorumEpochResponse{read_head(*partition)};
}

}  // namespace

std::optional<RaftRequest> from_wire(const wire::RequestBody& body) {
    return std::visit(
        [](const auto& message) -> std::optional<RaftRequest> {
            if constexpr (requires { read(message); }) {
                return read(message);
            } else {
                return std::nullopt;
            }
        },
        body);
}

std::optional<RaftResponse> from_wire(const wire::ResponseBody& body) {
    return std::visit(
        [](const auto& message) -> std::optional<RaftResponse> {
            if constexpr (requires { read(message); }) {
                return read(message);
            } else {
                return std::nullopt;
            }
        },
        body);
}

}  // namespace bsim::kraft
