#include "sim/protocol/client/producer_batch.h"

#include <algorithm>
#include <utility>

#include "sim/base/check.h"
#include "sim/wire/batch_builder.h"
#include "sim/wire/record.h"

namespace bsim::client {

namespace {

std::optional<ByteView> view(const std::optional<SharedBytes>& bytes) {
    return bytes ? std::optional(bytes->view()) : std::nullopt;
}

wire::RecordFields fields(const PendingRecord& record) {
    return {record.timestamp.value(), view(record.key), view(record.value), {}};
}

}  // namespace

std::int32_t single_record_bound(const PendingRecord& record) {
    return static_cast<std::int32_t>(wire::kBatchOverhead +
                                     wire::record_size_upper_bound(fields(record)));
}

ProducerBatch::ProducerBatch(Origin origin)
    : origin_(std::move(origin)),
      size_(static_cast<std::int32_t>(wire::kBatchOverhead)),
      last_attempt_(origin_.created),
      last_append_(origin_.created) {}

bool ProducerBatch::try_append(SimTime now, const PendingRecord& record) {
    if (is_full())
        return false;
    wire::RecordDelta delta;
    if (!records_.empty()) {
        delta.offset = record_count();
        delta.timestamp_ms = record.timestamp.value() - records_.front().timestamp.value();
    }
    const auto added = static_cast<std::int32_t>(wire::record_size(delta, fields(record)));
    if (!records_.empty() && size_ + added > origin_.capacity)
        return false;
    records_.push_back(record);
    size_ += added;
    last_append_ = now;
    return true;
}

std::vector<RecordId> ProducerBatch::record_ids() const {
    std::vector<RecordId> ids;
    ids.reserve(records_.size());
    for (const PendingRecord& record : records_)
        ids.push_back(record.id);
    return ids;
}

const SharedBytes& ProducerBatch::bytes() {
    closed_ = true;
    sequence_reset_ = false;
    if (bytes_)
        return *bytes_;
    wire::BatchOptions options;
    if (state_) {
        options.producer_id = state_->identity.id.value();
        options.producer_epoch = state_->identity.epoch.value();
        options.base_sequence = state_->base_sequence;
    }
    wire::BatchBuilder builder(options);
    for (const PendingRecord& record : records_)
        builder.append(fields(record));
    bytes_ = SharedBytes(builder.build());
    BSIM_CHECK(bytes_->size() == static_cast<std::size_t>(size_));
    return *bytes_;
}

std::int32_t ProducerBatch::last_sequence() const {
    BSIM_CHECK(state_.has_value());
    return wire::increment_sequence(state_->base_sequence, record_count() - 1);
}

void ProducerBatch::set_state(const ProducerState& state) {
    BSIM_CHECK(!state_);
    state_ = state;
    bytes_.reset();
}

void ProducerBatch::reset_state(const ProducerState& state) {
    BSIM_CHECK(state_.has_value());
    state_ = state;
    bytes_.reset();
    sequence_reset_ = true;
}

void ProducerBatch::reenqueued(SimTime now, SimDuration backoff) {
    ++attempts_;
    last_attempt_ = std::max(last_append_, now);
    last_append_ = last_attempt_;
    retry_backoff_ = backoff;
}

SimDuration ProducerBatch::waited(SimTime now) const {
    return std::max(now - last_attempt_, SimDuration{});
}

void ProducerBatch::note_leader_epoch(std::optional<LeaderEpoch> known) {
    if (!known || (leader_epoch_ && *leader_epoch_ >= *known))
        return;
    leader_epoch_ = known;
    attempts_at_leader_change_ = attempts_;
}

bool ProducerBatch::backing_off(SimTime now) const {
    if (attempts_ == 0 || waited(now) >= retry_backoff_)
        return false;
    return attempts_ != attempts_at_leader_change_;
}

}  // namespace bsim::client
