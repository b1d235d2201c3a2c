#include "sim/wire/legacy_record.h"

#include <algorithm>
#include <zlib.h>

#include "sim/wire/compression.h"

namespace bsim::wire {
namespace {

constexpr std::size_t kCrcEnd = 4;
constexpr std::size_t kAttributesAt = 5;
constexpr std::size_t kTimestampAt = 6;
constexpr std::uint8_t kLogAppendTimeBit = 0x08;

// Takes the next entry of a set; nullopt at its end, where a cut entry counts as none.
Result<std::optional<LegacyEntry>, BatchError> take_entry(ByteReader& in, const SharedBytes& set) {
    const std::int64_t offset = in.take_i64();
    const std::int32_t size = in.take_i32();
    if (in.failed())
        return std::optional<LegacyEntry>();
    if (size < static_cast<std::int32_t>(kLegacyRecordMin))
        return Err{BatchError::BadLength};
    const std::size_t at = in.position();
    in.take_bytes(static_cast<std::size_t>(size));
    if (in.failed())
        return std::optional<LegacyEntry>();
    return std::optional(
        LegacyEntry{offset, LegacyRecord(set.slice(at, static_cast<std::size_t>(size)))});
}

}  // namespace

bool LegacyRecord::is_valid() const {
    const ByteView body = view().subspan(kCrcEnd);
    return crc() == ::crc32_z(0, body.data(), body.size());
}

std::optional<TimestampType> LegacyRecord::timestamp_type() const {
    if (magic() == kMagicV0)
        return std::nullopt;
    return (view()[kAttributesAt] & kLogAppendTimeBit) != 0 ? TimestampType::LogAppendTime
                                                            : TimestampType::CreateTime;
}

std::int64_t LegacyRecord::timestamp_ms() const {
    if (magic() == kMagicV0)
        return kNoTimestamp;
    return timestamp_override_.value_or(load_be<std::int64_t>(view().data() + kTimestampAt));
}

std::optional<std::int32_t> LegacyRecord::take_i32(std::int64_t at) const {
    const auto size = static_cast<std::int64_t>(view().size());
    if (at > size - static_cast<std::int64_t>(sizeof(std::int32_t)))
        return std::nullopt;
    return load_be<std::int32_t>(view().data() + at);
}

std::optional<std::int32_t> LegacyRecord::key_size() const {
    return take_i32(static_cast<std::int64_t>(key_size_at()));
}

std::optional<std::int64_t> LegacyRecord::value_size_at() const {
    const auto size = key_size();
    if (!size)
        return std::nullopt;
    return static_cast<std::int64_t>(key_size_at() + sizeof(std::int32_t)) +
           std::max(*size, std::int32_t{0});
}

std::optional<std::int32_t> LegacyRecord::value_size() const {
    const auto at = value_size_at();
    return at ? take_i32(*at) : std::nullopt;
}

std::size_t LegacyRecord::bytes_behind_value_size() const {
    BSIM_CHECK(value_size().has_value());
    return view().size() - static_cast<std::size_t>(*value_size_at()) - sizeof(std::int32_t);
}

std::optional<ByteView> LegacyRecord::take_sized(std::int64_t size_at) const {
    const auto size = take_i32(size_at);
    if (!size || *size < 0)
        return std::nullopt;
    const ByteView rest = view().subspan(static_cast<std::size_t>(size_at) + sizeof(std::int32_t));
    if (static_cast<std::size_t>(*size) > rest.size())
        return std::nullopt;
    return rest.first(static_cast<std::size_t>(*size));
}

std::optional<ByteView> LegacyRecord::key() const {
    return take_sized(static_cast<std::int64_t>(key_size_at()));
}

std::optional<ByteView> LegacyRecord::value() const {
    const auto at = value_size_at();
    return at ? take_sized(*at) : std::nullopt;
}

Result<std::vector<LegacyEntry>, BatchError> legacy_set(const LegacyEntry& wrapper) {
    const LegacyRecord& outer = wrapper.record;
    // Zstd came after these formats.
    if (outer.codec_id() >= static_cast<std::uint8_t>(Codec::Zstd))
        return Err{BatchError::UnknownCodec};
    const auto compressed = outer.value();
    if (!compressed)
        return Err{BatchError::BadRecord};
    DecompressOptions options;
    options.ignore_lz4_header_checksum = outer.magic() == kMagicV0;
    auto plain = decompress(Codec{outer.codec_id()}, *compressed, options);
    if (!plain)
        return Err{BatchError::BadCompression};

    const SharedBytes set(std::move(*plain));
    std::vector<LegacyEntry> entries;
    ByteReader in(set.view());
    while (true) {
        BSIM_TRY(auto entry, take_entry(in, set));
        if (!entry)
            break;
        if (entry->record.magic() == kMagicV1 &&
            outer.timestamp_type() == TimestampType::LogAppendTime) {
            entry->record.override_timestamp(outer.timestamp_ms());
        }
        entries.push_back(std::move(*entry));
    }
    if (entries.empty())
        return Err{BatchError::BadRecord};

    // Some clients left 0 in the wrapper: its offsets are then taken as they are.
    if (outer.magic() == kMagicV1 && wrapper.offset != 0) {
        const std::int64_t last = entries.back().offset;
        if (wrapper.offset < last)
            return Err{BatchError::BadRecord};
        const std::int64_t base = wrapping_add(wrapper.offset, wrapping_add(~last, 1));
        for (LegacyEntry& entry : entries)
            entry.offset = wrapping_add(base, entry.offset);
    }
    return entries;
}

}  // namespace bsim::wire
