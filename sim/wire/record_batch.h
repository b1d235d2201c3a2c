#pragma once
// Record batches of format v2, as bytes in a buffer: the header, the walk over the batches of a
// buffer, and what a broker may change in place. Records inside a batch: record_reader.h to read,
// batch_builder.h to make.
//
//   at  bytes field                    at  bytes field
//    0  8  base offset                 27  8  base timestamp (delete horizon if bit 6)
//    8  4  batch length, from here on  35  8  max timestamp
//   12  4  partition leader epoch      43  8  producer id, -1 none
//   16  1  magic, 2                    51  2  producer epoch, -1 none
//   17  4  CRC-32C of bytes [21, end)  53  4  base sequence, -1 none
//   21  2  attributes                  57  4  number of records
//   23  4  last offset delta           61     records, or one compressed stream of them
//
// Integers are big-endian; timestamps are milliseconds of a wall clock. Attributes: bits 0-2 codec,
// 3 log append time, 4 transactional, 5 control, 6 delete horizon set.
// Base offset and leader epoch lie outside the checksum, so a broker stamps them without touching
// the rest. Source: KIP-98; org.apache.kafka.common.record.DefaultRecordBatch.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "sim/base/bytes.h"
#include "sim/base/result.h"

namespace bsim::wire {

inline constexpr std::size_t kBatchOverhead = 61;  // a batch without its records
inline constexpr std::size_t kLogOverhead = 12;    // what the batch length does not count
inline constexpr std::int8_t kMagicV2 = 2;
inline constexpr std::int64_t kNoTimestamp = -1;
inline constexpr std::int64_t kNoProducerId = -1;
inline constexpr std::int16_t kNoProducerEpoch = -1;
inline constexpr std::int32_t kNoSequence = -1;
inline constexpr std::int32_t kNoLeaderEpoch = -1;

enum class Codec : std::uint8_t { None = 0, Gzip = 1, Snappy = 2, Lz4 = 3, Zstd = 4 };
enum class TimestampType : std::uint8_t { CreateTime = 0, LogAppendTime = 1 };

enum class BatchError : std::uint8_t {
    Truncated,         // the buffer ends before the batch does
    BadLength,         // a length below what a batch needs
    UnsupportedMagic,  // format v0, v1 or unknown
    UnknownCodec,      // attribute bits 5 to 7
    BadCrc,
    BadCompression,  // what claims to be compressed is not, or is unreasonably large
    BadRecord,       // a record that contradicts its own lengths, or not as many as announced
};
std::string_view describe(BatchError error);

// Two's complement addition, for numbers that come out of unchecked bytes.
constexpr std::int64_t wrapping_add(std::int64_t a, std::int64_t b) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

struct BatchHeader {
    std::int64_t base_offset = 0;
    std::int32_t batch_length = 0;
    std::int32_t partition_leader_epoch = kNoLeaderEpoch;
    std::int8_t magic = kMagicV2;
    std::uint32_t crc = 0;
    std::int16_t attributes = 0;
    std::int32_t last_offset_delta = 0;
    std::int64_t base_timestamp = kNoTimestamp;
    std::int64_t max_timestamp = kNoTimestamp;
    std::int64_t producer_id = kNoProducerId;
    std::int16_t producer_epoch = kNoProducerEpoch;
    std::int32_t base_sequence = kNoSequence;
    std::int32_t records_count = 0;

    bool operator==(const BatchHeader&) const = default;

    // Damaged headers may overflow here: the sums wrap, as Java's do.
    std::int64_t last_offset() const { return wrapping_add(base_offset, last_offset_delta); }
    std::int64_t next_offset() const { return wrapping_add(last_offset(), 1); }
    std::size_t size_in_bytes() const {
        return kLogOverhead + static_cast<std::size_t>(batch_length);
    }
    Codec codec() const { return static_cast<Codec>(attributes & 0x07); }
    TimestampType timestamp_type() const {
        return static_cast<TimestampType>((attributes & 0x08) != 0 ? 1 : 0);
    }
    bool is_transactional() const { return (attributes & 0x10) != 0; }
    bool is_control() const { return (attributes & 0x20) != 0; }
    bool has_producer_id() const { return producer_id > kNoProducerId; }
    std::optional<std::int64_t> delete_horizon_ms() const {
        return (attributes & 0x40) != 0 ? std::optional(base_timestamp) : std::nullopt;
    }
    // The sequence of the last record, kNoSequence if there is none.
    std::int32_t last_sequence() const;
};

// Sequences wrap: after 2147483647 comes 0. Negative increments, which only damage can bring, give
// what Java's arithmetic makes of them.
std::int32_t increment_sequence(std::int32_t sequence, std::int32_t increment);

// The fields of the first 61 bytes as they stand; nothing is checked. nullopt if there are fewer.
std::optional<BatchHeader> read_batch_header_fields(ByteView bytes);

// Reads the header at the start of the bytes; the rest of the batch need not be there.
// Errors: Truncated below 61 bytes, BadLength, UnsupportedMagic, UnknownCodec.
Result<BatchHeader, BatchError> parse_batch_header(ByteView bytes);

// A whole batch: its bytes are exactly size_in_bytes() long.
struct BatchView {
    BatchHeader header{};
    ByteView bytes{};
};

// The batch at the start of the bytes, whole. Does not check the CRC.
Result<BatchView, BatchError> parse_batch(ByteView bytes);

// Whether the stored checksum is that of the bytes; requires a whole batch.
bool crc_matches(ByteView batch);

// parse_batch and the checksum.
Result<BatchView, BatchError> parse_valid_batch(ByteView bytes);

// Walks the batches of a buffer, a log file or a fetch reply. A batch cut short at the end of the
// buffer ends the walk without an error, as a consumer or a log reader takes it.
class BatchReader {
  public:
    explicit BatchReader(ByteView buffer) : buffer_(buffer) {}

    // Fills `out` with the next whole batch; false at the end, at a cut batch, or after an error.
    bool next(BatchView& out);
    // Where the batch returned last ends, which is where next() goes on.
    std::size_t position() const { return position_; }
    std::optional<BatchError> error() const { return error_; }
    bool at_end() const { return position_ == buffer_.size(); }

  private:
    ByteView buffer_;
    std::size_t position_ = 0;
    std::optional<BatchError> error_;
};

// Writes the header's fields to the first 61 bytes, the length as the span's size, and then the
// checksum. Requires a span of at least 61 bytes. `header.batch_length` and `header.crc` are not
// read.
void seal_batch(const BatchHeader& header, std::span<std::uint8_t> batch);

// What a leader writes into a batch before the append; outside the checksum.
struct BatchStamp {
    std::int64_t base_offset = 0;
    std::int32_t leader_epoch = kNoLeaderEpoch;
};
void stamp(std::span<std::uint8_t> batch, const BatchStamp& what);

// Sets the timestamp type and the largest timestamp in a batch's header, its first kBatchOverhead
// bytes, and the checksum if either changed. Returns the checksum that it has then.
std::uint32_t set_max_timestamp(std::span<std::uint8_t, kBatchOverhead> header,
                                ByteView records,
                                TimestampType type,
                                std::int64_t timestamp);

}  // namespace bsim::wire
