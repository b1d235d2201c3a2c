// What the sender makes of the answers to its requests.
#include <algorithm>
#include <utility>

#include "sim/base/check.h"
#include "sim/protocol/client/produce_errors.h"
#include "sim/protocol/client/sender.h"

namespace bsim::client {

using wire::ErrorCode;

void Sender::handle_responses(SenderTurn& turn) {
    std::vector<ClientResponse> responses = std::exchange(responses_, {});
    for (ClientResponse& response : responses)
        handle(turn, response);
    BSIM_CHECK(responses_.empty());
    responses.clear();
    responses_ = std::move(responses);
}

void Sender::handle(SenderTurn& turn, ClientResponse& response) {
    const auto request = requests_.find(response.correlation_id);
    if (request == requests_.end()) {
        BSIM_CHECK(id_request_.stage == IdRequest::Stage::InFlight &&
                   id_request_.correlation_id == response.correlation_id);
        handle_id_response(turn, response);
        return;
    }
    const std::vector<BatchId> batches = std::move(request->second);
    requests_.erase(request);
    handle_produce(turn, batches, response);
    for (const BatchId id : batches) {
        awaited_.erase(id);
        const ProducerBatch& batch = accumulator_.batch(id);
        if (keep_order_by_muting_)
            accumulator_.unmute(batch.partition());
        if (batch.is_done())
            accumulator_.erase(id);
    }
}

void Sender::handle_produce(SenderTurn& turn,
                            const std::vector<BatchId>& batches,
                            ClientResponse& response) {
    LeaderHints hints;
    PartitionAnswer answer;  // for all batches, if no broker answered
    answer.base_offset = -1;
    switch (response.outcome) {
        case ClientResponse::Outcome::Answered:
            break;
        case ClientResponse::Outcome::Sent:
            answer.error_code = static_cast<std::int16_t>(ErrorCode::None);
            break;
        case ClientResponse::Outcome::Disconnected:
            answer.error_code = static_cast<std::int16_t>(ErrorCode::NetworkException);
            break;
        case ClientResponse::Outcome::TimedOut:
            answer.error_code = static_cast<std::int16_t>(ErrorCode::RequestTimedOut);
            break;
        case ClientResponse::Outcome::VersionUnsupported:
            answer.error_code = static_cast<std::int16_t>(ErrorCode::UnsupportedVersion);
            break;
    }
    if (response.outcome != ClientResponse::Outcome::Answered) {
        for (const BatchId id : batches)
            handle_answer(turn, id, answer, hints);
        return;
    }
    const auto& body = std::get<wire::ProduceResponse>(response.response->body);
    for (const auto& topic : body.responses) {
        for (const PartitionAnswer& told : topic.partition_responses) {
            const TopicPartition tp{topic.name, PartitionIndex(told.index)};
            const auto id = std::find_if(batches.begin(), batches.end(), [&](BatchId one) {
                return accumulator_.batch(one).partition() == tp;
            });
            BSIM_CHECK(id != batches.end());
            handle_answer(turn, *id, told, hints);
        }
    }
    if (hints.empty())
        return;
    std::vector<NodeView> nodes;
    for (const auto& endpoint : body.node_endpoints) {
        nodes.push_back({NodeId(endpoint.node_id), {endpoint.host, endpoint.port}, endpoint.rack});
    }
    network_.metadata().take_hints(hints, nodes);
}

void Sender::handle_answer(SenderTurn& turn,
                           BatchId id,
                           const PartitionAnswer& answer,
                           LeaderHints& hints) {
    const auto error = static_cast<ErrorCode>(answer.error_code);
    ProducerBatch& batch = accumulator_.batch(id);
    if (error == ErrorCode::None) {
        complete(turn, id, answer);
    } else if (error == ErrorCode::MessageTooLarge && batch.record_count() > 1 &&
               !batch.is_done()) {
        if (idempotence_)
            idempotence_->untrack(batch);
        accumulator_.split_and_reenqueue(id, idempotence());
        release(id);
    } else {
        handle_error(turn, id, answer, hints);
    }
}

void Sender::handle_error(SenderTurn& turn,
                          BatchId id,
                          const PartitionAnswer& answer,
                          LeaderHints& hints) {
    const auto error = static_cast<ErrorCode>(answer.error_code);
    ProducerBatch& batch = accumulator_.batch(id);
    if (!surely_not_appended(error, settings_.acks))
        batch.note_may_be_applied();
    if (can_retry(turn.now, batch, answer)) {
        accumulator_.reenqueue(turn.now, id, idempotence(), turn.draws);
        take_out_of_flight(id);
    } else if (error == ErrorCode::DuplicateSequenceNumber) {
        complete(turn, id, answer);
    } else {
        fail(turn, id, {FailureCause::Broker, error, batch.attempts() < settings_.retries});
    }
    if (!is_invalid_metadata(error))
        return;
    const bool names_leader =
        answer.current_leader.leader_id != -1 && answer.current_leader.leader_epoch != -1;
    if (names_leader &&
        (error == ErrorCode::NotLeaderOrFollower || error == ErrorCode::FencedLeaderEpoch)) {
        hints.push_back({batch.partition(), NodeId(answer.current_leader.leader_id),
                         LeaderEpoch(answer.current_leader.leader_epoch)});
    }
    network_.metadata().request_update();
}

bool Sender::can_retry(SimTime now, const ProducerBatch& batch, const PartitionAnswer& answer) {
    if (batch.is_done() || batch.attempts() >= settings_.retries ||
        batch.timed_out(now, settings_.delivery_timeout_ms)) {
        return false;
    }
    const auto error = static_cast<ErrorCode>(answer.error_code);
    if (!idempotence_)
        return wire::is_retriable(error);
    std::optional<Offset> log_start;
    if (answer.log_start_offset != -1)
        log_start = Offset(answer.log_start_offset);
    return idempotence_->can_retry({error, log_start}, batch);
}

void Sender::complete(SenderTurn& turn, BatchId id, const PartitionAnswer& answer) {
    ProducerBatch& batch = accumulator_.batch(id);
    std::optional<Offset> base;
    if (answer.base_offset != -1)
        base = Offset(answer.base_offset);
    // An answer that comes after the batch was given up still tells about its sequences.
    if (idempotence_)
        idempotence_->completed(batch, base);
    if (batch.is_done())
        return;
    turn.out.emplace_back(BatchAcked{batch.partition(), base, batch.record_count(),
                                     batch.leader_epoch(), turn.now - batch.created(),
                                     batch.record_ids()});
    release(id);
}

void Sender::fail(SenderTurn& turn, BatchId id, const Failure& failure) {
    ProducerBatch& batch = accumulator_.batch(id);
    if (batch.is_done())
        return;
    turn.out.emplace_back(BatchFailed{batch.partition(), batch.record_count(), failure.cause,
                                      failure.error, batch.may_be_applied(),
                                      turn.now - batch.created(), batch.record_ids()});
    if (idempotence_)
        idempotence_->failed(batch, failure.error, failure.adjust_sequences);
    release(id);
}

void Sender::abort_all(SenderTurn& turn, ErrorCode error) {
    std::vector<BatchId> all;
    for (const auto& [id, batch] : accumulator_.batches()) {
        if (!batch.is_done())
            all.push_back(id);
    }
    for (const BatchId id : all) {
        accumulator_.remove_from_queue(id);
        if (awaited_.contains(id))
            accumulator_.batch(id).note_may_be_applied();
        fail(turn, id, {FailureCause::Closed, error, false});
    }
}

void Sender::take_out_of_flight(BatchId id) {
    const auto partition = in_flight_.find(accumulator_.batch(id).partition());
    if (partition == in_flight_.end())
        return;
    std::erase(partition->second, id);
    if (partition->second.empty())
        in_flight_.erase(partition);
}

// The batch has its outcome. It is kept while the answer to its request is still to come.
void Sender::release(BatchId id) {
    take_out_of_flight(id);
    accumulator_.free_memory(id);
    accumulator_.batch(id).finish();
    if (!awaited_.contains(id))
        accumulator_.erase(id);
}

}  // namespace bsim::client
