#include "sim/protocol/client/idempotence.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "sim/base/check.h"
#include "sim/protocol/client/produce_errors.h"
#include "sim/wire/record_batch.h"

namespace bsim::client {

using wire::ErrorCode;

// --- Epochs ----------------------------------------------------------------------------------

void Idempotence::request_bump(const TopicPartition& tp) {
    bump_required_ = true;
    to_renumber_.insert(tp);
}

bool Idempotence::follows_last_acked(const TopicPartition& tp, std::int32_t sequence) const {
    const auto found = partitions_.find(tp);
    const bool acked = found != partitions_.end() && found->second.last_acked;
    const std::int32_t expected =
        acked ? wire::increment_sequence(*found->second.last_acked, 1) : 0;
    return sequence == expected;
}

void Idempotence::resolve_sequences() {
    for (auto entry = unresolved_.begin(); entry != unresolved_.end();) {
        const TopicPartition& tp = entry->first;
        if (has_in_flight(tp)) {
            ++entry;
            continue;
        }
        // If a later batch was acknowledged the lost one is in the log too; if not, it may be
        // missing there, and only a new epoch can number across the gap.
        if (!follows_last_acked(tp, partitions_[tp].next_sequence))
            request_bump(tp);
        entry = unresolved_.erase(entry);
    }
}

bool Idempotence::bump_if_needed(BatchStore& batches) {
    if (!bump_required_ || !identity_)
        return false;
    if (!fresh_identity_) {
        const std::int16_t epoch = identity_->epoch.value();
        if (epoch == std::numeric_limits<std::int16_t>::max()) {
            // DEVIATION: Kafka renumbers at once, under no identity at all; here the batches wait
            // for the new one.
            identity_.reset();
            fresh_identity_ = true;
            return true;
        }
        identity_->epoch = ProducerEpoch(static_cast<std::int16_t>(epoch + 1));
    }
    fresh_identity_ = false;
    bump_required_ = false;
    for (const TopicPartition& tp : to_renumber_) {
        start_at_beginning(partitions_[tp], batches);
        unresolved_.erase(tp);
    }
    to_renumber_.clear();
    return true;
}

void Idempotence::start_at_beginning(Partition& partition, BatchStore& batches) {
    std::map<ProducerState, BatchId> renumbered;
    std::int32_t sequence = 0;
    for (const auto& [state, id] : partition.in_flight) {
        ProducerBatch& batch = batches.at(id);
        batch.reset_state({*identity_, sequence});
        renumbered.emplace(*batch.state(), id);
        sequence = wire::increment_sequence(sequence, batch.record_count());
    }
    partition.in_flight = std::move(renumbered);
    partition.identity = identity_;
    partition.next_sequence = sequence;
    partition.last_acked.reset();
}

// --- Sending ---------------------------------------------------------------------------------

bool Idempotence::may_drain(const ProducerBatch& first) const {
    if (fatal_ || !identity_)
        return false;
    const auto found = partitions_.find(first.partition());
    const bool in_flight = found != partitions_.end() && !found->second.in_flight.empty();
    if (!first.state()) {
        // A batch of the new epoch must not overtake those of the old one.
        const bool stale = found == partitions_.end() || found->second.identity != identity_;
        return !(in_flight && stale) && !is_unresolved(first.partition());
    }
    // A batch that is sent again waits until it is the next in line.
    return !in_flight ||
           found->second.in_flight.begin()->first.base_sequence == first.state()->base_sequence;
}

void Idempotence::assign(ProducerBatch& batch, BatchStore& batches) {
    BSIM_CHECK(identity_.has_value());
    Partition& partition = partitions_[batch.partition()];
    if (partition.identity != identity_ && partition.in_flight.empty()) {
        start_at_beginning(partition, batches);
    }
    batch.set_state({*identity_, partition.next_sequence});
    partition.next_sequence =
        wire::increment_sequence(partition.next_sequence, batch.record_count());
    track(batch);
}

void Idempotence::track(const ProducerBatch& batch) {
    partitions_[batch.partition()].in_flight.emplace(*batch.state(), batch.id());
}

void Idempotence::untrack(const ProducerBatch& batch) {
    const auto found = partitions_.find(batch.partition());
    if (found == partitions_.end() || !batch.state())
        return;
    const auto tracked = found->second.in_flight.find(*batch.state());
    if (tracked != found->second.in_flight.end())
        found->second.in_flight.erase(tracked);
}

bool Idempotence::has_in_flight(const TopicPartition& tp) const {
    const auto found = partitions_.find(tp);
    return found != partitions_.end() && !found->second.in_flight.empty();
}

std::optional<std::int32_t> Idempotence::next_sequence(const TopicPartition& tp) const {
    const auto found = partitions_.find(tp);
    if (found == partitions_.end())
        return std::nullopt;
    return found->second.next_sequence;
}

// --- Answers ---------------------------------------------------------------------------------

bool Idempotence::can_retry(const Answer& answer, const ProducerBatch& batch) {
    if (answer.error == ErrorCode::UnknownProducerId)
        return retry_unknown_producer(answer, batch);
    if (answer.error == ErrorCode::OutOfOrderSequenceNumber)
        return retry_out_of_order(batch);
    return wire::is_retriable(answer.error);
}

bool Idempotence::retry_unknown_producer(const Answer& answer, const ProducerBatch& batch) {
    // Without a log start offset the broker had lost the partition by the time it answered; and
    // if the batch was renumbered meanwhile, the answer is about its old numbers.
    if (answer.log_start && !batch.sequence_was_reset())
        request_bump(batch.partition());
    return true;
}

bool Idempotence::retry_out_of_order(const ProducerBatch& batch) {
    const TopicPartition& tp = batch.partition();
    const auto unresolved = unresolved_.find(tp);
    const std::int32_t sequence = batch.state()->base_sequence;
    if (unresolved == unresolved_.end()) {
        // If it is not the next batch anyway, the one before it failed and will be sent again.
        if (!batch.sequence_was_reset() && follows_last_acked(tp, sequence))
            request_bump(tp);
    } else if (sequence == unresolved->second) {
        // The batch right after the lost one found a gap: the lost one is not in the log.
        request_bump(tp);
    }
    return true;
}

void Idempotence::completed(const ProducerBatch& batch, std::optional<Offset> base_offset) {
    const auto found = partitions_.find(batch.partition());
    if (found != partitions_.end()) {
        Partition& partition = found->second;
        const std::int32_t last = batch.last_sequence();
        if (!partition.last_acked || last > *partition.last_acked)
            partition.last_acked = last;
    }
    if (base_offset) {
        std::optional<Offset>& known = partitions_[batch.partition()].last_acked_offset;
        const Offset last = *base_offset + (batch.record_count() - 1);
        if (!known || last > *known)
            known = last;
    }
    untrack(batch);
}

void Idempotence::failed(const ProducerBatch& batch, ErrorCode error, bool adjust) {
    if (is_fatal_for_producer(error))
        fatal_ = error;
    untrack(batch);
    if (fatal_)
        return;
    if (error == ErrorCode::UnknownProducerId) {
        partitions_.erase(batch.partition());
        unresolved_.erase(batch.partition());
    } else if (error == ErrorCode::OutOfOrderSequenceNumber || adjust) {
        request_bump(batch.partition());
    }
}

void Idempotence::mark_unresolved(const ProducerBatch& batch) {
    const std::int32_t next = wire::increment_sequence(batch.last_sequence(), 1);
    const auto [entry, added] = unresolved_.try_emplace(batch.partition(), next);
    if (!added)
        entry->second = std::max(entry->second, next);
}

}  // namespace bsim::client
