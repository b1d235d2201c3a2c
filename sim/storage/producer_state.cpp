#include "sim/storage/producer_state.h"

#include <algorithm>
#include <fmt/format.h>
#include <limits>

#include "sim/wire/control_record.h"
#include "sim/wire/record_reader.h"

namespace bsim {
namespace {

constexpr std::int32_t kMaxSequence = std::numeric_limits<std::int32_t>::max();

bool in_sequence(std::int32_t last, std::int32_t next) {
    return next == std::int64_t{last} + 1 || (next == 0 && last == kMaxSequence);
}

}  // namespace

std::int32_t ProducerBatch::first_sequence() const {
    // Counting back from 0 goes to the largest sequence. A damaged snapshot may hold any delta.
    std::int64_t first = std::int64_t{last_sequence} - offset_delta;
    if (first < 0)
        first += std::int64_t{kMaxSequence} + 1;
    return static_cast<std::int32_t>(first);
}

void ProducerEntry::set_epoch(std::int16_t new_epoch) {
    if (epoch == new_epoch)
        return;
    epoch = new_epoch;
    count_ = 0;
}

void ProducerEntry::add_batch(std::int16_t batch_epoch, const ProducerBatch& batch) {
    set_epoch(batch_epoch);
    if (count_ == kBatchesKept) {
        std::move(batches_.begin() + 1, batches_.end(), batches_.begin());
        --count_;
    }
    batches_[count_++] = batch;
    last_timestamp = batch.timestamp;
}

void ProducerEntry::merge(const ProducerEntry& update) {
    set_epoch(update.epoch);
    for (std::size_t i = 0; i < update.count_; ++i)
        add_batch(update.epoch, update.batches_[i]);
    coordinator_epoch = update.coordinator_epoch;
    txn_first_offset = update.txn_first_offset;
    last_timestamp = update.last_timestamp;
}

std::optional<ProducerBatch> ProducerEntry::find_duplicate(const wire::BatchHeader& batch) const {
    if (batch.producer_epoch != epoch)
        return {};
    for (std::size_t i = 0; i < count_; ++i) {
        if (batches_[i].first_sequence() == batch.base_sequence &&
            batches_[i].last_sequence == batch.last_sequence()) {
            return batches_[i];
        }
    }
    return {};
}

bool ProducerEntry::operator==(const ProducerEntry& other) const {
    return epoch == other.epoch && coordinator_epoch == other.coordinator_epoch &&
           last_timestamp == other.last_timestamp && txn_first_offset == other.txn_first_offset &&
           std::equal(batches_.begin(), batches_.begin() + count_, other.batches_.begin(),
                      other.batches_.begin() + other.count_);
}

std::optional<EndTxnMarker> read_end_txn_marker(ByteView batch) {
    const auto parsed = wire::parse_batch(batch);
    if (!parsed.ok())
        return {};
    wire::RecordReader reader(*parsed);
    wire::RecordView record;
    if (!reader.next(record) || !record.key || !record.value)
        return {};
    const auto type = wire::parse_control_key(*record.key);
    const auto coordinator_epoch = wire::parse_end_txn_marker(*record.value);
    if (!type || !coordinator_epoch)
        return {};
    if (*type != wire::ControlType::Commit && *type != wire::ControlType::Abort)
        return {};
    return EndTxnMarker{*type == wire::ControlType::Commit, *coordinator_epoch};
}

ProducerAppend::ProducerAppend(ProducerId producer,
                               const ProducerEntry& current,
                               AppendOrigin origin)
    : producer_(producer),
      origin_(origin),
      current_epoch_(current.epoch),
      current_last_sequence_(current.last_sequence()),
      updated_(current) {
    updated_.clear_batches();
}

std::optional<Refusal> ProducerAppend::check_epoch(std::int16_t epoch) const {
    // A follower takes what its leader took.
    if (epoch >= updated_.epoch || origin_ == AppendOrigin::Replication)
        return {};
    return Refusal{StorageErrorKind::InvalidProducerEpoch,
                   fmt::format("epoch {} of producer {} is below the last seen epoch {}", epoch,
                               producer_.value(), updated_.epoch)};
}

std::optional<Refusal> ProducerAppend::check_sequence(std::int16_t epoch,
                                                      std::int32_t first) const {
    const auto refuse = [&](std::int32_t expected_after) {
        return Refusal{
            StorageErrorKind::OutOfOrderSequence,
            fmt::format("sequence {} of producer {} (epoch {}) after sequence {} (epoch {})", first,
                        producer_.value(), epoch, expected_after, updated_.epoch)};
    };
    if (epoch != updated_.epoch) {
        if (first != 0 && updated_.epoch != ProducerEntry::kNoEpoch)
            return refuse(-1);
        return {};
    }
    std::int32_t last = -1;
    if (updated_.has_batches()) {
        last = updated_.last_sequence();
    } else if (epoch == current_epoch_) {
        last = current_last_sequence_;
    }
    // A producer that the log knows nothing of may start anywhere: its records may have expired.
    if (current_epoch_ == ProducerEntry::kNoEpoch || in_sequence(last, first))
        return {};
    return refuse(last);
}

Result<std::optional<CompletedTxn>, Refusal> ProducerAppend::append(const wire::BatchHeader& header,
                                                                    ByteView batch,
                                                                    Offset first_offset) {
    if (!header.is_control())
        return append_data(header, first_offset);
    const auto marker = read_end_txn_marker(batch);
    // An emptied control batch tells that the whole transaction was cleaned away.
    if (!marker)
        return std::optional<CompletedTxn>();
    return append_marker(header, *marker, first_offset);
}

Result<std::optional<CompletedTxn>, Refusal> ProducerAppend::append_data(
    const wire::BatchHeader& header, Offset first_offset) {
    if (auto refusal = check_epoch(header.producer_epoch))
        return Err{*refusal};
    if (origin_ == AppendOrigin::Client) {
        if (auto refusal = check_sequence(header.producer_epoch, header.base_sequence)) {
            return Err{*refusal};
        }
    }
    updated_.add_batch(header.producer_epoch,
                       {header.last_sequence(), first_offset + header.last_offset_delta,
                        header.last_offset_delta, WallMs(header.max_timestamp)});
    if (updated_.txn_first_offset && !header.is_transactional()) {
        return Err{Refusal{
            StorageErrorKind::InvalidTxnState,
            fmt::format("plain batch of producer {} inside its transaction", producer_.value())}};
    }
    if (!updated_.txn_first_offset && header.is_transactional()) {
        updated_.txn_first_offset = first_offset;
        started_.push_back({producer_, first_offset});
    }
    return std::optional<CompletedTxn>();
}

Result<std::optional<CompletedTxn>, Refusal> ProducerAppend::append_marker(
    const wire::BatchHeader& header, const EndTxnMarker& marker, Offset offset) {
    if (auto refusal = check_epoch(header.producer_epoch))
        return Err{*refusal};
    if (updated_.coordinator_epoch > marker.coordinator_epoch &&
        origin_ != AppendOrigin::Replication) {
        return Err{Refusal{StorageErrorKind::CoordinatorFenced,
                           fmt::format("coordinator epoch {} is below {}", marker.coordinator_epoch,
                                       updated_.coordinator_epoch)}};
    }
    std::optional<CompletedTxn> completed;
    if (updated_.txn_first_offset) {
        completed = CompletedTxn{producer_, *updated_.txn_first_offset, offset, !marker.commit};
    }
    updated_.set_epoch(header.producer_epoch);
    updated_.coordinator_epoch = marker.coordinator_epoch;
    updated_.txn_first_offset.reset();
    updated_.last_timestamp = WallMs(header.max_timestamp);
    return completed;
}

}  // namespace bsim
