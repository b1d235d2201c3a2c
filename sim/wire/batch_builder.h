#pragma once
// Makes record batches v2, uncompressed, byte for byte as Kafka's MemoryRecordsBuilder.
// The first record's timestamp is the base timestamp; the largest is the max timestamp.
// Source: org.apache.kafka.common.record.MemoryRecordsBuilder.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "sim/base/bytes.h"
#include "sim/wire/record.h"
#include "sim/wire/record_batch.h"

namespace bsim::wire {

struct BatchOptions {
    std::int64_t base_offset = 0;  // a producer leaves 0, the leader stamps
    std::int32_t leader_epoch = kNoLeaderEpoch;
    std::int64_t producer_id = kNoProducerId;
    std::int16_t producer_epoch = kNoProducerEpoch;
    std::int32_t base_sequence = kNoSequence;
    bool transactional = false;
    bool control = false;
    // Set: timestamp type LogAppendTime, and this is the max timestamp.
    std::optional<std::int64_t> log_append_time_ms{};
    // Set: attribute bit 6, and this stands in the place of the base timestamp.
    std::optional<std::int64_t> delete_horizon_ms{};
};

class BatchBuilder {
  public:
    explicit BatchBuilder(const BatchOptions& options);

    // Appends at the next offset.
    void append(std::int64_t timestamp_ms,
                std::optional<ByteView> key,
                std::optional<ByteView> value,
                std::span<const HeaderView> headers);
    void append(const RecordFields& fields);
    // Appends at an offset above all before it (compaction leaves gaps).
    void append_at(std::int64_t offset, const RecordFields& fields);

    // Bytes of the batch as it stands, 61 when empty. Kafka's estimatedSizeInBytes.
    std::size_t size() const { return kBatchOverhead + records_.size(); }
    // Bytes that append() of this would add. Kafka's hasRoomFor compares size() + this.
    std::size_t size_of_next(const RecordFields& fields) const;
    std::int32_t count() const { return header_.records_count; }
    bool empty() const { return header_.records_count == 0; }
    std::int64_t max_timestamp_ms() const { return header_.max_timestamp; }
    // The offset that append() gives.
    std::int64_t next_offset() const;

    // A producer learns these just before it sends the batch.
    struct ProducerState {
        std::int64_t producer_id = kNoProducerId;
        std::int16_t producer_epoch = kNoProducerEpoch;
        std::int32_t base_sequence = kNoSequence;
        bool transactional = false;
    };
    void set_producer_state(const ProducerState& state);

    // The sealed batch; no bytes at all if there is no record, as in Kafka. The builder stays as it
    // was.
    std::vector<std::uint8_t> build() const;

  private:
    BatchOptions options_;
    BatchHeader header_;
    ByteWriter records_;
};

// What compaction leaves of a batch whose records are all gone but whose producer still needs its
// last sequence: the header with no records, no codec and no base timestamp; 61 bytes.
std::vector<std::uint8_t> empty_batch(const BatchHeader& of);

}  // namespace bsim::wire
