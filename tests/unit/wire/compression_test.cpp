// Streams that Kafka's libraries wrote (in golden logs), made here with the same libraries, and
// damaged.

#include "sim/wire/compression.h"

#include <lz4frame.h>
#include <snappy-c.h>
#include <zlib.h>
#include <zstd.h>

#include <gtest/gtest.h>

#include "sim/wire/record_reader.h"
#include "tests/unit/wire/vectors.h"

namespace bsim::wire::testing {
namespace {

constexpr Codec kCodecs[] = {Codec::Gzip, Codec::Snappy, Codec::Lz4, Codec::Zstd};

Buffer some_bytes(std::size_t size) {
    Buffer bytes(size);
    for (std::size_t i = 0; i < size; ++i)
        bytes[i] = static_cast<std::uint8_t>(i % 7 == 0 ? i * 31 >> 3U : 'a');
    return bytes;
}

Buffer gzip(ByteView plain) {
    z_stream stream{};
    EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    Buffer out(deflateBound(&stream, static_cast<uLong>(plain.size())) + 64);
    stream.next_in = const_cast<Bytef*>(plain.data());
    stream.avail_in = static_cast<uInt>(plain.size());
    stream.next_out = out.data();
    stream.avail_out = static_cast<uInt>(out.size());
    EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
    out.resize(out.size() - stream.avail_out);
    deflateEnd(&stream);
    return out;
}

Buffer snappy_block(ByteView plain) {
    std::size_t size = snappy_max_compressed_length(plain.size());
    Buffer out(size);
    EXPECT_EQ(snappy_compress(as_text(plain).data(), plain.size(),
                              reinterpret_cast<char*>(out.data()), &size),
              SNAPPY_OK);
    out.resize(size);
    return out;
}

const Buffer kXerialHeader{0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0, 0, 0, 0, 1, 0, 0, 0, 1};

// In chunks of 32 KiB, as snappy-java writes it.
Buffer xerial(ByteView plain) {
    ByteWriter out;
    out.put_bytes(kXerialHeader);
    while (!plain.empty()) {
        const ByteView chunk = plain.first(std::min<std::size_t>(plain.size(), 32768));
        const Buffer block = snappy_block(chunk);
        out.put_i32(static_cast<std::int32_t>(block.size()));
        out.put_bytes(block);
        plain = plain.subspan(chunk.size());
    }
    return out.take();
}

Buffer lz4(ByteView plain, bool checksums) {
    LZ4F_preferences_t how{};
    how.frameInfo.blockMode = LZ4F_blockIndependent;
    how.frameInfo.blockSizeID = LZ4F_max64KB;
    how.frameInfo.contentChecksumFlag =
        checksums ? LZ4F_contentChecksumEnabled : LZ4F_noContentChecksum;
    how.frameInfo.blockChecksumFlag = checksums ? LZ4F_blockChecksumEnabled : LZ4F_noBlockChecksum;
    how.frameInfo.contentSize = checksums ? plain.size() : 0;
    Buffer out(LZ4F_compressFrameBound(plain.size(), &how));
    out.resize(LZ4F_compressFrame(out.data(), out.size(), plain.data(), plain.size(), &how));
    return out;
}

Buffer zstd(ByteView plain) {
    Buffer out(ZSTD_compressBound(plain.size()));
    out.resize(ZSTD_compress(out.data(), out.size(), plain.data(), plain.size(), 3));
    return out;
}

Buffer compressed(Codec codec, ByteView plain) {
    switch (codec) {
        case Codec::Gzip:
            return gzip(plain);
        case Codec::Snappy:
            return xerial(plain);
        case Codec::Lz4:
            return lz4(plain, false);
        case Codec::Zstd:
            return zstd(plain);
        case Codec::None:
            break;
    }
    return {plain.begin(), plain.end()};
}

Buffer joined(Buffer a, ByteView b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

// The result, or the error's number as a byte string that no test data equals.
Buffer plain_of(Codec codec, ByteView bytes, const DecompressOptions& options = {}) {
    auto plain = decompress(codec, bytes, options);
    EXPECT_TRUE(plain.ok());
    return plain.ok() ? std::move(*plain) : Buffer{0xde, 0xad};
}

TEST(Decompress, WhatTheLibrariesCompressComesBack) {
    for (const Codec codec : kCodecs) {
        for (const std::size_t size : {0U, 1U, 100U, 65536U, 200000U}) {
            const Buffer plain = some_bytes(size);
            EXPECT_TRUE(plain_of(codec, compressed(codec, plain)) == plain)
                << static_cast<int>(codec) << " " << size;
        }
    }
}

TEST(Decompress, WithoutACodecTheBytesAreCopied) {
    const Buffer plain = some_bytes(10);
    EXPECT_EQ(plain_of(Codec::None, plain), plain);
}

TEST(Decompress, SnappyWithoutJavasHeaderIsOneBlock) {
    const Buffer plain = some_bytes(1000);
    EXPECT_EQ(plain_of(Codec::Snappy, snappy_block(plain)), plain);
}

TEST(Decompress, StreamsPutEndToEndAreReadAsOne) {
    const Buffer plain = some_bytes(300);
    const Buffer twice = joined(plain, plain);
    for (const Codec codec : {Codec::Gzip, Codec::Snappy, Codec::Zstd}) {
        const Buffer stream = compressed(codec, plain);
        EXPECT_EQ(plain_of(codec, joined(stream, stream)), twice) << static_cast<int>(codec);
    }
}

TEST(Decompress, WhatFollowsAnLz4FrameOrAGzipMemberIsIgnored) {
    const Buffer plain = some_bytes(300);
    const Buffer garbage{1, 2, 3, 4, 5};
    for (const Codec codec : {Codec::Gzip, Codec::Lz4}) {
        EXPECT_EQ(plain_of(codec, joined(compressed(codec, plain), garbage)), plain);
    }
    EXPECT_FALSE(decompress(Codec::Zstd, joined(zstd(plain), garbage), {}).ok());
}

TEST(Decompress, ChecksumsOfLz4BlocksAreVerifiedButNotThatOfTheContent) {
    const Buffer plain = some_bytes(300);
    Buffer frame = lz4(plain, true);
    EXPECT_EQ(plain_of(Codec::Lz4, frame), plain);
    frame.back() ^= 1;
    EXPECT_EQ(plain_of(Codec::Lz4, frame), plain);
    frame[frame.size() - 9] ^= 1;  // the last block's, before the end mark and the content's
    EXPECT_FALSE(decompress(Codec::Lz4, frame, {}).ok());
}

TEST(Decompress, TheChecksumOfTheLz4HeaderMayBeWrongInOldFormatsOnly) {
    const Buffer plain = some_bytes(300);
    Buffer frame = lz4(plain, false);
    frame[6] ^= 1;
    EXPECT_FALSE(decompress(Codec::Lz4, frame, {}).ok());
    EXPECT_EQ(plain_of(Codec::Lz4, frame, {.ignore_lz4_header_checksum = true}), plain);
}

TEST(Decompress, MoreThanTheLimitIsRefused) {
    const Buffer plain = some_bytes(100000);
    for (const Codec codec : {Codec::None, Codec::Gzip, Codec::Snappy, Codec::Lz4, Codec::Zstd}) {
        const Buffer stream = compressed(codec, plain);
        const auto refused = decompress(codec, stream, {.limit = plain.size() - 1});
        ASSERT_FALSE(refused.ok()) << static_cast<int>(codec);
        EXPECT_EQ(refused.error(), CompressionError::TooLarge) << static_cast<int>(codec);
    }
}

TEST(Decompress, EveryCutStreamIsRefused) {
    const Buffer plain = some_bytes(3000);
    for (const Codec codec : kCodecs) {
        const Buffer stream = compressed(codec, plain);
        for (std::size_t cut = 1; cut < stream.size(); ++cut) {
            const auto result = decompress(codec, ByteView(stream).first(cut), {});
            // Snappy's chunks have no end mark: what is cut between two looks whole.
            const bool between = codec == Codec::Snappy && cut >= 16 && cut < 20;
            EXPECT_EQ(result.ok(), between) << static_cast<int>(codec) << " " << cut;
        }
    }
}

TEST(Decompress, EveryFlippedBitIsSurvived) {
    const Buffer plain = some_bytes(500);
    for (const Codec codec : kCodecs) {
        const Buffer stream = compressed(codec, plain);
        std::size_t refused = 0;
        for (std::size_t bit = 0; bit < stream.size() * 8; ++bit) {
            Buffer bad = stream;
            bad[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
            refused += decompress(codec, bad, {.limit = 1U << 20U}).ok() ? 0 : 1;
        }
        EXPECT_GT(refused, 20U) << static_cast<int>(codec);
    }
}

TEST(Decompress, NoiseIsSurvived) {
    std::uint32_t state = 12345;
    for (int round = 0; round < 2000; ++round) {
        Buffer noise(static_cast<std::size_t>(round % 64));
        for (std::uint8_t& byte : noise) {
            state = state * 1664525 + 1013904223;
            byte = static_cast<std::uint8_t>(state >> 24U);
        }
        for (const Codec codec : kCodecs)
            static_cast<void>(decompress(codec, noise, {.limit = 1U << 20U}));
    }
}

// Record i of the golden topics, as their manifest has it.
Buffer golden_value(std::size_t i) {
    Buffer value(10 + (i * 37 + 1) % 200);
    for (std::size_t j = 0; j < value.size(); ++j)
        value[j] = static_cast<std::uint8_t>('a' + (i * 7 + j * 13 + 1) % 26);
    return value;
}

TEST(CompressedBatches, OfRealProducersAreReadRecordByRecord) {
    for (const char* topic : {"g-gzip-0", "g-snappy-0", "g-lz4-0", "g-zstd-0", "g-recompress-0"}) {
        SCOPED_TRACE(topic);
        const Buffer log =
            read_file("golden/broker1/" + std::string(topic) + "/00000000000000000000.log");
        BatchReader reader(log);
        BatchView batch;
        std::size_t i = 0;
        while (reader.next(batch)) {
            ASSERT_NE(batch.header.codec(), Codec::None);
            const auto done = for_each_record(batch, [&](const RecordView& record) {
                EXPECT_EQ(record.offset, static_cast<std::int64_t>(i));
                ASSERT_TRUE(record.value.has_value());
                EXPECT_EQ(Buffer(record.value->begin(), record.value->end()), golden_value(i));
                ++i;
            });
            EXPECT_TRUE(done.ok());
        }
        EXPECT_EQ(i, 36U);
    }
}

TEST(CompressedBatches, ACopyOfAReaderReadsOnWhenTheOriginalIsGone) {
    const Buffer log = read_file("golden/broker1/g-lz4-0/00000000000000000000.log");
    auto original = std::make_unique<RecordReader>(parse_valid_batch(log).value());
    RecordView record;
    ASSERT_TRUE(original->next(record));
    RecordReader copy = *original;
    original.reset();
    ASSERT_TRUE(copy.next(record));
    EXPECT_EQ(record.offset, 1);
    EXPECT_EQ(Buffer(record.value->begin(), record.value->end()), golden_value(1));
}

}  // namespace
}  // namespace bsim::wire::testing
