#include "sim/wire/batch_builder.h"

#include <algorithm>

namespace bsim::wire {
namespace {

constexpr int kLogAppendTimeBit = 0x08;
constexpr int kTransactionalBit = 0x10;
constexpr int kControlBit = 0x20;
constexpr int kDeleteHorizonBit = 0x40;

std::int16_t attributes_of(const BatchOptions& options) {
    int bits = 0;
    if (options.log_append_time_ms)
        bits |= kLogAppendTimeBit;
    if (options.transactional)
        bits |= kTransactionalBit;
    if (options.control)
        bits |= kControlBit;
    if (options.delete_horizon_ms)
        bits |= kDeleteHorizonBit;
    return static_cast<std::int16_t>(bits);
}

std::int32_t offset_delta(std::int64_t base, std::int64_t offset) {
    BSIM_CHECK(offset >= base && offset - base <= INT32_MAX);
    return static_cast<std::int32_t>(offset - base);
}

}  // namespace

BatchBuilder::BatchBuilder(const BatchOptions& options) : options_(options) {
    header_.base_offset = options.base_offset;
    header_.partition_leader_epoch = options.leader_epoch;
    if (options.delete_horizon_ms)
        header_.base_timestamp = *options.delete_horizon_ms;
    set_producer_state({options.producer_id, options.producer_epoch, options.base_sequence,
                        options.transactional});
}

void BatchBuilder::set_producer_state(const ProducerState& state) {
    options_.transactional = state.transactional;
    header_.producer_id = state.producer_id;
    header_.producer_epoch = state.producer_epoch;
    header_.base_sequence = state.base_sequence;
    header_.attributes = attributes_of(options_);
}

std::int64_t BatchBuilder::next_offset() const {
    return empty() ? header_.base_offset : header_.next_offset();
}

std::size_t BatchBuilder::size_of_next(const RecordFields& fields) const {
    const bool first = empty() && !options_.delete_horizon_ms;
    return record_size({offset_delta(header_.base_offset, next_offset()),
                        first ? 0 : fields.timestamp_ms - header_.base_timestamp},
                       fields);
}

void BatchBuilder::append(std::int64_t timestamp_ms,
                          std::optional<ByteView> key,
                          std::optional<ByteView> value,
                          std::span<const HeaderView> headers) {
    append_at(next_offset(), RecordFields{timestamp_ms, key, value, headers});
}

void BatchBuilder::append(const RecordFields& fields) {
    append_at(next_offset(), fields);
}

void BatchBuilder::append_at(std::int64_t offset, const RecordFields& fields) {
    BSIM_CHECK(offset >= next_offset());
    if (empty() && !options_.delete_horizon_ms)
        header_.base_timestamp = fields.timestamp_ms;
    header_.last_offset_delta = offset_delta(header_.base_offset, offset);
    const std::int64_t since_base = fields.timestamp_ms - header_.base_timestamp;
    put_record(records_, {header_.last_offset_delta, since_base}, fields);
    header_.max_timestamp = std::max(header_.max_timestamp, fields.timestamp_ms);
    ++header_.records_count;
}

std::vector<std::uint8_t> BatchBuilder::build() const {
    if (empty())
        return {};
    BatchHeader header = header_;
    if (options_.log_append_time_ms)
        header.max_timestamp = *options_.log_append_time_ms;
    std::vector<std::uint8_t> batch(kBatchOverhead);
    batch.reserve(size());
    const ByteView records = records_.view();
    batch.insert(batch.end(), records.begin(), records.end());
    seal_batch(header, batch);
    return batch;
}

std::vector<std::uint8_t> empty_batch(const BatchHeader& of) {
    BatchHeader header = of;
    // Kafka's writeEmptyHeader: no codec, no delete horizon, no base timestamp.
    const int kept = of.attributes & (kLogAppendTimeBit | kTransactionalBit | kControlBit);
    header.attributes = static_cast<std::int16_t>(kept);
    header.base_timestamp = kNoTimestamp;
    header.records_count = 0;
    std::vector<std::uint8_t> batch(kBatchOverhead);
    seal_batch(header, batch);
    return batch;
}

}  // namespace bsim::wire
