// Records of format v0 and v1. Whole files of them, as the real tool shows them, are in
// tests/data/dump_log.

#include "sim/wire/legacy_record.h"

#include <zlib.h>

#include <gtest/gtest.h>

#include "tests/unit/wire/vectors.h"

namespace bsim::wire::testing {
namespace {

// A record with the checksum of its contents.
Buffer record(std::int8_t magic,
              std::uint8_t attributes,
              std::optional<std::string> key,
              ByteView value) {
    ByteWriter out;
    out.put_u32(0);
    out.put_i8(magic);
    out.put_int(attributes);
    if (magic == kMagicV1)
        out.put_i64(1600000000000);
    out.put_i32(key ? static_cast<std::int32_t>(key->size()) : -1);
    out.put_bytes(as_bytes(key.value_or("")));
    out.put_i32(static_cast<std::int32_t>(value.size()));
    out.put_bytes(value);
    Buffer bytes = out.take();
    const auto crc = static_cast<std::uint32_t>(::crc32_z(0, bytes.data() + 4, bytes.size() - 4));
    store_be(bytes.data(), crc);
    return bytes;
}

LegacyRecord parsed(Buffer bytes) {
    return LegacyRecord(SharedBytes(std::move(bytes)));
}

std::string text(const std::optional<ByteView>& bytes) {
    return bytes ? std::string(as_text(*bytes)) : "none";
}

TEST(LegacyRecord, V1HasATimestampAndV0HasNone) {
    const LegacyRecord old = parsed(record(kMagicV0, 0, "key", as_bytes("value")));
    EXPECT_EQ(old.timestamp_ms(), kNoTimestamp);
    EXPECT_EQ(old.timestamp_type(), std::nullopt);
    EXPECT_EQ(text(old.key()), "key");
    EXPECT_EQ(text(old.value()), "value");
    EXPECT_TRUE(old.is_valid());

    const LegacyRecord newer = parsed(record(kMagicV1, 0x08, std::nullopt, as_bytes("value")));
    EXPECT_EQ(newer.timestamp_ms(), 1600000000000);
    EXPECT_EQ(newer.timestamp_type(), TimestampType::LogAppendTime);
    EXPECT_EQ(newer.key_size(), -1);
    EXPECT_EQ(text(newer.key()), "none");
    EXPECT_EQ(text(newer.value()), "value");
}

TEST(LegacyRecord, EveryFlippedByteIsNoticedByTheChecksumAndSurvived) {
    for (const std::int8_t magic : {kMagicV0, kMagicV1}) {
        const Buffer good = record(magic, 0, "key", as_bytes("value"));
        for (std::size_t at = 0; at < good.size(); ++at) {
            Buffer bad = good;
            bad[at] ^= 0xff;
            const LegacyRecord damaged = parsed(bad);
            EXPECT_FALSE(damaged.is_valid()) << at;
            const auto value = damaged.value();
            EXPECT_TRUE(!value || value->size() <= good.size());
            if (damaged.value_size()) {
                EXPECT_LE(damaged.bytes_behind_value_size(), good.size());
            }
        }
        for (std::size_t cut = kLegacyRecordMin; cut < good.size(); ++cut)
            static_cast<void>(parsed(Buffer(good.data(), good.data() + cut)).value());
    }
}

// A stored stream is the simplest gzip: what zlib makes at level 0.
Buffer gzip(ByteView plain) {
    z_stream stream{};
    EXPECT_EQ(deflateInit2(&stream, 0, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    Buffer out(plain.size() + 100);
    stream.next_in = const_cast<Bytef*>(plain.data());
    stream.avail_in = static_cast<uInt>(plain.size());
    stream.next_out = out.data();
    stream.avail_out = static_cast<uInt>(out.size());
    EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
    out.resize(out.size() - stream.avail_out);
    deflateEnd(&stream);
    return out;
}

// Three records with these offsets, compressed into a wrapper.
LegacyEntry wrapper(std::int8_t magic, std::int64_t offset, std::vector<std::int64_t> inside) {
    ByteWriter set;
    for (const std::int64_t at : inside) {
        const Buffer bytes = record(magic, 0, "k", as_bytes("v"));
        set.put_i64(at);
        set.put_i32(static_cast<std::int32_t>(bytes.size()));
        set.put_bytes(bytes);
    }
    return {offset, parsed(record(magic, 1, std::nullopt, gzip(set.view())))};
}

std::vector<std::int64_t> offsets(const LegacyEntry& wrapper) {
    std::vector<std::int64_t> found;
    const auto set = legacy_set(wrapper);
    if (!set.ok())
        return {-1};
    for (const LegacyEntry& entry : *set)
        found.push_back(entry.offset);
    return found;
}

TEST(LegacySet, InV1OffsetsInsideCountFromZeroAndTheWrapperHasTheLast) {
    EXPECT_EQ(offsets(wrapper(kMagicV1, 102, {0, 1, 2})),
              (std::vector<std::int64_t>{100, 101, 102}));
    EXPECT_EQ(offsets(wrapper(kMagicV1, 102, {0, 2})), (std::vector<std::int64_t>{100, 102}));
    EXPECT_EQ(offsets(wrapper(kMagicV1, 0, {0, 1, 2})), (std::vector<std::int64_t>{0, 1, 2}));
    EXPECT_EQ(offsets(wrapper(kMagicV1, 1, {0, 1, 2})), std::vector<std::int64_t>{-1});
}

TEST(LegacySet, InV0OffsetsInsideAreAbsolute) {
    EXPECT_EQ(offsets(wrapper(kMagicV0, 102, {100, 101, 102})),
              (std::vector<std::int64_t>{100, 101, 102}));
}

TEST(LegacySet, ASetWithoutRecordsOrWithAnUnknownCodecIsRefused) {
    EXPECT_EQ(legacy_set(wrapper(kMagicV1, 5, {})).error(), BatchError::BadRecord);
    const LegacyEntry zstd{5, parsed(record(kMagicV1, 4, std::nullopt, as_bytes("x")))};
    EXPECT_EQ(legacy_set(zstd).error(), BatchError::UnknownCodec);
    const LegacyEntry noise{5, parsed(record(kMagicV1, 1, std::nullopt, as_bytes("x")))};
    EXPECT_EQ(legacy_set(noise).error(), BatchError::BadCompression);
}

}  // namespace
}  // namespace bsim::wire::testing
