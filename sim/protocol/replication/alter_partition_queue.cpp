#include "sim/protocol/replication/alter_partition_queue.h"

#include <algorithm>

#include "sim/base/check.h"

namespace bsim::replication {

using wire::ErrorCode;

namespace {

constexpr std::int8_t kRecovered = 0;
constexpr std::int8_t kRecovering = 1;

void put(const TopicIdPartition& tp,
         const IsrProposal& proposal,
         wire::AlterPartitionRequest& request) {
    if (request.topics.empty() || request.topics.back().topic_id != tp.topic_id) {
        request.topics.emplace_back().topic_id = tp.topic_id;
    }
    auto& part = request.topics.back().partitions.emplace_back();
    part.partition_index = tp.partition.value();
    part.leader_epoch = proposal.leader_epoch.value();
    part.partition_epoch = proposal.partition_epoch.value();
    part.leader_recovery_state = proposal.recovering ? kRecovering : kRecovered;
    for (const IsrMember& member : proposal.isr) {
        auto& state = part.new_isr_with_epochs.emplace_back();
        state.broker_id = member.id.value();
        if (member.epoch)
            state.broker_epoch = member.epoch->value();
    }
}

IsrAnswer answer_of(const wire::AlterPartitionResponse::PartitionData& data) {
    const auto error = static_cast<ErrorCode>(data.error_code);
    if (error != ErrorCode::None)
        return error;
    if (data.leader_recovery_state != kRecovered && data.leader_recovery_state != kRecovering) {
        return ErrorCode::UnknownServerError;
    }
    IsrAccepted accepted{LeaderEpoch(data.leader_epoch),
                         PartitionEpoch(data.partition_epoch),
                         {},
                         data.leader_recovery_state == kRecovering};
    for (const std::int32_t id : data.isr)
        accepted.isr.emplace_back(id);
    return accepted;
}

bool met_no_controller(const wire::AlterPartitionResponse& response) {
    constexpr auto kNotController = static_cast<std::int16_t>(ErrorCode::NotController);
    if (response.error_code == kNotController)
        return true;
    return std::any_of(response.topics.begin(), response.topics.end(), [](const auto& topic) {
        return std::any_of(topic.partitions.begin(), topic.partitions.end(),
                           [](const auto& part) { return part.error_code == kNotController; });
    });
}

}  // namespace

void AlterPartitionQueue::submit(const TopicIdPartition& tp,
                                 const IsrProposal& proposal,
                                 std::optional<BrokerEpoch> own_epoch,
                                 AlterPartitionEffects& out) {
    if (!unsent_.emplace(tp, proposal).second) {
        out.push_back(AnswerIsrProposal{tp, proposal, ErrorCode::OperationNotAttempted});
        return;
    }
    maybe_send(own_epoch, out);
}

void AlterPartitionQueue::maybe_send(std::optional<BrokerEpoch> own_epoch,
                                     AlterPartitionEffects& out) {
    if (in_flight_ || unsent_.empty())
        return;
    in_flight_.emplace();
    wire::AlterPartitionRequest& request = in_flight_->request;
    request.broker_id = self_.value();
    if (own_epoch)
        request.broker_epoch = own_epoch->value();
    for (const auto& [tp, proposal] : unsent_)
        put(tp, proposal, request);
    in_flight_->items = unsent_;
    out.push_back(SendAlterPartition{request, false});
}

void AlterPartitionQueue::answered(SimTime now,
                                   const wire::AlterPartitionResponse& response,
                                   std::optional<BrokerEpoch> own_epoch,
                                   AlterPartitionEffects& out) {
    BSIM_CHECK(in_flight_.has_value());
    if (met_no_controller(response)) {
        out.push_back(SendAlterPartition{in_flight_->request, true});
        return;
    }
    const std::map<TopicIdPartition, IsrProposal> items = std::move(in_flight_->items);
    in_flight_.reset();
    if (static_cast<ErrorCode>(response.error_code) != ErrorCode::None) {
        out.push_back(RetryAlterPartitionAt{now + kAlterPartitionRetry});
        return;
    }
    for (const auto& topic : response.topics) {
        for (const auto& part : topic.partitions) {
            const TopicIdPartition tp{topic.topic_id, PartitionIndex(part.partition_index)};
            const auto item = items.find(tp);
            if (item == items.end() || unsent_.erase(tp) == 0)
                continue;
            out.push_back(AnswerIsrProposal{tp, item->second, answer_of(part)});
        }
    }
    maybe_send(own_epoch, out);
}

void AlterPartitionQueue::request_failed(AlterPartitionEffects& out) {
    if (in_flight_)
        out.push_back(SendAlterPartition{in_flight_->request, true});
}

void AlterPartitionQueue::retry_due(std::optional<BrokerEpoch> own_epoch,
                                    AlterPartitionEffects& out) {
    maybe_send(own_epoch, out);
}

}  // namespace bsim::replication
