// The sender's side of the accumulator: taking batches, putting them back, letting them expire.
#include <algorithm>
#include <utility>

#include "sim/base/check.h"
#include "sim/protocol/client/idempotence.h"
#include "sim/protocol/client/record_accumulator.h"
#include "sim/wire/record_batch.h"

namespace bsim::client {

RecordAccumulator::Drained RecordAccumulator::drain(SimTime now,
                                                    const ClusterMetadata& cluster,
                                                    const std::set<NodeId>& nodes,
                                                    Idempotence* idempotence) {
    Drained drained;
    for (const NodeId node : nodes) {
        std::vector<BatchId> taken = drain_node(now, cluster, node, idempotence);
        if (!taken.empty())
            drained.emplace(node, std::move(taken));
    }
    return drained;
}

std::vector<BatchId> RecordAccumulator::drain_node(SimTime now,
                                                   const ClusterMetadata& cluster,
                                                   NodeId node,
                                                   Idempotence* idempotence) {
    std::vector<BatchId> taken;
    const std::vector<TopicPartition>& partitions = cluster.partitions_led_by(node);
    if (partitions.empty())
        return taken;
    std::size_t& next = drain_index_[node];
    const std::size_t start = next % partitions.size();
    std::int64_t size = 0;
    for (std::size_t i = 0; i < partitions.size(); ++i) {
        // The next request begins at the partition at which this one ends.
        next = (start + i) % partitions.size();
        const TopicPartition& tp = partitions[next];
        Queue* queue = queue_of(tp);
        if (queue == nullptr || queue->empty() || muted_.contains(tp))
            continue;
        ProducerBatch& first = batches_.at(queue->front());
        first.note_leader_epoch(cluster.leader_epoch_of(tp));
        if (first.backing_off(now))
            continue;
        // A single batch may be larger than max.request.size; it then goes alone.
        if (size + first.size_in_bytes() > max_request_size_ && !taken.empty())
            break;
        // Kafka, too, leaves the node's other partitions alone when one has to wait here.
        if (idempotence != nullptr && !idempotence->may_drain(first))
            break;
        queue->pop_front();
        if (idempotence != nullptr && !first.state())
            idempotence->assign(first, batches_);
        size += static_cast<std::int64_t>(first.bytes().size());
        taken.push_back(first.id());
    }
    return taken;
}

std::vector<BatchId> RecordAccumulator::take_expired(SimTime now) {
    std::vector<BatchId> expired;
    for (auto& [name, topic] : topics_) {
        for (auto& [index, queue] : topic.queues) {
            while (!queue.empty() && batches_.at(queue.front()).timed_out(now, delivery_timeout_)) {
                expired.push_back(queue.front());
                queue.pop_front();
            }
        }
    }
    return expired;
}

std::optional<SimTime> RecordAccumulator::next_expiry() const {
    std::optional<SimTime> next;
    for (const auto& [name, topic] : topics_) {
        for (const auto& [index, queue] : topic.queues) {
            if (queue.empty())
                continue;
            const SimTime at = batches_.at(queue.front()).created() + delivery_timeout_;
            next = next ? std::min(*next, at) : at;
        }
    }
    return next;
}

void RecordAccumulator::reenqueue(SimTime now,
                                  BatchId id,
                                  Idempotence* idempotence,
                                  DrawSequence& draws) {
    ProducerBatch& again = batches_.at(id);
    again.reenqueued(now, retry_backoff_.after(again.attempts(), draws.next()));
    Queue& queue = queue_for(again.partition());
    if (idempotence != nullptr) {
        BSIM_CHECK(idempotence->has_in_flight(again.partition()));
        insert_in_sequence(queue, again);
    } else {
        queue.push_front(id);
    }
}

void RecordAccumulator::insert_in_sequence(Queue& queue, const ProducerBatch& batch) {
    BSIM_CHECK(batch.state().has_value());
    const auto place = std::find_if(queue.begin(), queue.end(), [&](BatchId other) {
        const auto& state = batches_.at(other).state();
        return !state || state->base_sequence >= batch.state()->base_sequence;
    });
    queue.insert(place, batch.id());
}

void RecordAccumulator::split_and_reenqueue(BatchId id, Idempotence* idempotence) {
    const ProducerBatch& big = batches_.at(id);
    std::vector<BatchId> parts;
    const auto begin_part = [&](const PendingRecord& record) -> ProducerBatch& {
        const BatchId part(next_batch_++);
        const std::int32_t capacity = std::max(batch_size_, single_record_bound(record));
        parts.push_back(part);
        return batches_
            .emplace(part, ProducerBatch({part, big.partition(), capacity, big.created(), true}))
            .first->second;
    };
    for (const PendingRecord& record : big.records()) {
        if (!parts.empty() && batches_.at(parts.back()).try_append(big.created(), record))
            continue;
        BSIM_CHECK(begin_part(record).try_append(big.created(), record));
    }
    std::optional<ProducerState> state = big.state();
    for (const BatchId part : parts) {
        ProducerBatch& made = batches_.at(part);
        made.close_for_appends();
        if (big.may_be_applied())
            made.note_may_be_applied();
        if (!state)
            continue;
        made.set_state(*state);
        state->base_sequence = wire::increment_sequence(state->base_sequence, made.record_count());
    }
    Queue& queue = queue_for(big.partition());
    for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
        if (idempotence != nullptr) {
            idempotence->track(batches_.at(*part));
            insert_in_sequence(queue, batches_.at(*part));
        } else {
            queue.push_front(*part);
        }
    }
}

void RecordAccumulator::remove_from_queue(BatchId id) {
    Queue* queue = queue_of(batches_.at(id).partition());
    if (queue != nullptr)
        std::erase(*queue, id);
}

}  // namespace bsim::client
