// How the sender comes by a producer id: InitProducerId to the least loaded node. While it waits,
// it sends no batches and lets none expire, as Kafka's sender thread, which blocks here.
#include <limits>

#include "sim/protocol/client/produce_errors.h"
#include "sim/protocol/client/sender.h"
#include "sim/wire/messages/init_producer_id_request.h"

namespace bsim::client {

using wire::ErrorCode;

// True while a producer id is awaited.
bool Sender::drive_id_request(SenderTurn& turn) {
    if (id_request_.stage == IdRequest::Stage::None) {
        if (idempotence_->identity())
            return false;
        id_request_ = IdRequest{};
        id_request_.stage = IdRequest::Stage::ChooseNode;
    }
    while (id_request_step(turn)) {
    }
    return true;
}

// True if the next stage can be tried at once.
bool Sender::id_request_step(SenderTurn& turn) {
    IdRequest& request = id_request_;
    request.wake_at = request.not_before;
    if (request.not_before && turn.now < *request.not_before)
        return false;
    request.not_before.reset();
    request.wake_at.reset();
    switch (request.stage) {
        case IdRequest::Stage::ChooseNode:
            return choose_id_node(turn);
        case IdRequest::Stage::AwaitNode:
            return await_id_node(turn);
        case IdRequest::Stage::PauseBeforeSend:
            // Kafka's request would be lost if the connection broke during the pause.
            if (network_.can_send(turn.now, request.node)) {
                send_id_request(turn);
                return false;
            }
            request.stage = IdRequest::Stage::AwaitNode;
            return true;
        default:
            return false;
    }
}

bool Sender::choose_id_node(SenderTurn& turn) {
    IdRequest& request = id_request_;
    const std::optional<NodeId> node = network_.least_loaded_node(turn.now, turn.draws);
    if (!node) {
        request.is_retry = true;
        request.wake_at = turn.now + settings_.retry_backoff_ms;
        return false;
    }
    request.node = *node;
    request.since = turn.now;
    request.stage = IdRequest::Stage::AwaitNode;
    with_network(turn, [&](const NetworkTurn& net) { return network_.ready(net, *node); });
    return true;
}

bool Sender::await_id_node(SenderTurn& turn) {
    IdRequest& request = id_request_;
    const SimTime deadline = request.since + settings_.request_timeout_ms;
    if (network_.connection_failed(request.node) || turn.now >= deadline) {
        retry_id_request(turn.now + settings_.retry_backoff_ms);
        network_.metadata().request_update();
        return true;
    }
    if (!network_.is_ready(turn.now, request.node)) {
        request.wake_at = deadline;
        return false;
    }
    request.stage = IdRequest::Stage::PauseBeforeSend;
    if (request.is_retry)
        request.not_before = turn.now + settings_.retry_backoff_ms;
    return true;
}

void Sender::send_id_request(SenderTurn& turn) {
    wire::InitProducerIdRequest body;
    body.transactional_id.reset();
    body.transaction_timeout_ms = std::numeric_limits<std::int32_t>::max();
    NetworkClient::Outgoing request;
    request.node = id_request_.node;
    request.body = std::move(body);
    id_request_.stage = IdRequest::Stage::InFlight;
    id_request_.correlation_id = with_network(
        turn, [&](const NetworkTurn& net) { return network_.send(net, std::move(request)); });
}

void Sender::retry_id_request(std::optional<SimTime> not_before) {
    id_request_.stage = IdRequest::Stage::ChooseNode;
    id_request_.is_retry = true;
    id_request_.not_before = not_before;
}

void Sender::handle_id_response(SenderTurn& turn, ClientResponse& response) {
    if (response.outcome == ClientResponse::Outcome::VersionUnsupported) {
        idempotence_->fail(ErrorCode::UnsupportedVersion);
        return;
    }
    if (response.outcome != ClientResponse::Outcome::Answered) {
        retry_id_request(std::nullopt);
        return;
    }
    const auto& body = std::get<ProducerIdResponse>(response.response->body);
    const auto error = static_cast<ErrorCode>(body.error_code);
    if (error == ErrorCode::None) {
        idempotence_->set_identity(
            {ProducerId(body.producer_id), ProducerEpoch(body.producer_epoch)});
        id_request_ = IdRequest{};
        announce_identity(turn);
    } else if (wire::is_retriable(error)) {
        retry_id_request(std::nullopt);
    } else {
        idempotence_->fail(error);
    }
}

void Sender::announce_identity(SenderTurn& turn) const {
    const std::optional<ProducerIdentity>& identity = idempotence_->identity();
    if (identity)
        turn.out.emplace_back(ProducerIdAssigned{identity->id, identity->epoch});
}

}  // namespace bsim::client
