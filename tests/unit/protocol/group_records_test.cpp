// Records of a real broker's __consumer_offsets, read and written again.

#include <fstream>
#include <iterator>
#include <string>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "sim/protocol/group/offset_records.h"
#include "sim/protocol/group/partition_load.h"
#include "sim/wire/record_batch.h"
#include "sim/wire/record_reader.h"
#include "tests/unit/protocol/group_bench.h"

namespace bsim::group {
namespace {

Bytes golden_log(const std::string& partition) {
    std::ifstream in(std::string(BSIM_TEST_DATA) + "/golden/broker1/__consumer_offsets-" +
                         partition + "/00000000000000000000.log",
                     std::ios::binary);
    return Bytes(std::istreambuf_iterator<char>(in), {});
}

struct Counts {
    int offsets = 0;
    int groups = 0;
    int tombstones = 0;
};

void check_record(const wire::RecordView& record, Counts& counts) {
    const Bytes key(record.key->begin(), record.key->end());
    const RecordKey decoded = decode_key(*record.key);
    if (const auto* offset = std::get_if<OffsetKey>(&decoded)) {
        EXPECT_EQ(encode_offset_key(*offset), key);
        ++counts.offsets;
        if (record.value) {
            const auto value = decode_offset_value(*record.value);
            ASSERT_TRUE(value);
            EXPECT_EQ(encode_offset_value(*value),
                      Bytes(record.value->begin(), record.value->end()));
        }
    } else {
        const auto* group = std::get_if<GroupKey>(&decoded);
        ASSERT_NE(group, nullptr);
        EXPECT_EQ(encode_group_key(*group), key);
        ++counts.groups;
        if (record.value) {
            const auto value = decode_group_value(*record.value);
            ASSERT_TRUE(value);
            EXPECT_EQ(value->version, 3);
            EXPECT_EQ(encode_group_value(value->value),
                      Bytes(record.value->begin(), record.value->end()));
        }
    }
    counts.tombstones += record.value ? 0 : 1;
}

TEST(GroupRecords, GoldenRecordsAreWrittenByteForByteAsTheyWereRead) {
    Counts counts;
    for (const char* partition : {"1", "2", "3"}) {
        const Bytes log = golden_log(partition);
        ASSERT_FALSE(log.empty());
        wire::BatchReader reader(log);
        wire::BatchView batch;
        while (reader.next(batch)) {
            if (batch.header.is_control())
                continue;
            const auto read = wire::for_each_record(
                batch, [&](const wire::RecordView& record) { check_record(record, counts); });
            EXPECT_TRUE(read.ok());
        }
    }
    EXPECT_GT(counts.offsets, 10);
    EXPECT_EQ(counts.groups, 5);
    EXPECT_GT(counts.tombstones, 0);
}

// A batch of ours is the real one but for what its writer stamped.
TEST(GroupRecords, ABatchIsMadeAsTheRealCoordinatorMakesIt) {
    const Bytes log = golden_log("1");
    wire::BatchReader reader(log);
    wire::BatchView batch;
    int compared = 0;
    while (reader.next(batch)) {
        if (batch.header.is_control() || batch.header.has_producer_id())
            continue;
        std::vector<KeyValue> records;
        const auto read = wire::for_each_record(batch, [&](const wire::RecordView& record) {
            KeyValue kv{Bytes(record.key->begin(), record.key->end())};
            if (record.value)
                kv.value = Bytes(record.value->begin(), record.value->end());
            records.push_back(std::move(kv));
        });
        ASSERT_TRUE(read.ok());
        const WallMs now(batch.header.max_timestamp);
        const bool commit = std::holds_alternative<OffsetKey>(decode_key(records.front().key)) &&
                            records.front().value;
        const SharedBytes made =
            commit ? build_commit_batch(records, now) : build_batch(records, now);
        Bytes stamped(made.view().begin(), made.view().end());
        wire::stamp(stamped, {batch.header.base_offset, batch.header.partition_leader_epoch});
        EXPECT_EQ(stamped, Bytes(batch.bytes.begin(), batch.bytes.end()));
        ++compared;
    }
    EXPECT_GT(compared, 3);
}

// A real commit of the six partitions of g-multi, in the order of the request.
TEST(GroupRecords, ACommitHasItsRecordsInTheOrderOfTheRealOne) {
    GroupBench bench(CoordinatorConfig{});
    bench.input(Started{1});
    bench.input(Elected{PartitionIndex(0), LeaderEpoch(0)});
    bench.input(ReadFinished{PartitionIndex(0)});
    wire::OffsetCommitRequest request;
    request.group_id = "g-group-range";
    auto& topic = request.topics.emplace_back();
    topic.name = "g-multi";
    for (std::int32_t i = 0; i < 6; ++i)
        topic.partitions.emplace_back().partition_index = i;
    bench.request(8, std::move(request), "c1");
    std::vector<std::int32_t> order;
    const SharedBytes& written = bench.logs().at(PartitionIndex(0)).front();
    const auto read = wire::for_each_record(
        *wire::parse_valid_batch(written.view()), [&](const wire::RecordView& record) {
            order.push_back(
                std::get<OffsetKey>(decode_key(*record.key)).partition.partition.value());
        });
    EXPECT_TRUE(read.ok());
    EXPECT_EQ(order, (std::vector<std::int32_t>{5, 4, 1, 3, 0, 2}));
}

TEST(GroupRecords, ALoadKeepsTheLastValueOfEachKeyAndWhatTransactionsCommitted) {
    std::map<std::string, PartitionLoad::LoadedGroup> groups;
    for (const char* partition : {"1", "2", "3"}) {
        PartitionLoad load;
        load.read(golden_log(partition));
        groups.merge(load.take_groups());
    }
    ASSERT_TRUE(groups.contains("g-group-txn"));
    EXPECT_FALSE(groups.at("g-group-txn").offsets.empty());
    EXPECT_TRUE(groups.at("g-group-txn").open.empty());
    EXPECT_FALSE(groups.contains("g-group-gone"));
    ASSERT_TRUE(groups.contains("g-group-coop"));
    ASSERT_TRUE(groups.at("g-group-coop").metadata);
    EXPECT_EQ(groups.at("g-group-coop").metadata->value.protocol_type, "consumer");
}

TEST(GroupRecords, BytesThatAreNoKeyAreToldApart) {
    EXPECT_EQ(decode_key(Bytes{0}), RecordKey(DamagedKey{}));
    EXPECT_EQ(decode_key(Bytes{0, 1, 0, 5}), RecordKey(DamagedKey{}));
    EXPECT_EQ(decode_key(Bytes{0, 9, 1, 2}), RecordKey(UnknownKey{9}));
    EXPECT_EQ(decode_offset_value(Bytes{0, 7}), std::nullopt);
    EXPECT_FALSE(decode_group_value(Bytes{0, 3, 0}).has_value());
}

}  // namespace
}  // namespace bsim::group
