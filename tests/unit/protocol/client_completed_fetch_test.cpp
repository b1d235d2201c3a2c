// How the answer to a fetch is read, batch by batch.
#include <gtest/gtest.h>

#include "sim/protocol/client/completed_fetch.h"
#include "sim/wire/batch_builder.h"

namespace bsim::client {
namespace {

const TopicPartition kT0{"t", PartitionIndex(0)};

// A batch whose records stand at these offsets.
std::vector<std::uint8_t> batch(const std::vector<std::int64_t>& offsets, std::int32_t epoch) {
    wire::BatchOptions options;
    options.base_offset = offsets.front();
    options.leader_epoch = epoch;
    wire::BatchBuilder builder(options);
    for (const std::int64_t offset : offsets)
        builder.append_at(offset, {0, std::nullopt, as_bytes("v"), {}});
    return builder.build();
}

CompletedFetch fetch(std::int64_t from,
                     const std::vector<std::vector<std::uint8_t>>& batches,
                     std::size_t cut = 0) {
    std::vector<std::uint8_t> bytes;
    for (const auto& one : batches)
        bytes.insert(bytes.end(), one.begin(), one.end());
    bytes.resize(bytes.size() - cut);
    wire::FetchResponse::PartitionData data;
    data.records = SharedBytes(std::move(bytes));
    return {kT0, Offset(from), data};
}

std::vector<std::int64_t> offsets(const PartitionRecords& records) {
    std::vector<std::int64_t> all;
    for (const ConsumedRecord& record : records.records)
        all.push_back(record.offset.value());
    return all;
}

TEST(CompletedFetch, LeavesOutWhatABatchHoldsBeforeThePosition) {
    CompletedFetch got = fetch(2, {batch({0, 1, 2, 3}, 4), batch({4, 5}, 5)});
    PartitionRecords records;
    EXPECT_TRUE(got.take(100, {}, records));
    EXPECT_EQ(offsets(records), (std::vector<std::int64_t>{2, 3, 4, 5}));
    EXPECT_EQ(records.position, Offset(6));
    EXPECT_EQ(records.first_epoch, LeaderEpoch(4));
    EXPECT_EQ(records.last_epoch, LeaderEpoch(5));
    EXPECT_TRUE(got.consumed());
}

TEST(CompletedFetch, GoesPastTheHolesThatCompactionLeaves) {
    // The last two offsets of the first batch are gone, as header and next batch say.
    std::vector<std::uint8_t> first = batch({0, 2, 3, 4}, 1);
    CompletedFetch got = fetch(0, {first, batch({9}, 1)});
    PartitionRecords records;
    EXPECT_TRUE(got.take(3, {}, records));
    EXPECT_EQ(offsets(records), (std::vector<std::int64_t>{0, 2, 3}));
    EXPECT_EQ(records.position, Offset(4));
    EXPECT_FALSE(got.consumed());
    PartitionRecords rest;
    EXPECT_TRUE(got.take(3, {}, rest));
    EXPECT_EQ(offsets(rest), (std::vector<std::int64_t>{4, 9}));
    EXPECT_EQ(rest.position, Offset(10));

    const auto header = wire::parse_batch(batch({20, 21, 22}, 1))->header;
    CompletedFetch hollow = fetch(20, {wire::empty_batch(header)});
    PartitionRecords nothing;
    EXPECT_TRUE(hollow.take(3, {}, nothing));
    EXPECT_TRUE(nothing.records.empty());
    EXPECT_EQ(nothing.position, Offset(23));
}

TEST(CompletedFetch, ABatchThatIsCutShortIsNotRead) {
    CompletedFetch got = fetch(0, {batch({0, 1}, 1), batch({2, 3}, 1)}, 1);
    EXPECT_FALSE(got.is_torn());
    PartitionRecords records;
    EXPECT_TRUE(got.take(100, {}, records));
    EXPECT_EQ(records.position, Offset(2));
    EXPECT_TRUE(fetch(0, {batch({0, 1}, 1)}, 1).is_torn());
    EXPECT_FALSE(fetch(0, {}).is_torn());
}

TEST(CompletedFetch, ChecksumsAreCheckedUnlessTheSettingSaysNo) {
    std::vector<std::uint8_t> bad = batch({2, 3}, 1);
    bad[20] ^= 1U;  // in the checksum
    CompletedFetch got = fetch(0, {batch({0, 1}, 1), bad});
    PartitionRecords records;
    EXPECT_FALSE(got.take(100, {}, records));
    EXPECT_EQ(offsets(records), (std::vector<std::int64_t>{0, 1}));
    PartitionRecords again;
    EXPECT_FALSE(got.take(100, {}, again));
    EXPECT_TRUE(again.records.empty());

    ConsumerSettings trusting;
    trusting.check_crcs = false;
    CompletedFetch trusted = fetch(0, {batch({0, 1}, 1), bad});
    PartitionRecords all;
    EXPECT_TRUE(trusted.take(100, trusting, all));
    EXPECT_EQ(all.position, Offset(4));
}

}  // namespace
}  // namespace bsim::client
