// Elections that somebody asked for, and the periodic ones.
// Source: ReplicationControlManager.electLeaders, maybeBalancePartitionLeaders,
// maybeElectUncleanLeaders.

#include <utility>

#include "sim/protocol/controller/leader_and_isr.h"
#include "sim/protocol/controller/operation.h"

namespace bsim::controller {
namespace {

using wire::ErrorCode;
using Response = wire::ElectLeadersResponse;

// Adds the record; false if no election would change anything.
bool elect(const ControllerState& state,
           const TopicIdPartition& tp,
           Election election,
           OperationResult& result) {
    const PartitionRegistration* partition = state.image().partition(tp);
    PartitionChangeWish wish;
    for (const BrokerId replica : partition->replicas) {
        if (state.may_lead(*partition, replica))
            wish.acceptable.push_back(replica);
    }
    wish.election = election;
    const std::size_t before = result.records.size();
    propose_change(state, tp, std::move(wish),
                   election == Election::Preferred ? ChangeReason::PreferredElection
                                                   : ChangeReason::UncleanElection,
                   result);
    return result.records.size() > before;
}

ErrorCode elect_one(const ControllerState& state,
                    const TopicPartition& tp,
                    Election election,
                    OperationResult& result) {
    const TopicImage* topic = state.image().topic(tp.topic);
    const PartitionRegistration* partition = state.image().partition(tp);
    if (topic == nullptr || partition == nullptr)
        return ErrorCode::UnknownTopicOrPartition;
    const bool not_needed = election == Election::Preferred ? partition->has_preferred_leader()
                                                            : partition->leader.has_value();
    if (not_needed)
        return ErrorCode::ElectionNotNeeded;
    if (elect(state, {topic->id, tp.partition}, election, result))
        return ErrorCode::None;
    return election == Election::Preferred ? ErrorCode::PreferredLeaderNotAvailable
                                           : ErrorCode::EligibleLeadersNotAvailable;
}

void put_result(std::int32_t partition, ErrorCode error, Response::ReplicaElectionResult& out) {
    auto& result = out.partition_result.emplace_back();
    result.partition_id = partition;
    result.error_code = static_cast<std::int16_t>(error);
    result.error_message = std::nullopt;
}

}  // namespace

OperationResult elect_leaders(const ControllerState& state,
                              const wire::ElectLeadersRequest& request) {
    if (request.election_type != 0 && request.election_type != 1) {
        return OperationResult::refusal(ErrorCode::InvalidRequest);
    }
    const Election election = request.election_type == 0 ? Election::Preferred : Election::Unclean;
    OperationResult result;
    Response response;
    if (request.topic_partitions) {
        for (const auto& topic : *request.topic_partitions) {
            auto& answered = response.replica_election_results.emplace_back();
            answered.topic = topic.topic;
            for (const std::int32_t partition : topic.partitions) {
                put_result(
                    partition,
                    elect_one(state, {topic.topic, PartitionIndex(partition)}, election, result),
                    answered);
            }
        }
    } else {
        // Every partition; those that need no election are not mentioned.
        for (const auto& [name, id] : state.image().topic_ids()) {
            auto& answered = response.replica_election_results.emplace_back();
            answered.topic = name;
            for (const auto& [partition, registration] : state.image().topic(id)->partitions) {
                const ErrorCode error = elect_one(state, {name, partition}, election, result);
                if (error != ErrorCode::ElectionNotNeeded) {
                    put_result(partition.value(), error, answered);
                }
            }
        }
    }
    result.response = std::move(response);
    return result;
}

OperationResult balance_leaders(const ControllerState& state) {
    const auto limit = static_cast<std::size_t>(state.config().max_elections_per_imbalance);
    OperationResult result;
    for (const TopicIdPartition& tp : state.imbalanced()) {
        if (result.records.size() >= limit)
            break;
        elect(state, tp, Election::Preferred, result);
    }
    return result;
}

OperationResult elect_unclean_leaders(const ControllerState& state) {
    const auto limit = static_cast<std::size_t>(state.config().max_elections_per_imbalance);
    OperationResult result;
    for (const TopicIdPartition& tp : state.isrs().leaderless()) {
        if (result.records.size() >= limit)
            break;
        const TopicImage* topic = state.image().topic(tp.topic_id);
        if (!state.unclean_election_enabled(topic->name))
            continue;
        elect(state, tp, Election::Unclean, result);
    }
    return result;
}

}  // namespace bsim::controller
