// A broker says in which of its log directories it keeps its replicas.
// Source: ReplicationControlManager.handleAssignReplicasToDirs; KIP-858.

#include <utility>

#include "sim/protocol/controller/leader_and_isr.h"
#include "sim/protocol/controller/operation.h"

namespace bsim::controller {
namespace {

using wire::ErrorCode;

// Whether the replica may lead is still asked of the directory that it had before, so a partition
// without a leader does not get one by this.
ErrorCode assign_one(const ControllerState& state,
                     const TopicIdPartition& tp,
                     BrokerId broker,
                     const Uuid& directory,
                     OperationResult& result) {
    const PartitionRegistration* partition = state.image().partition(tp);
    if (partition == nullptr)
        return ErrorCode::UnknownTopicOrPartition;
    if (!contains(partition->replicas, broker))
        return ErrorCode::NotLeaderOrFollower;
    PartitionChangeWish wish;
    for (const BrokerId replica : partition->replicas) {
        if (state.may_lead(*partition, replica))
            wish.acceptable.push_back(replica);
    }
    wish.directories.emplace(broker, directory);
    propose_change(state, tp, std::move(wish), ChangeReason::DirectoryAssigned, result);
    return ErrorCode::None;
}

}  // namespace

OperationResult assign_replicas_to_dirs(const ControllerState& state,
                                        const wire::AssignReplicasToDirsRequest& request) {
    if (const auto error = check_broker_epoch(state, request.broker_id, request.broker_epoch))
        return OperationResult::refusal(*error);
    const BrokerId broker(request.broker_id);
    const BrokerRegistration& registration = *state.image().broker(broker);
    OperationResult result;
    wire::AssignReplicasToDirsResponse response;
    std::set<TopicIdPartition> offline;
    for (const auto& directory : request.directories) {
        auto& in_directory = response.directories.emplace_back();
        in_directory.id = directory.id;
        for (const auto& topic : directory.topics) {
            auto& in_topic = in_directory.topics.emplace_back();
            in_topic.topic_id = topic.topic_id;
            const bool known = state.image().topic(topic.topic_id) != nullptr;
            for (const auto& partition : topic.partitions) {
                const TopicIdPartition tp{topic.topic_id,
                                          PartitionIndex(partition.partition_index)};
                const ErrorCode error = known ? assign_one(state, tp, broker, directory.id, result)
                                              : ErrorCode::UnknownTopicId;
                if (error == ErrorCode::None && !registration.has_online_directory(directory.id))
                    offline.insert(tp);
                auto& answered = in_topic.partitions.emplace_back();
                answered.partition_index = partition.partition_index;
                answered.error_code = static_cast<std::int16_t>(error);
            }
        }
    }
    update_leaders_and_isrs(state, {broker, std::nullopt, ChangeReason::DirectoryFailure}, offline,
                            result);
    result.response = std::move(response);
    return result;
}

}  // namespace bsim::controller
