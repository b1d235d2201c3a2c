#pragma once
// Records of format v0 and v1, as brokers before 0.11 wrote them. Nothing here writes them: they
// are read because a log may hold them, and because one damaged byte makes a v2 batch look like
// one. In a log, i64 offset and i32 size come before each:
//
//    0 u32 CRC-32 of bytes [4, end)
//    4 i8  magic, 0 or 1
//    5 i8  attributes: bits 0-2 codec, 3 log append time (v1)
//    6 i64 timestamp in ms, v1 only
//    . i32 key size, -1 null; key
//    . i32 value size, -1 null; value
//
// A compressed set is the value of a wrapper record, which carries the offset of the last one
// inside; in v1 the offsets inside count from 0.
// Source: LegacyRecord, AbstractLegacyRecordBatch; KIP-31, KIP-32.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "sim/base/bytes.h"
#include "sim/base/result.h"
#include "sim/wire/record_batch.h"

namespace bsim::wire {

inline constexpr std::int8_t kMagicV0 = 0;
inline constexpr std::int8_t kMagicV1 = 1;
inline constexpr std::size_t kLegacyRecordMin = 14;  // a v0 record with null key and null value

// One record, without the offset and size before it. Sizes are read as they stand, and what lies
// outside the bytes is nullopt. Any other magic is read as 1.
class LegacyRecord {
  public:
    // Requires at least kLegacyRecordMin bytes.
    explicit LegacyRecord(SharedBytes bytes) : bytes_(std::move(bytes)) {}

    std::int8_t magic() const { return static_cast<std::int8_t>(view()[4]); }
    std::uint32_t crc() const { return load_be<std::uint32_t>(view().data()); }
    bool is_valid() const;
    std::uint8_t codec_id() const { return view()[5] & 0x07U; }
    // nullopt for v0, which has none.
    std::optional<TimestampType> timestamp_type() const;
    std::int64_t timestamp_ms() const;  // kNoTimestamp for v0

    std::optional<std::int32_t> key_size() const;
    std::optional<std::int32_t> value_size() const;
    // What there is behind the value's size; requires that one.
    std::size_t bytes_behind_value_size() const;
    // The bytes behind a size that is not negative.
    std::optional<ByteView> key() const;
    std::optional<ByteView> value() const;

    // A record inside a set with log append time has the time of its wrapper.
    void override_timestamp(std::int64_t timestamp_ms) { timestamp_override_ = timestamp_ms; }

  private:
    ByteView view() const { return bytes_.view(); }
    std::size_t key_size_at() const { return magic() == kMagicV0 ? 6 : 14; }
    std::optional<std::int64_t> value_size_at() const;
    std::optional<std::int32_t> take_i32(std::int64_t at) const;
    std::optional<ByteView> take_sized(std::int64_t size_at) const;

    SharedBytes bytes_;
    std::optional<std::int64_t> timestamp_override_;
};

struct LegacyEntry {
    std::int64_t offset = 0;
    LegacyRecord record;
};

// The records of the set that `wrapper` holds, which must be compressed. That none of them may be
// compressed itself is left to the caller, since Kafka finds it out only when it comes to that one.
// Errors: UnknownCodec, BadCompression, BadRecord.
Result<std::vector<LegacyEntry>, BatchError> legacy_set(const LegacyEntry& wrapper);

}  // namespace bsim::wire
