// DeleteRecords: raises the log start of leaders and waits until every live replica has followed.
// Source: ReplicaManager.deleteRecords, Partition.deleteRecordsOnLeader,
// KafkaApis.handleDeleteRecordsRequest.

#include <utility>

#include "sim/node/must.h"
#include "sim/node/replica_manager.h"

namespace bsim {
namespace {

constexpr Offset kHighWatermark{-1};

bool is_internal(const std::string& topic) {
    return topic == "__consumer_offsets" || topic == "__transaction_state";
}

}  // namespace

replication::DeletePart ReplicaManager::delete_on_leader(const TopicPartition& tp, Offset asked) {
    replication::DeletePart part;
    part.required = asked;
    const auto refuse = [&part](wire::ErrorCode error) {
        part.answer = {error, Offset(-1)};
        return part;
    };
    if (image_.partition(tp) == nullptr)
        return refuse(wire::ErrorCode::UnknownTopicOrPartition);
    if (is_internal(tp.topic))
        return refuse(wire::ErrorCode::InvalidTopicException);
    Replica* replica = find(tp);
    if (replica == nullptr || !replica->leader)
        return refuse(wire::ErrorCode::NotLeaderOrFollower);
    part.tp = replica->id;
    if (!replica->config.cleanup_delete)
        return refuse(wire::ErrorCode::PolicyViolation);
    part.required = asked == kHighWatermark ? replica->leader->hw() : asked;
    if (part.required < Offset(0) || part.required > replica->leader->hw())
        return refuse(wire::ErrorCode::OffsetOutOfRange);
    if (must(replica->log->increment_log_start_offset(part.required)))
        log_start_moved(*replica, "delete-records");
    part.answer = delete_status(part.tp);
    return part;
}

void ReplicaManager::delete_records(const RequestRef& request,
                                    const wire::DeleteRecordsRequest& body) {
    ParkedDelete parked;
    parked.request = request;
    std::vector<replication::DeletePart> parts;
    for (const auto& topic : body.topics) {
        auto& topic_out = parked.response.topics.emplace_back();
        topic_out.name = topic.name;
        for (const auto& asked : topic.partitions) {
            topic_out.partitions.emplace_back().partition_index = asked.partition_index;
            parts.push_back(delete_on_leader({topic.name, PartitionIndex(asked.partition_index)},
                                             Offset(asked.offset)));
        }
    }
    static_cast<void>(dirs_.settle(process_.now()));
    const replication::OperationId id(next_operation_++);
    const SimTime deadline = process_.now() + milliseconds(body.timeout_ms);
    parked_deletes_.emplace(id, std::move(parked));
    std::vector<replication::CompletedDelete> done;
    delayed_deletes_.add({id, deadline, std::move(parts)}, done);
    complete(done);
}

void ReplicaManager::complete(std::vector<replication::CompletedDelete>& done) {
    for (const replication::CompletedDelete& completed : done) {
        auto node = parked_deletes_.extract(completed.id);
        if (node.empty())
            continue;
        ParkedDelete& parked = node.mapped();
        std::size_t part = 0;
        for (auto& topic : parked.response.topics) {
            for (auto& out : topic.partitions) {
                const replication::DeleteStatus& answer = completed.parts[part++].answer;
                out.error_code = static_cast<std::int16_t>(answer.error);
                out.low_watermark = answer.low_watermark.value();
            }
        }
        server_.answer(parked.request, std::move(parked.response));
    }
    delete_expiry_.set(delayed_deletes_.next_deadline());
}

replication::DeleteStatus ReplicaManager::delete_status(const TopicIdPartition& tp) const {
    const Replica* replica = find(tp);
    if (replica == nullptr)
        return {wire::ErrorCode::UnknownTopicOrPartition, Offset(-1)};
    if (!replica->leader)
        return {wire::ErrorCode::NotLeaderOrFollower, Offset(-1)};
    return {wire::ErrorCode::None, replica->leader->low_watermark(*this)};
}

}  // namespace bsim
