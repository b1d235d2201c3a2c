#include "sim/protocol/kraft/wire_messages.h"

#include <utility>

namespace bsim::kraft {

namespace {

std::int32_t id_or_none(const std::optional<BrokerId>& id) {
    return id ? id->value() : -1;
}
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

template <class Message>
auto& add_partition(Message& message) {
    auto& topic = message.topics.emplace_back();
    topic.topic_name = kMetadataTopic;
    return topic.partitions.emplace_back();
}

wire::RequestBody make(const FetchRequest& request, const WireIdentity& identity) {
    wire::FetchRequest made;
    made.cluster_id = identity.cluster_id;
    made.replica_state.replica_id = request.replica.id.value();
    made.max_wait_ms = static_cast<std::int32_t>(request.max_wait.ms());
    made.max_bytes = static_cast<std::int32_t>(kMaxBatchBytes);
    auto& topic = made.topics.emplace_back();
    topic.topic = kMetadataTopic;
    topic.topic_id = kMetadataTopicId;
    auto& partition = topic.partitions.emplace_back();
    partition.current_leader_epoch = request.current_epoch.value();
    partition.fetch_offset = request.fetch_offset.value();
    partition.last_fetched_epoch = request.last_fetched_epoch.value();
    partition.replica_directory_id = request.replica.directory;
    return made;
}

wire::RequestBody make(const VoteRequest& request, const WireIdentity& identity) {
    wire::VoteRequest made;
    made.cluster_id = identity.cluster_id;
    made.voter_id = request.voter ? request.voter->id.value() : -1;
    auto& partition = add_partition(made);
    partition.candidate_epoch = request.epoch.value();
    partition.candidate_id = request.candidate.id.value();
    partition.candidate_directory_id = request.candidate.directory;
    partition.voter_directory_id = request.voter ? request.voter->directory : Uuid{};
    partition.last_offset_epoch = request.log_end.epoch.value();
    partition.last_offset = request.log_end.offset.value();
    return made;
}

wire::RequestBody make(const BeginQuorumEpochRequest& request, const WireIdentity& identity) {
    wire::BeginQuorumEpochRequest made;
    made.cluster_id = identity.cluster_id;
    made.voter_id = request.voter ? request.voter->id.value() : -1;
    auto& partition = add_partition(made);
    partition.leader_id = request.leader.value();
    partition.leader_epoch = request.epoch.value();
    partition.voter_directory_id = request.voter ? request.voter->directory : Uuid{};
    if (const auto at = identity.voters.find(request.leader); at != identity.voters.end()) {
        auto& endpoint = made.leader_endpoints.emplace_back();
        endpoint.name = identity.listener;
        endpoint.host = at->second.host;
        endpoint.port = at->second.port;
    }
    return made;
}

wire::RequestBody make(const EndQuorumEpochRequest& request, const WireIdentity& identity) {
    wire::EndQuorumEpochRequest made;
    made.cluster_id = identity.cluster_id;
    auto& partition = add_partition(made);
    partition.leader_id = request.leader.value();
    partition.leader_epoch = request.epoch.value();
    for (const ReplicaKey& key : request.preferred) {
        partition.preferred_successors.push_back(key.id.value());
        auto& candidate = partition.preferred_candidates.emplace_back();
        candidate.candidate_id = key.id.value();
        candidate.candidate_directory_id = key.directory;
    }
    return made;
}

template <class Response>
void add_leader_endpoint(Response& made, const AnswerHead& head, const WireIdentity& identity) {
    if (!head.leader)
        return;
    const auto at = identity.voters.find(*head.leader);
    if (at == identity.voters.end())
        return;
    auto& endpoint = made.node_endpoints.emplace_back();
    endpoint.node_id = head.leader->value();
    endpoint.host = at->second.host;
    endpoint.port = at->second.port;
}

template <class Response>
Response make_head(const AnswerHead& head, const WireIdentity& identity) {
    Response made;
    auto& partition = add_partition(made);
    partition.error_code = static_cast<std::int16_t>(head.error);
    partition.leader_id = id_or_none(head.leader);
    partition.leader_epoch = head.epoch.value();
    add_leader_endpoint(made, head, identity);
    return made;
}

wire::ResponseBody make(const FetchAnswer& answer,
                        const SharedBytes& records,
                        const WireIdentity& identity) {
    wire::FetchResponse made;
    auto& topic = made.responses.emplace_back();
    topic.topic = kMetadataTopic;
    topic.topic_id = kMetadataTopicId;
    auto& partition = topic.partitions.emplace_back();
    partition.error_code = static_cast<std::int16_t>(answer.head.error);
    partition.high_watermark = answer.hw ? answer.hw->value() : -1;
    partition.log_start_offset = answer.log_start.value();
    partition.current_leader.leader_id = id_or_none(answer.head.leader);
    partition.current_leader.leader_epoch = answer.head.epoch.value();
    if (answer.diverging) {
        partition.diverging_epoch.epoch = answer.diverging->epoch.value();
        partition.diverging_epoch.end_offset = answer.diverging->offset.value();
    }
    partition.records = records;
    add_leader_endpoint(made, answer.head, identity);
    return made;
}

wire::ResponseBody make(const VoteResponse& answer,
                        const SharedBytes&,
                        const WireIdentity& identity) {
    auto made = make_head<wire::VoteResponse>(answer.head, identity);
    made.topics.front().partitions.front().vote_granted = answer.granted;
    return made;
}
wire::ResponseBody make(const BeginQuorumEpochResponse& answer,
                        const SharedBytes&,
                        const WireIdentity& identity) {
    return make_head<wire::BeginQuorumEpochResponse>(answer.head, identity);
}
wire::ResponseBody make(const EndQuorumEpochResponse& answer,
                        const SharedBytes&,
                        const WireIdentity& identity) {
    return make_head<wire::EndQuorumEpochResponse>(answer.head, identity);
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
std::optional<RaftRequest> read(const wire::VoteRequest& body) {
    const auto* partition = only_partition(body.topics);
    if (partition == nullptr)
        return std::nullopt;
    return VoteRequest{{BrokerId(partition->candidate_id), partition->candidate_directory_id},
                       LeaderEpoch(partition->candidate_epoch),
                       {LeaderEpoch(partition->last_offset_epoch), Offset(partition->last_offset)},
                       known_key(body.voter_id, partition->voter_directory_id)};
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
    made.records = partition->records.value_or(SharedBytes{});
    return made;
}
std::optional<RaftResponse> read(const wire::VoteResponse& body) {
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

std::int16_t wire_version(const RaftRequest& request) {
    return std::holds_alternative<FetchRequest>(request) ? 17 : 1;
}

wire::RequestBody to_wire(const RaftRequest& request, const WireIdentity& identity) {
    return std::visit([&](const auto& body) { return make(body, identity); }, request);
}

wire::ResponseBody to_wire(const RaftAnswer& answer,
                           const SharedBytes& records,
                           const WireIdentity& identity) {
    return std::visit([&](const auto& body) { return make(body, records, identity); }, answer);
}

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
