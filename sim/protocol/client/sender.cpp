#include "sim/protocol/client/sender.h"

#include <algorithm>
#include <utility>

#include "sim/base/check.h"
#include "sim/wire/messages/produce_request.h"

namespace bsim::client {

Sender::Sender(const ProducerSettings& settings)
    : settings_(settings),
      keep_order_by_muting_(settings.max_in_flight_requests_per_connection == 1),
      network_(settings),
      accumulator_(settings) {
    if (settings.enable_idempotence)
        idempotence_.emplace();
}

// --- News from the network -------------------------------------------------------------------

void Sender::flush_network(SenderTurn& turn) {
    for (NetworkEffect& effect : network_effects_) {
        std::visit([&](auto& one) { turn.out.emplace_back(std::move(one)); }, effect);
    }
    network_effects_.clear();
}

void Sender::connection_opened(SenderTurn& turn, ConnectionId connection) {
    with_network(turn,
                 [&](const NetworkTurn& net) { network_.connection_opened(net, connection); });
    handle_responses(turn);
}

void Sender::connection_lost(SenderTurn& turn, ConnectionId connection) {
    with_network(turn, [&](const NetworkTurn& net) { network_.connection_lost(net, connection); });
    handle_responses(turn);
}

void Sender::response_arrived(SenderTurn& turn, ConnectionId connection, wire::Response response) {
    with_network(turn, [&](const NetworkTurn& net) {
        network_.response_arrived(net, connection, std::move(response));
    });
    handle_responses(turn);
}

void Sender::close_connections(SenderTurn& turn) {
    with_network(turn, [&](const NetworkTurn& net) { network_.close_all(net); });
    handle_responses(turn);
}

// --- A turn ----------------------------------------------------------------------------------

bool Sender::run(SenderTurn& turn) {
    const std::size_t effects_before = turn.out.size();
    bool progress = false;
    bool may_produce = true;
    if (idempotence_) {
        idempotence_->resolve_sequences();
        if (idempotence_->fatal_error()) {
            abort_all(turn, *idempotence_->fatal_error());
            may_produce = false;
        } else {
            if (idempotence_->bump_if_needed(accumulator_.batches())) {
                progress = true;
                announce_identity(turn);
            }
            may_produce = !drive_id_request(turn);
        }
    }
    next_check_.reset();
    if (may_produce && send_produce(turn))
        progress = true;
    if (with_network(turn, [&](const NetworkTurn& net) { return network_.poll(net); })) {
        progress = true;
    }
    handle_responses(turn);
    return progress || turn.out.size() != effects_before;
}

bool Sender::send_produce(SenderTurn& turn) {
    const ClusterMetadata& cluster = network_.metadata().cluster();
    const RecordAccumulator::ReadyCheck check = accumulator_.ready(turn.now, cluster);
    next_check_ = check.next_check;
    for (const std::string& topic : check.topics_without_leader) {
        network_.metadata().add_topic(turn.now, topic);
    }
    if (!check.topics_without_leader.empty())
        network_.metadata().request_update();

    const std::set<NodeId> usable = usable_nodes(turn, check.nodes);
    const RecordAccumulator::Drained drained =
        accumulator_.drain(turn.now, cluster, usable, idempotence());
    for (const auto& [node, batches] : drained) {
        for (const BatchId id : batches) {
            const TopicPartition& tp = accumulator_.batch(id).partition();
            in_flight_[tp].push_back(id);
            awaited_.insert(id);
            if (keep_order_by_muting_)
                accumulator_.mute(tp);
        }
    }
    // A batch that was just drained may expire here; Kafka sends it all the same.
    const bool expired = expire(turn);
    send_requests(turn, drained);
    return expired || !drained.empty();
}

std::set<NodeId> Sender::usable_nodes(SenderTurn& turn, const std::set<NodeId>& ready) {
    std::set<NodeId> usable;
    for (const NodeId node : ready) {
        const bool can =
            with_network(turn, [&](const NetworkTurn& net) { return network_.ready(net, node); });
        accumulator_.note_node_latency(turn.now, node, can);
        if (can) {
            usable.insert(node);
            continue;
        }
        const std::optional<SimTime> again = network_.look_again_at(turn.now, node);
        if (again)
            next_check_ = next_check_ ? std::min(*next_check_, *again) : *again;
    }
    return usable;
}

void Sender::send_requests(SenderTurn& turn, const RecordAccumulator::Drained& drained) {
    for (const auto& [node, batches] : drained) {
        wire::ProduceRequest body;
        body.acks = static_cast<std::int16_t>(settings_.acks);
        body.timeout_ms = static_cast<std::int32_t>(settings_.request_timeout_ms.ms());
        for (const BatchId id : batches) {
            ProducerBatch& batch = accumulator_.batch(id);
            auto topic = std::find_if(
                body.topic_data.begin(), body.topic_data.end(),
                [&](const auto& data) { return data.name == batch.partition().topic; });
            if (topic == body.topic_data.end()) {
                topic = body.topic_data.emplace(topic);
                topic->name = batch.partition().topic;
            }
            auto& data = topic->partition_data.emplace_back();
            data.index = batch.partition().partition.value();
            data.records = batch.bytes();
        }
        NetworkClient::Outgoing request;
        request.node = node;
        request.body = std::move(body);
        request.expects_response = settings_.acks != Acks::None;
        constexpr std::int16_t kFirstWithBatchesV2 = 3;
        request.oldest_version = kFirstWithBatchesV2;
        const std::int32_t correlation_id = with_network(
            turn, [&](const NetworkTurn& net) { return network_.send(net, std::move(request)); });
        requests_[correlation_id] = batches;
    }
}

// --- Expiry ----------------------------------------------------------------------------------

std::vector<BatchId> Sender::expired_in_flight(SimTime now) const {
    std::vector<BatchId> expired;
    for (const auto& [tp, batches] : in_flight_) {
        for (const BatchId id : batches) {
            const ProducerBatch& batch = accumulator_.batches().at(id);
            if (!batch.timed_out(now, settings_.delivery_timeout_ms))
                break;
            expired.push_back(id);
        }
    }
    return expired;
}

bool Sender::expire(SenderTurn& turn) {
    std::vector<BatchId> expired = accumulator_.take_expired(turn.now);
    for (const BatchId id : expired_in_flight(turn.now)) {
        // Its request is out, and no answer will be waited for.
        accumulator_.batch(id).note_may_be_applied();
        expired.push_back(id);
    }
    for (const BatchId id : expired) {
        if (idempotence_ && accumulator_.batch(id).in_retry()) {
            // No new batch of this partition is sent until the doubt is resolved.
            idempotence_->mark_unresolved(accumulator_.batch(id));
        }
        fail(turn, id, {FailureCause::DeliveryTimeout, wire::ErrorCode::RequestTimedOut, false});
    }
    return !expired.empty();
}

std::optional<SimTime> Sender::next_expiry() const {
    std::optional<SimTime> next = accumulator_.next_expiry();
    for (const auto& [tp, batches] : in_flight_) {
        if (batches.empty())
            continue;
        const SimTime at =
            accumulator_.batches().at(batches.front()).created() + settings_.delivery_timeout_ms;
        next = next ? std::min(*next, at) : at;
    }
    return next;
}

std::optional<SimTime> Sender::next_wake(SimTime now) const {
    std::optional<SimTime> next = network_.next_wake(now);
    const auto consider = [&](std::optional<SimTime> at) {
        if (at)
            next = next ? std::min(*next, *at) : *at;
    };
    const bool awaits_id = id_request_.stage != IdRequest::Stage::None;
    if (awaits_id)
        consider(id_request_.wake_at);
    const bool is_dead = idempotence_ && idempotence_->fatal_error();
    if (!awaits_id && !is_dead) {
        consider(next_check_);
        consider(next_expiry());
    }
    return next;
}

bool Sender::is_drained() const {
    return !accumulator_.has_undrained() && requests_.empty() && in_flight_.empty();
}

}  // namespace bsim::client
