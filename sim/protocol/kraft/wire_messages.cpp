#include "sim/protocol/kraft/wire_messages.h"

#include <utility>

namespace bsim::kraft {

namespace {

std::int32_t id_or_none(const std::optional<BrokerId>& id) {
    return id ? id->value() : -1;
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

wire::RequestBody make(const FetchSnapshotRequest& request, const WireIdentity& identity) {
    wire::FetchSnapshotRequest made;
    made.cluster_id = identity.cluster_id;
    made.replica_id = request.replica.id.value();
    made.max_bytes = static_cast<std::int32_t>(request.max_bytes);
    auto& topic = made.topics.emplace_back();
    topic.name = kMetadataTopic;
    auto& partition = topic.partitions.emplace_back();
    partition.current_leader_epoch = request.current_epoch.value();
    partition.snapshot_id = {request.snapshot.offset.value(), request.snapshot.epoch.value()};
    partition.position = request.position;
    partition.replica_directory_id = request.replica.directory;
    return made;
}

wire::RequestBody make(const DescribeQuorumRequest&, const WireIdentity&) {
    wire::DescribeQuorumRequest made;
    add_partition(made);
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
    partition.pre_vote = request.pre_vote;
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
    if (answer.snapshot) {
        partition.snapshot_id.epoch = answer.snapshot->epoch.value();
        partition.snapshot_id.end_offset = answer.snapshot->offset.value();
    }
    partition.records = records;
    add_leader_endpoint(made, answer.head, identity);
    return made;
}

wire::ResponseBody make(const FetchSnapshotAnswer& answer,
                        const SharedBytes& bytes,
                        const WireIdentity& identity) {
    wire::FetchSnapshotResponse made;
    auto& topic = made.topics.emplace_back();
    topic.name = kMetadataTopic;
    auto& partition = topic.partitions.emplace_back();
    partition.error_code = static_cast<std::int16_t>(answer.head.error);
    partition.current_leader = {id_or_none(answer.head.leader), answer.head.epoch.value()};
    // An answer with an error names 0-0.
    if (answer.snapshot)
        partition.snapshot_id = {answer.snapshot->offset.value(), answer.snapshot->epoch.value()};
    partition.size = answer.size;
    partition.position = answer.position;
    partition.unaligned_records = bytes;
    add_leader_endpoint(made, answer.head, identity);
    return made;
}

std::vector<wire::DescribeQuorumResponse::ReplicaState> make_states(
    const std::vector<ReplicaStanding>& replicas) {
    std::vector<wire::DescribeQuorumResponse::ReplicaState> states;
    for (const ReplicaStanding& replica : replicas) {
        auto& state = states.emplace_back();
        state.replica_id = replica.replica.id.value();
        state.replica_directory_id = replica.replica.directory;
        state.log_end_offset = replica.end ? replica.end->value() : -1;
        state.last_fetch_timestamp = replica.last_fetch ? replica.last_fetch->value() : -1;
        state.last_caught_up_timestamp =
            replica.last_caught_up ? replica.last_caught_up->value() : -1;
    }
    return states;
}

wire::ResponseBody make(const DescribeQuorumAnswer& answer,
                        const SharedBytes&,
                        const WireIdentity& identity) {
    wire::DescribeQuorumResponse made;
    auto& partition = add_partition(made);
    partition.error_code = static_cast<std::int16_t>(answer.head.error);
    if (answer.head.error != wire::ErrorCode::None)
        return made;
    partition.leader_id = id_or_none(answer.head.leader);
    partition.leader_epoch = answer.head.epoch.value();
    partition.high_watermark = answer.hw ? answer.hw->value() : -1;
    partition.current_voters = make_states(answer.voters);
    partition.observers = make_states(answer.observers);
    for (const auto& [voter, at] : identity.voters) {
        auto& node = made.nodes.emplace_back();
        node.node_id = voter.value();
        node.listeners.push_back({identity.listener, at.host, at.port});
    }
    return made;
}

wire::ResponseBody make(const VoteResponse& answer,
                        const SharedBytes&,
                        const WireIdentity& identity) {
    if (answer.head.error == wire::ErrorCode::UnsupportedVersion) {
        wire::VoteResponse refused;
        refused.error_code = static_cast<std::int16_t>(answer.head.error);
        return refused;
    }
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

}  // namespace

std::int16_t wire_version(const RaftRequest& request) {
    if (std::holds_alternative<FetchRequest>(request))
        return 17;
    if (std::holds_alternative<DescribeQuorumRequest>(request))
        return 2;
    const auto* vote = std::get_if<VoteRequest>(&request);
    return vote != nullptr && vote->pre_vote ? 2 : 1;
}

wire::RequestBody to_wire(const RaftRequest& request, const WireIdentity& identity) {
    return std::visit([&](const auto& body) { return make(body, identity); }, request);
}

wire::ResponseBody to_wire(const RaftAnswer& answer,
                           const SharedBytes& records,
                           const WireIdentity& identity) {
    return std::visit([&](const auto& body) { return make(body, records, identity); }, answer);
}

}  // namespace bsim::kraft
