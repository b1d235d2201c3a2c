// A leader proposes a new ISR.
// Source: ReplicationControlManager.alterPartition, validateAlterPartitionData;
// facts/replication.md 3.

#include <algorithm>
#include <utility>

#include "sim/protocol/controller/leader_and_isr.h"
#include "sim/protocol/controller/operation.h"

namespace bsim::controller {
namespace {

using wire::ErrorCode;
using Request = wire::AlterPartitionRequest;
using Response = wire::AlterPartitionResponse;

struct Proposal {
    BrokerId sender;
    std::int16_t version;
    const Request::PartitionData& data;
    std::vector<Request::BrokerState> isr;

    std::vector<BrokerId> isr_ids() const {
        std::vector<BrokerId> ids;
        for (const auto& member : isr)
            ids.emplace_back(member.broker_id);
        return ids;
    }
};

// Before version 3 the ISR came without broker epochs; -1 stands for an unknown one.
std::vector<Request::BrokerState> proposed_isr(const Request::PartitionData& data,
                                               std::int16_t version) {
    if (version >= 3)
        return data.new_isr_with_epochs;
    std::vector<Request::BrokerState> isr;
    for (const std::int32_t id : data.new_isr) {
        auto& member = isr.emplace_back();
        member.broker_id = id;
        member.broker_epoch = -1;
    }
    return isr;
}

bool may_join(const ControllerState& state, const Request::BrokerState& member) {
    const BrokerRegistration* broker = state.image().broker(BrokerId(member.broker_id));
    return broker != nullptr && broker->is_active() &&
           (member.broker_epoch == -1 || BrokerEpoch(member.broker_epoch) == broker->epoch);
}

ErrorCode validate(const ControllerState& state,
                   const PartitionRegistration* partition,
                   const Proposal& proposal) {
    if (partition == nullptr)
        return ErrorCode::UnknownTopicOrPartition;
    const LeaderEpoch leader_epoch(proposal.data.leader_epoch);
    const PartitionEpoch partition_epoch(proposal.data.partition_epoch);
    // A leader that knows more than this controller has heard of a newer one.
    if (leader_epoch > partition->leader_epoch || partition_epoch > partition->partition_epoch) {
        return ErrorCode::NotController;
    }
    if (leader_epoch < partition->leader_epoch)
        return ErrorCode::FencedLeaderEpoch;
    if (proposal.sender != partition->leader)
        return ErrorCode::InvalidRequest;
    if (partition_epoch < partition->partition_epoch)
        return ErrorCode::InvalidUpdateVersion;

    const std::vector<BrokerId> isr = proposal.isr_ids();
    if (!is_valid_isr(partition->replicas, isr))
        return ErrorCode::InvalidRequest;
    if (!contains(isr, *partition->leader))
        return ErrorCode::InvalidRequest;
    const std::int8_t recovery = proposal.data.leader_recovery_state;
    if (recovery != 0 && recovery != 1)
        return ErrorCode::InvalidRequest;
    if (recovery == 1) {
        if (isr.size() > 1)
            return ErrorCode::InvalidRequest;
        if (partition->recovery == LeaderRecoveryState::Recovered) {
            return ErrorCode::InvalidRequest;
        }
    }
    const bool eligible = std::all_of(proposal.isr.begin(), proposal.isr.end(),
                                      [&](const auto& member) { return may_join(state, member); });
    if (eligible)
        return ErrorCode::None;
    return proposal.version > 1 ? ErrorCode::IneligibleReplica : ErrorCode::OperationNotAttempted;
}

// The change of one partition. A reassignment that this ISR completes may move the leader: then the
// record is written and the old leader is told to look for a new one.
Response::PartitionData alter_one(const ControllerState& state,
                                  const TopicImage& topic,
                                  const Proposal& proposal,
                                  OperationResult& result) {
    Response::PartitionData answer;
    answer.partition_index = proposal.data.partition_index;
    const TopicIdPartition tp{topic.id, PartitionIndex(proposal.data.partition_index)};
    const PartitionRegistration* partition = state.image().partition(tp);
    const ErrorCode error = validate(state, partition, proposal);
    if (error != ErrorCode::None) {
        answer.error_code = static_cast<std::int16_t>(error);
        return answer;
    }
    PartitionChangeWish wish;
    for (const BrokerId replica : partition->replicas) {
        if (state.may_lead(*partition, replica))
            wish.acceptable.push_back(replica);
    }
    if (state.unclean_election_enabled(topic.name))
        wish.election = Election::Unclean;
    wish.isr = proposal.isr_ids();
    wish.recovery = static_cast<LeaderRecoveryState>(proposal.data.leader_recovery_state);

    const std::size_t before = result.records.size();
    propose_change(state, tp, std::move(wish), ChangeReason::AlterPartition, result);
    PartitionRegistration next = *partition;
    if (result.records.size() > before) {
        next =
            partition->merge(std::get<wire::PartitionChangeRecord>(result.records.back().record));
        if (next.leader != proposal.sender) {
            const ErrorCode moved =
                proposal.version > 1 ? ErrorCode::NewLeaderElected : ErrorCode::FencedLeaderEpoch;
            answer.error_code = static_cast<std::int16_t>(moved);
            return answer;
        }
    }
    answer.leader_id = next.leader ? next.leader->value() : -1;
    answer.leader_epoch = next.leader_epoch.value();
    answer.isr = to_ints(next.isr);
    answer.leader_recovery_state = static_cast<std::int8_t>(next.recovery);
    answer.partition_epoch = next.partition_epoch.value();
    return answer;
}

}  // namespace

OperationResult alter_partition(const OperationContext& context,
                                const ControllerState& state,
                                const wire::AlterPartitionRequest& request) {
    if (const auto error = check_broker_epoch(state, request.broker_id, request.broker_epoch)) {
        return OperationResult::refusal(*error);
    }
    OperationResult result;
    Response response;
    for (const auto& asked : request.topics) {
        auto& answered = response.topics.emplace_back();
        answered.topic_name = asked.topic_name;
        answered.topic_id = asked.topic_id;
        const TopicImage* topic = context.version > 1 ? state.image().topic(asked.topic_id)
                                                      : state.image().topic(asked.topic_name);
        for (const auto& data : asked.partitions) {
            if (topic == nullptr) {
                auto& answer = answered.partitions.emplace_back();
                answer.partition_index = data.partition_index;
                answer.error_code = static_cast<std::int16_t>(
                    context.version > 1 ? ErrorCode::UnknownTopicId
                                        : ErrorCode::UnknownTopicOrPartition);
                continue;
            }
            const Proposal proposal{BrokerId(request.broker_id), context.version, data,
                                    proposed_isr(data, context.version)};
            answered.partitions.push_back(alter_one(state, *topic, proposal, result));
        }
    }
    result.response = std::move(response);
    return result;
}

}  // namespace bsim::controller
