#include "sim/wire/record_batch.h"

#include "sim/base/crc32c.h"

namespace bsim::wire {
namespace {

constexpr std::size_t kBaseOffsetAt = 0;
constexpr std::size_t kLengthAt = 8;
constexpr std::size_t kLeaderEpochAt = 12;
constexpr std::size_t kMagicAt = 16;
constexpr std::size_t kCrcAt = 17;
constexpr std::size_t kAttributesAt = 21;
constexpr std::size_t kLastOffsetDeltaAt = 23;
constexpr std::size_t kBaseTimestampAt = 27;
constexpr std::size_t kMaxTimestampAt = 35;
constexpr std::size_t kProducerIdAt = 43;
constexpr std::size_t kProducerEpochAt = 51;
constexpr std::size_t kBaseSequenceAt = 53;
constexpr std::size_t kRecordsCountAt = 57;
// Below this even a batch of format v0 is corrupt; Kafka checks it before it knows the format.
constexpr std::int32_t kSmallestLegacyRecord = 14;
constexpr std::int16_t kTimestampTypeBit = 0x08;

// Of at least kBatchOverhead bytes. Field by field at its place: every append, fetch and recovery
// reads headers, and a reader that watches for the end at each field takes five times as long.
BatchHeader load_header(ByteView bytes) {
    const std::uint8_t* const at = bytes.data();
    BatchHeader header;
    header.base_offset = load_be<std::int64_t>(at + kBaseOffsetAt);
    header.batch_length = load_be<std::int32_t>(at + kLengthAt);
    header.partition_leader_epoch = load_be<std::int32_t>(at + kLeaderEpochAt);
    header.magic = load_be<std::int8_t>(at + kMagicAt);
    header.crc = load_be<std::uint32_t>(at + kCrcAt);
    header.attributes = load_be<std::int16_t>(at + kAttributesAt);
    header.last_offset_delta = load_be<std::int32_t>(at + kLastOffsetDeltaAt);
    header.base_timestamp = load_be<std::int64_t>(at + kBaseTimestampAt);
    header.max_timestamp = load_be<std::int64_t>(at + kMaxTimestampAt);
    header.producer_id = load_be<std::int64_t>(at + kProducerIdAt);
    header.producer_epoch = load_be<std::int16_t>(at + kProducerEpochAt);
    header.base_sequence = load_be<std::int32_t>(at + kBaseSequenceAt);
    header.records_count = load_be<std::int32_t>(at + kRecordsCountAt);
    return header;
}

std::uint32_t computed_crc(ByteView batch) {
    return crc32c(batch.subspan(kAttributesAt));
}

}  // namespace

std::string_view describe(BatchError error) {
    switch (error) {
        case BatchError::Truncated:
            return "the batch is cut short";
        case BatchError::BadLength:
            return "the batch length is smaller than a batch can be";
        case BatchError::UnsupportedMagic:
            return "the magic is not 2";
        case BatchError::UnknownCodec:
            return "the compression codec is unknown";
        case BatchError::BadCrc:
            return "the checksum does not match";
        case BatchError::BadCompression:
            return "the compressed records cannot be decompressed";
        case BatchError::BadRecord:
            return "a record does not fit its lengths";
    }
    return "";
}

std::int32_t BatchHeader::last_sequence() const {
    if (base_sequence == kNoSequence)
        return kNoSequence;
    return increment_sequence(base_sequence, last_offset_delta);
}

std::int32_t increment_sequence(std::int32_t sequence, std::int32_t increment) {
    constexpr auto kMax = static_cast<std::uint32_t>(INT32_MAX);
    const auto from = static_cast<std::uint32_t>(sequence);
    const auto by = static_cast<std::uint32_t>(increment);
    // Whether the sum passes the end is itself asked in 32 bits, which overflow below zero.
    if (sequence > static_cast<std::int32_t>(kMax - by))
        return static_cast<std::int32_t>(by - (kMax - from) - 1U);
    return static_cast<std::int32_t>(from + by);
}

std::optional<BatchHeader> read_batch_header_fields(ByteView bytes) {
    if (bytes.size() < kBatchOverhead)
        return std::nullopt;
    return load_header(bytes);
}

Result<BatchHeader, BatchError> parse_batch_header(ByteView bytes) {
    if (bytes.size() < kLogOverhead)
        return Err{BatchError::Truncated};
    const auto length = load_be<std::int32_t>(bytes.data() + kLengthAt);
    if (length < kSmallestLegacyRecord)
        return Err{BatchError::BadLength};
    if (bytes.size() <= kMagicAt)
        return Err{BatchError::Truncated};
    if (load_be<std::int8_t>(bytes.data() + kMagicAt) != kMagicV2)
        return Err{BatchError::UnsupportedMagic};
    if (kLogOverhead + static_cast<std::size_t>(length) < kBatchOverhead)
        return Err{BatchError::BadLength};
    if (bytes.size() < kBatchOverhead)
        return Err{BatchError::Truncated};
    const BatchHeader header = load_header(bytes);
    if (header.codec() > Codec::Zstd)
        return Err{BatchError::UnknownCodec};
    return header;
}

Result<BatchView, BatchError> parse_batch(ByteView bytes) {
    BSIM_TRY(const BatchHeader header, parse_batch_header(bytes));
    if (header.size_in_bytes() > bytes.size())
        return Err{BatchError::Truncated};
    return BatchView{header, bytes.first(header.size_in_bytes())};
}

bool crc_matches(ByteView batch) {
    return batch.size() >= kBatchOverhead &&
           load_be<std::uint32_t>(batch.data() + kCrcAt) == computed_crc(batch);
}

Result<BatchView, BatchError> parse_valid_batch(ByteView bytes) {
    BSIM_TRY(const BatchView batch, parse_batch(bytes));
    if (!crc_matches(batch.bytes))
        return Err{BatchError::BadCrc};
    return batch;
}

bool BatchReader::next(BatchView& out) {
    if (error_ || at_end())
        return false;
    const auto batch = parse_batch(buffer_.subspan(position_));
    if (!batch) {
        if (batch.error() != BatchError::Truncated)
            error_ = batch.error();
        return false;
    }
    out = *batch;
    position_ += out.bytes.size();
    return true;
}

void seal_batch(const BatchHeader& header, std::span<std::uint8_t> batch) {
    BSIM_CHECK(batch.size() >= kBatchOverhead && batch.size() - kLogOverhead <= INT32_MAX);
    std::uint8_t* const at = batch.data();
    store_be(at + kBaseOffsetAt, header.base_offset);
    store_be(at + kLengthAt, static_cast<std::int32_t>(batch.size() - kLogOverhead));
    store_be(at + kLeaderEpochAt, header.partition_leader_epoch);
    store_be(at + kMagicAt, header.magic);
    store_be(at + kAttributesAt, header.attributes);
    store_be(at + kLastOffsetDeltaAt, header.last_offset_delta);
    store_be(at + kBaseTimestampAt, header.base_timestamp);
    store_be(at + kMaxTimestampAt, header.max_timestamp);
    store_be(at + kProducerIdAt, header.producer_id);
    store_be(at + kProducerEpochAt, header.producer_epoch);
    store_be(at + kBaseSequenceAt, header.base_sequence);
    store_be(at + kRecordsCountAt, header.records_count);
    store_be(at + kCrcAt, computed_crc(batch));
}

void stamp(std::span<std::uint8_t> batch, const BatchStamp& what) {
    BSIM_CHECK(batch.size() >= kBatchOverhead);
    store_be(batch.data() + kBaseOffsetAt, what.base_offset);
    store_be(batch.data() + kLeaderEpochAt, what.leader_epoch);
}

std::uint32_t set_max_timestamp(std::span<std::uint8_t, kBatchOverhead> header,
                                ByteView records,
                                TimestampType type,
                                std::int64_t timestamp) {
    const auto before = load_be<std::int16_t>(header.data() + kAttributesAt);
    const int cleared = before & ~kTimestampTypeBit;
    const auto after = static_cast<std::int16_t>(
        type == TimestampType::LogAppendTime ? cleared | kTimestampTypeBit : cleared);
    const bool same_time = load_be<std::int64_t>(header.data() + kMaxTimestampAt) == timestamp;
    if (before == after && same_time)
        return load_be<std::uint32_t>(header.data() + kCrcAt);
    store_be(header.data() + kAttributesAt, after);
    store_be(header.data() + kMaxTimestampAt, timestamp);
    const std::uint32_t crc =
        crc32c_extend(crc32c(ByteView(header).subspan(kAttributesAt)), records);
    store_be(header.data() + kCrcAt, crc);
    return crc;
}

}  // namespace bsim::wire
