// Produce requests: append on leaders, hold the answer of acks=all until the high watermark covers
// what was written. Source: ReplicaManager.appendRecords, KafkaApis.handleProduceRequest.

#include <algorithm>
#include <utility>

#include "sim/model/internal_topics.h"
#include "sim/node/leader_hint.h"
#include "sim/node/replica_manager.h"

namespace bsim {

ReplicaManager::Appended ReplicaManager::append(std::int16_t acks,
                                                const TopicPartition& tp,
                                                const std::optional<SharedBytes>& records,
                                                AppendOrigin origin) {
    Appended out;
    if (origin == AppendOrigin::Client && is_internal_topic(tp.topic)) {
        out.error = wire::ErrorCode::InvalidTopicException;
        return out;
    }
    Replica* replica = find(tp);
    if (replica == nullptr) {
        const bool known = image_.partition(tp) != nullptr;
        out.error = is_offline(tp) ? wire::ErrorCode::KafkaStorageError
                    : known        ? wire::ErrorCode::NotLeaderOrFollower
                                   : wire::ErrorCode::UnknownTopicOrPartition;
        return out;
    }
    out.id = replica->id;
    if (!replica->leader) {
        out.error = wire::ErrorCode::NotLeaderOrFollower;
        return out;
    }
    out.error = replica->leader->admit_produce(acks);
    if (out.error != wire::ErrorCode::None)
        return out;
    const auto appended = replica->log->append_as_leader(
        records.value_or(SharedBytes{}), replica->leader_epoch, process_.wall_now(), origin);
    if (!appended.ok()) {
        out.error = to_error_code(appended.error().kind);
        note_failure(*replica, appended.error());
        return out;
    }
    out.info = *appended;
    out.log_start = replica->log->log_start_offset();
    if (!out.info.duplicate) {
        note_appended(*replica, *records, out.info);
        replication::LeaderEffects effects;
        replica->leader->local_appended(context(), replica->log->leo(), effects);
        run(*replica, effects);
    }
    return out;
}

void ReplicaManager::produce(const RequestRef& request, const wire::ProduceRequest& body) {
    ParkedProduce parked;
    parked.request = request;
    std::vector<replication::ProducePart> parts;
    const bool legal_acks = body.acks >= -1 && body.acks <= 1;
    bool any_error = false;
    bool any_appended = false;
    for (const auto& topic : body.topic_data) {
        auto& topic_out = parked.response.responses.emplace_back();
        topic_out.name = topic.name;
        for (const auto& data : topic.partition_data) {
            const TopicPartition tp{topic.name, PartitionIndex(data.index)};
            Appended done;
            done.error = wire::ErrorCode::InvalidRequiredAcks;
            if (legal_acks)
                done = append(body.acks, tp, data.records, AppendOrigin::Client);
            auto& out = topic_out.partition_responses.emplace_back();
            out.index = data.index;
            std::optional<wire::ErrorCode> answer;
            if (done.error == wire::ErrorCode::None) {
                any_appended = true;
                out.base_offset = done.info.first_offset.value();
                if (done.info.log_append_time) {
                    out.log_append_time_ms = done.info.log_append_time->value();
                }
                out.log_start_offset = done.log_start.value();
            } else {
                any_error = true;
                answer = done.error;
                fill_error(tp, done.error, out, parked.response);
            }
            parts.push_back({done.id, done.info.last_offset + 1, answer});
        }
    }
    if (body.acks == 0) {
        return after_disk([this, request, any_error] {
            any_error ? server_.disconnect(request) : server_.finish_silently(request);
        });
    }
    if (body.acks != -1 || !any_appended)
        return answer_after_disk(request, std::move(parked.response));
    const replication::OperationId id(next_operation_++);
    const SimTime deadline = process_.now() + milliseconds(body.timeout_ms);
    parked_produces_.emplace(id, std::move(parked));
    after_disk([this, id] {
        const auto it = parked_produces_.find(id);
        if (it == parked_produces_.end())
            return;
        it->second.written = true;
        answer_if_done(id);
    });
    std::vector<replication::CompletedProduce> done;
    delayed_produces_.add({id, deadline, std::move(parts)}, *this, done);
    complete(done);
    produce_expiry_.set(delayed_produces_.next_deadline());
}

void ReplicaManager::fill_error(const TopicPartition& tp,
                                wire::ErrorCode error,
                                wire::ProduceResponse::PartitionProduceResponse& out,
                                wire::ProduceResponse& response) const {
    out.error_code = static_cast<std::int16_t>(error);
    out.base_offset = -1;
    out.log_append_time_ms = -1;
    if (error == wire::ErrorCode::NotLeaderOrFollower)
        name_leader(image_, tp, out.current_leader, response.node_endpoints);
}

void ReplicaManager::complete(std::vector<replication::CompletedProduce>& done) {
    for (const replication::CompletedProduce& completed : done) {
        const auto it = parked_produces_.find(completed.id);
        if (it == parked_produces_.end()) {
            internal_replicated(completed);
            continue;
        }
        ParkedProduce& parked = it->second;
        std::size_t part = 0;
        for (auto& topic : parked.response.responses) {
            for (auto& out : topic.partition_responses) {
                const auto error = completed.parts[part++].answer.value_or(wire::ErrorCode::None);
                if (error == wire::ErrorCode::None || out.error_code != 0)
                    continue;
                fill_error({topic.name, PartitionIndex(out.index)}, error, out, parked.response);
            }
        }
        parked.replicated = true;
        answer_if_done(completed.id);
    }
    produce_expiry_.set(delayed_produces_.next_deadline());
}

void ReplicaManager::check_produces(const TopicIdPartition& tp) {
    std::vector<replication::CompletedProduce> done;
    delayed_produces_.check(tp, *this, done);
    complete(done);
}

void ReplicaManager::answer_if_done(replication::OperationId id) {
    const auto it = parked_produces_.find(id);
    if (!it->second.written || !it->second.replicated)
        return;
    auto node = parked_produces_.extract(it);
    server_.answer(node.mapped().request, std::move(node.mapped().response));
}

void ReplicaManager::answer_after_disk(const RequestRef& request, wire::ResponseBody body) {
    auto held = std::make_unique<wire::ResponseBody>(std::move(body));
    after_disk(
        [this, request, answer = std::move(held)] { server_.answer(request, std::move(*answer)); });
}

std::optional<wire::ErrorCode> ReplicaManager::produce_status(const TopicIdPartition& tp,
                                                              Offset required) const {
    const Replica* replica = find(tp);
    if (replica == nullptr) {
        const bool offline = std::any_of(offline_.begin(), offline_.end(),
                                         [&](const auto& entry) { return entry.second == tp; });
        return offline ? wire::ErrorCode::KafkaStorageError
                       : wire::ErrorCode::UnknownTopicOrPartition;
    }
    if (!replica->leader)
        return wire::ErrorCode::NotLeaderOrFollower;
    return replica->leader->produce_status(required);
}

}  // namespace bsim
