// Moves partitions to other replicas, or calls such a move off.
// Source: ReplicationControlManager.alterPartitionReassignments, PartitionReassignmentRevert;
// facts/replication.md 8.

#include <utility>

#include "sim/protocol/controller/leader_and_isr.h"
#include "sim/protocol/controller/new_partitions.h"
#include "sim/protocol/controller/operation.h"

namespace bsim::controller {
namespace {

using wire::ErrorCode;

PartitionChangeWish wish_for(const ControllerState& state, const PartitionRegistration& partition) {
    PartitionChangeWish wish;
    for (const BrokerId replica : partition.replicas) {
        if (state.may_lead(partition, replica))
            wish.acceptable.push_back(replica);
    }
    return wish;
}

// Back to the replicas there were. If the ISR holds only added ones, the first of the old replicas
// becomes the ISR, which may lose records: only with unclean elections.
ErrorCode cancel(const ControllerState& state,
                 const std::string& topic,
                 const TopicIdPartition& tp,
                 const PartitionRegistration& partition,
                 OperationResult& result) {
    if (!partition.is_reassigning())
        return ErrorCode::NoReassignmentInProgress;
    const bool unclean_enabled = state.unclean_election_enabled(topic);
    std::vector<BrokerId> replicas = partition.replicas;
    std::vector<BrokerId> isr = partition.isr;
    for (const BrokerId added : partition.adding) {
        replicas = without(replicas, added);
        isr = without(isr, added);
    }
    if (isr.empty()) {
        if (replicas.empty() || !unclean_enabled)
            return ErrorCode::InvalidReplicaAssignment;
        isr.push_back(replicas.front());
    }
    PartitionChangeWish wish = wish_for(state, partition);
    if (unclean_enabled)
        wish.election = Election::Unclean;
    wish.isr = std::move(isr);
    wish.replicas = std::move(replicas);
    wish.removing.emplace();
    wish.adding.emplace();
    propose_change(state, tp, std::move(wish), ChangeReason::Reassignment, result);
    return ErrorCode::None;
}

ErrorCode change(const ControllerState& state,
                 const TopicIdPartition& tp,
                 const PartitionRegistration& partition,
                 const std::vector<BrokerId>& target,
                 OperationResult& result) {
    if (const auto error = check_assignment(state, target, 0))
        return error->code;
    Reassignment started = start_reassignment(partition.replicas, target);
    PartitionChangeWish wish = wish_for(state, partition);
    wish.replicas = std::move(started.replicas);
    if (!started.removing.empty())
        wish.removing = std::move(started.removing);
    if (!started.adding.empty())
        wish.adding = std::move(started.adding);
    propose_change(state, tp, std::move(wish), ChangeReason::Reassignment, result);
    return ErrorCode::None;
}

}  // namespace

OperationResult alter_reassignments(const ControllerState& state,
                                    const wire::AlterPartitionReassignmentsRequest& request) {
    OperationResult result;
    wire::AlterPartitionReassignmentsResponse response;
    response.error_message = std::nullopt;
    for (const auto& topic : request.topics) {
        auto& answered = response.responses.emplace_back();
        answered.name = topic.name;
        for (const auto& asked : topic.partitions) {
            const TopicImage* known = state.image().topic(topic.name);
            const PartitionIndex index(asked.partition_index);
            const PartitionRegistration* partition =
                state.image().partition(TopicPartition{topic.name, index});
            ErrorCode error = ErrorCode::UnknownTopicOrPartition;
            if (partition != nullptr) {
                const TopicIdPartition tp{known->id, index};
                error = asked.replicas
                            ? change(state, tp, *partition, to_broker_ids(*asked.replicas), result)
                            : cancel(state, topic.name, tp, *partition, result);
            }
            auto& answer = answered.partitions.emplace_back();
            answer.partition_index = asked.partition_index;
            answer.error_code = static_cast<std::int16_t>(error);
            answer.error_message = std::nullopt;
        }
    }
    result.atomic = true;
    result.response = std::move(response);
    return result;
}

}  // namespace bsim::controller
