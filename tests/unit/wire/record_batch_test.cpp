#include "sim/wire/record_batch.h"

#include <gtest/gtest.h>

#include "sim/wire/batch_builder.h"
#include "sim/wire/control_record.h"
#include "sim/wire/record_reader.h"
#include "tests/unit/wire/vectors.h"

namespace bsim::wire::testing {
namespace {

constexpr std::int64_t kNow = 1700000000000;

// Two records: {k:"k", v:"v"} and, 5 ms later, {k:null, v:"w", header h=x}; base 0, epoch 0.
const char* const kTwoRecords =
    "0000000000000000000000460000000002a261abed0000000000010000018bcfe568000000018bcfe56805"
    "ffffffffffffffffffffffffffff0000000210000000026b02760016000a020102770202680278";
// COMMIT at offset 10, epoch 3, producer 1000 epoch 2, coordinator epoch 7.
const char* const kCommitMarker =
    "000000000000000a000000420000000302809c88c40030000000000000018bcfe568000000018bcfe56800"
    "00000000000003e80002ffffffff000000012000000008000000010c00000000000700";
// Emptied by compaction: offsets 5 to 9, epoch 1, producer 77 epoch 0, sequence from 9.
const char* const kEmptied =
    "0000000000000005000000310000000102f482ecbe000000000004ffffffffffffffff0000018bcfe56800"
    "000000000000004d00000000000900000000";

Buffer two_records() {
    BatchBuilder builder(BatchOptions{.leader_epoch = 0});
    builder.append(kNow, as_bytes("k"), as_bytes("v"), {});
    const HeaderView header{"h", as_bytes("x")};
    builder.append(kNow + 5, std::nullopt, as_bytes("w"), std::span(&header, 1));
    return builder.build();
}

TEST(BatchBuilder, DataBatchIsByteForByteKafkas) {
    EXPECT_EQ(to_hex(two_records()), kTwoRecords);
}

TEST(BatchBuilder, CommitMarkerIsByteForByteKafkas) {
    const BatchOptions options{.base_offset = 10,
                               .leader_epoch = 3,
                               .producer_id = 1000,
                               .producer_epoch = 2,
                               .transactional = true};
    const auto batch = control_batch(options, kNow, ControlType::Commit, encode_end_txn_marker(7));
    EXPECT_EQ(to_hex(batch), kCommitMarker);
}

TEST(BatchBuilder, EmptiedBatchKeepsOffsetsAndSequence) {
    BatchHeader header;
    header.base_offset = 5;
    header.last_offset_delta = 4;
    header.partition_leader_epoch = 1;
    header.base_timestamp = kNow - 3;
    header.max_timestamp = kNow;
    header.producer_id = 77;
    header.producer_epoch = 0;
    header.base_sequence = 9;
    header.records_count = 5;
    header.attributes = 0x43;  // lz4 with a delete horizon; neither is kept
    EXPECT_EQ(to_hex(empty_batch(header)), kEmptied);
}

TEST(BatchBuilder, NoRecordsMakeNoBytes) {
    const BatchBuilder builder(BatchOptions{});
    EXPECT_EQ(builder.size(), kBatchOverhead);
    EXPECT_TRUE(builder.build().empty());
}

TEST(BatchBuilder, SizeIsExactBeforeAndAfterEachAppend) {
    BatchBuilder builder(BatchOptions{.base_offset = 7});
    for (int i = 0; i < 300; ++i) {
        const std::string value(static_cast<std::size_t>(i * 37 % 300), 'x');
        const RecordFields fields{kNow + i * 11 % 100, std::nullopt, as_bytes(value), {}};
        const std::size_t expected = builder.size() + builder.size_of_next(fields);
        EXPECT_GE(record_size_upper_bound(fields), builder.size_of_next(fields));
        builder.append(fields);
        ASSERT_EQ(builder.size(), expected);
        ASSERT_EQ(builder.build().size(), expected);
    }
}

TEST(BatchBuilder, UpperBoundIsTwentyOneBytesAboveThePayload) {
    const HeaderView header{"name", std::nullopt};
    // One byte for each length, one for the header count.
    const std::size_t payload = (1 + 3) + (1 + 5) + 1 + (1 + 4) + 1;
    const RecordFields fields{0, as_bytes("key"), as_bytes("value"), std::span(&header, 1)};
    EXPECT_EQ(record_size_upper_bound(fields), 21 + payload);
}

TEST(BatchBuilder, LogAppendTimeIsTheMaxTimestampOfAllItsRecords) {
    BatchBuilder builder(BatchOptions{.log_append_time_ms = kNow + 1000});
    builder.append(kNow, std::nullopt, as_bytes("a"), {});
    builder.append(kNow + 9, std::nullopt, as_bytes("b"), {});
    const Buffer bytes = builder.build();
    const BatchView batch = parse_valid_batch(bytes).value();
    EXPECT_EQ(batch.header.timestamp_type(), TimestampType::LogAppendTime);
    EXPECT_EQ(batch.header.max_timestamp, kNow + 1000);
    std::vector<std::int64_t> times;
    ASSERT_TRUE(
        for_each_record(batch, [&](const RecordView& r) { times.push_back(r.timestamp_ms); }).ok());
    EXPECT_EQ(times, (std::vector<std::int64_t>{kNow + 1000, kNow + 1000}));
}

TEST(BatchBuilder, GapsAndDeleteHorizonOfACompactedBatchAreKept) {
    BatchBuilder builder(BatchOptions{.base_offset = 100, .delete_horizon_ms = kNow + 50});
    builder.append_at(103, RecordFields{kNow, as_bytes("k"), std::nullopt, {}});
    builder.append_at(110, RecordFields{kNow + 1, as_bytes("l"), as_bytes("v"), {}});
    const Buffer bytes = builder.build();
    const BatchView batch = parse_valid_batch(bytes).value();
    EXPECT_EQ(batch.header.delete_horizon_ms(), kNow + 50);
    EXPECT_EQ(batch.header.last_offset(), 110);
    std::vector<std::pair<std::int64_t, std::int64_t>> seen;
    ASSERT_TRUE(for_each_record(batch, [&](const RecordView& r) {
                    seen.emplace_back(r.offset, r.timestamp_ms);
                }).ok());
    EXPECT_EQ(seen,
              (std::vector<std::pair<std::int64_t, std::int64_t>>{{103, kNow}, {110, kNow + 1}}));
}

TEST(RecordReader, GivesBackWhatTheBuilderTook) {
    const Buffer bytes = two_records();
    RecordReader reader(parse_valid_batch(bytes).value());
    RecordView record;
    ASSERT_TRUE(reader.next(record));
    EXPECT_EQ(as_text(*record.key), "k");
    EXPECT_EQ(as_text(*record.value), "v");
    EXPECT_EQ(record.offset, 0);
    EXPECT_EQ(record.timestamp_ms, kNow);
    EXPECT_EQ(record.sequence, kNoSequence);
    EXPECT_EQ(record.size_in_bytes, 9U);
    ASSERT_TRUE(reader.next(record));
    EXPECT_FALSE(record.key.has_value());
    EXPECT_EQ(record.offset, 1);
    EXPECT_EQ(record.timestamp_ms, kNow + 5);
    ASSERT_EQ(record.headers.size(), 1U);
    EXPECT_EQ(record.headers[0].key, "h");
    EXPECT_EQ(as_text(*record.headers[0].value), "x");
    EXPECT_FALSE(reader.next(record));
    EXPECT_FALSE(reader.error().has_value());
}

TEST(RecordReader, SequencesWrapAfterTheLargestInt) {
    BatchBuilder builder(
        BatchOptions{.producer_id = 1, .producer_epoch = 0, .base_sequence = INT32_MAX});
    builder.append(kNow, std::nullopt, as_bytes("a"), {});
    builder.append(kNow, std::nullopt, as_bytes("b"), {});
    const Buffer bytes = builder.build();
    const BatchView batch = parse_batch(bytes).value();
    EXPECT_EQ(batch.header.last_sequence(), 0);
    RecordReader reader(batch);
    RecordView record;
    ASSERT_TRUE(reader.next(record));
    EXPECT_EQ(record.sequence, INT32_MAX);
    ASSERT_TRUE(reader.next(record));
    EXPECT_EQ(record.sequence, 0);
}

TEST(Sequences, WrapAndOverflowAsInJava) {
    EXPECT_EQ(increment_sequence(5, 3), 8);
    EXPECT_EQ(increment_sequence(INT32_MAX, 1), 0);
    EXPECT_EQ(increment_sequence(INT32_MAX - 1, 3), 1);
    // Only damaged batches count down; DefaultRecordBatch.incrementSequence gives these.
    EXPECT_EQ(increment_sequence(5, -3), -2147483646);
    EXPECT_EQ(increment_sequence(-7, 2), -5);
}

TEST(RecordReader, ABatchThatOnlyClaimsToBeCompressedIsRefused) {
    Buffer bytes = two_records();
    BatchHeader header = parse_batch(bytes).value().header;
    header.attributes = 4;
    seal_batch(header, bytes);
    const BatchView batch = parse_valid_batch(bytes).value();
    EXPECT_EQ(batch.header.codec(), Codec::Zstd);
    const auto result = for_each_record(batch, [](const RecordView&) {});
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error(), BatchError::BadCompression);
}

TEST(RecordReader, TooManyOrTooFewRecordsAreRefused) {
    for (const int count : {-1, 1, 3}) {
        Buffer bytes = two_records();
        BatchHeader header = parse_batch(bytes).value().header;
        header.records_count = count;
        seal_batch(header, bytes);
        const auto result =
            for_each_record(parse_valid_batch(bytes).value(), [](const RecordView&) {});
        ASSERT_FALSE(result.ok()) << count;
        EXPECT_EQ(result.error(), BatchError::BadRecord);
    }
}

TEST(BatchReader, WalksWholeBatchesAndStopsAtACutOne) {
    const Buffer one = two_records();
    for (std::size_t cut = 0; cut <= one.size(); ++cut) {
        Buffer log = one;
        log.insert(log.end(), one.begin(), one.begin() + static_cast<std::ptrdiff_t>(cut));
        BatchReader reader(log);
        BatchView batch;
        std::size_t count = 0;
        while (reader.next(batch))
            ++count;
        EXPECT_EQ(count, cut == one.size() ? 2U : 1U) << cut;
        EXPECT_FALSE(reader.error().has_value()) << cut;
        EXPECT_EQ(reader.at_end(), cut == 0 || cut == one.size()) << cut;
    }
}

TEST(BatchReader, AnOldFormatOrAnAbsurdLengthIsAnError) {
    Buffer old = two_records();
    old[16] = 1;
    EXPECT_EQ(parse_batch_header(old).error(), BatchError::UnsupportedMagic);
    Buffer small = two_records();
    store_be(small.data() + 8, std::int32_t{48});
    EXPECT_EQ(parse_batch_header(small).error(), BatchError::BadLength);
    store_be(small.data() + 8, std::int32_t{-1});
    EXPECT_EQ(parse_batch_header(small).error(), BatchError::BadLength);
    BatchReader reader(small);
    BatchView batch;
    EXPECT_FALSE(reader.next(batch));
    EXPECT_EQ(reader.error(), BatchError::BadLength);
}

TEST(Stamp, ChangesBaseOffsetAndEpochOutsideTheChecksum) {
    Buffer bytes = two_records();
    stamp(bytes, BatchStamp{.base_offset = 1000, .leader_epoch = 9});
    const BatchView batch = parse_valid_batch(bytes).value();
    EXPECT_EQ(batch.header.base_offset, 1000);
    EXPECT_EQ(batch.header.last_offset(), 1001);
    EXPECT_EQ(batch.header.partition_leader_epoch, 9);
}

TEST(SetMaxTimestamp, RenewsTheChecksumOnlyWhenSomethingChanges) {
    Buffer bytes = two_records();
    const auto header = std::span(bytes).first<kBatchOverhead>();
    const auto records = ByteView(bytes).subspan(kBatchOverhead);
    const std::uint32_t before = parse_valid_batch(bytes).value().header.crc;
    EXPECT_EQ(set_max_timestamp(header, records, TimestampType::CreateTime, kNow + 5), before);
    EXPECT_EQ(to_hex(bytes), kTwoRecords);
    const std::uint32_t after =
        set_max_timestamp(header, records, TimestampType::LogAppendTime, kNow + 99);
    const BatchView batch = parse_valid_batch(bytes).value();
    EXPECT_EQ(batch.header.crc, after);
    EXPECT_EQ(batch.header.timestamp_type(), TimestampType::LogAppendTime);
    EXPECT_EQ(batch.header.max_timestamp, kNow + 99);
}

TEST(DamagedBatch, EveryFlippedByteInsideTheChecksumIsNoticed) {
    const Buffer good = two_records();
    for (std::size_t at = 0; at < good.size(); ++at) {
        for (const int mask : {0x01, 0x80, 0xff}) {
            Buffer bad = good;
            bad[at] ^= static_cast<std::uint8_t>(mask);
            const auto batch = parse_valid_batch(bad);
            // Base offset and leader epoch are not covered.
            const bool covered = !(at < 8 || (at >= 12 && at < 16));
            EXPECT_EQ(batch.ok(), !covered) << at;
        }
    }
}

TEST(DamagedBatch, RecordsWithAnyByteFlippedAreReadOrRefusedWithoutACrash) {
    const Buffer good = two_records();
    std::size_t refused = 0;
    for (std::size_t at = kBatchOverhead; at < good.size(); ++at) {
        for (int mask = 1; mask < 256; ++mask) {
            Buffer bad = good;
            bad[at] ^= static_cast<std::uint8_t>(mask);
            const auto result = for_each_record(parse_batch(bad).value(), [](const RecordView&) {});
            refused += result.ok() ? 0 : 1;
        }
    }
    EXPECT_GT(refused, 1000U);
}

TEST(DamagedBatch, CutToAnyLengthItIsTruncated) {
    const Buffer good = two_records();
    for (std::size_t cut = 0; cut < good.size(); ++cut) {
        EXPECT_EQ(parse_batch(ByteView(good).first(cut)).error(), BatchError::Truncated) << cut;
    }
}

}  // namespace
}  // namespace bsim::wire::testing
