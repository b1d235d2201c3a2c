// The small rules of clients: hashes, partitions, backoff, sizes, errors.
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "sim/protocol/client/murmur2.h"
#include "sim/protocol/client/partitioner.h"
#include "sim/protocol/client/produce_errors.h"
#include "sim/protocol/client/producer_batch.h"
#include "sim/wire/record_reader.h"

namespace bsim::client {
namespace {

using wire::ErrorCode;

std::vector<std::uint8_t> from_hex(const std::string& hex) {
    std::vector<std::uint8_t> bytes;
    for (std::size_t i = 0; i < hex.size(); i += 2) {
        bytes.push_back(static_cast<std::uint8_t>(std::stoi(hex.substr(i, 2), nullptr, 16)));
    }
    return bytes;
}

TEST(Murmur2, AgreesWithRealKafka) {
    std::ifstream file(std::string(BSIM_TEST_DATA) + "/classes/murmur2.jsonl");
    int checked = 0;
    for (std::string line; std::getline(file, line);) {
        const auto vector = nlohmann::json::parse(line);
        const std::vector<std::uint8_t> key = from_hex(vector["key"]);
        EXPECT_EQ(murmur2(key), vector["hash"].get<std::int32_t>()) << line;
        for (const auto& [count, partition] : vector["partition"].items()) {
            EXPECT_EQ(partition_for_key(key, std::stoi(count)),
                      PartitionIndex(partition.get<std::int32_t>()))
                << line;
        }
        ++checked;
    }
    EXPECT_EQ(checked, 200);
}

TEST(DrawSequence, SpreadsOneNumberIntoManyThatDependOnItAlone) {
    DrawSequence one(42);
    DrawSequence same(42);
    DrawSequence other(43);
    std::vector<int> counts(10);
    int differing = 0;
    for (int i = 0; i < 10'000; ++i) {
        const std::int32_t drawn = one.below(10);
        EXPECT_EQ(drawn, same.below(10));
        if (drawn != other.below(10))
            ++differing;
        ++counts[static_cast<std::size_t>(drawn)];
    }
    for (const int count : counts)
        EXPECT_NEAR(count, 1000, 150);
    EXPECT_NEAR(differing, 9000, 300);
}

TEST(ClientBackoff, IsSpreadByAFifth) {
    const ExponentialBackoff backoff = client_backoff(milliseconds(100), milliseconds(1000));
    SimDuration least = seconds(10);
    SimDuration most{};
    for (std::uint64_t seed = 0; seed < 2000; ++seed) {
        const SimDuration drawn = backoff.after(1, DrawSequence(seed).next());
        least = std::min(least, drawn);
        most = std::max(most, drawn);
    }
    EXPECT_GE(least, milliseconds(160));
    EXPECT_LE(least, milliseconds(162));
    EXPECT_GE(most, milliseconds(238));
    EXPECT_LT(most, milliseconds(240));
}

PendingRecord record(std::uint64_t id, std::size_t bytes, std::int64_t at_ms) {
    PendingRecord made;
    made.id = RecordId(id);
    made.timestamp = WallMs(at_ms);
    made.value = SharedBytes(std::vector<std::uint8_t>(bytes, std::uint8_t{'v'}));
    return made;
}

ProducerBatch batch(std::int32_t capacity) {
    return ProducerBatch({BatchId(1), {"t", PartitionIndex(0)}, capacity, SimTime{}, false});
}

TEST(ProducerBatch, KnowsItsExactSizeWhateverTheTimestampsDo) {
    ProducerBatch made = batch(100'000);
    const std::int64_t times[] = {1000, 1000, 1063, 1064, 900, 100'000'000, 0};
    std::uint64_t id = 0;
    for (const std::int64_t at_ms : times) {
        ASSERT_TRUE(made.try_append(SimTime{}, record(id, 1 + 70 * id, at_ms)));
        ++id;
    }
    made.set_state({{ProducerId(7), ProducerEpoch(1)}, 40});
    EXPECT_EQ(made.bytes().size(), static_cast<std::size_t>(made.size_in_bytes()));
    const auto parsed = wire::parse_valid_batch(made.bytes().view());
    ASSERT_TRUE(parsed.ok());
    EXPECT_EQ(parsed->header.producer_id, 7);
    EXPECT_EQ(parsed->header.base_sequence, 40);
    EXPECT_EQ(parsed->header.last_sequence(), made.last_sequence());
    EXPECT_EQ(parsed->header.max_timestamp, 100'000'000);
}

TEST(ProducerBatch, TakesOneRecordAtLeastAndThenOnlyWhatFits) {
    ProducerBatch made = batch(100);
    EXPECT_TRUE(made.try_append(SimTime{}, record(1, 500, 0)));
    EXPECT_TRUE(made.is_full());
    EXPECT_FALSE(made.try_append(SimTime{}, record(2, 1, 0)));

    // 61 bytes of header and 7 of overhead for a record of small numbers.
    ProducerBatch exact = batch(61 + 2 * 17);
    EXPECT_TRUE(exact.try_append(SimTime{}, record(1, 10, 0)));
    EXPECT_FALSE(exact.is_full());
    EXPECT_TRUE(exact.try_append(SimTime{}, record(2, 10, 0)));
    EXPECT_TRUE(exact.is_full());
    ProducerBatch small = batch(61 + 2 * 17 - 1);
    EXPECT_TRUE(small.try_append(SimTime{}, record(1, 10, 0)));
    EXPECT_FALSE(small.try_append(SimTime{}, record(2, 10, 0)));
}

TEST(ProducerBatch, IsBuiltAnewOnlyUnderAnotherState) {
    ProducerBatch made = batch(1000);
    ASSERT_TRUE(made.try_append(SimTime{}, record(1, 10, 0)));
    made.set_state({{ProducerId(7), ProducerEpoch(0)}, 5});
    const std::uint8_t* const first = made.bytes().data();
    EXPECT_EQ(made.bytes().data(), first);
    made.reset_state({{ProducerId(7), ProducerEpoch(1)}, 0});
    EXPECT_TRUE(made.sequence_was_reset());
    EXPECT_EQ(wire::parse_valid_batch(made.bytes().view())->header.producer_epoch, 1);
    EXPECT_FALSE(made.sequence_was_reset());
}

TEST(ProducerBatch, BacksOffUnlessTheLeaderChangedSinceItsLastAttempt) {
    ProducerBatch made = batch(1000);
    ASSERT_TRUE(made.try_append(SimTime{}, record(1, 10, 0)));
    made.note_leader_epoch(LeaderEpoch(3));
    EXPECT_FALSE(made.backing_off(SimTime{}));
    const SimTime failed{milliseconds(10).ns()};
    made.reenqueued(failed, milliseconds(100));
    EXPECT_TRUE(made.backing_off(failed + milliseconds(99)));
    EXPECT_FALSE(made.backing_off(failed + milliseconds(100)));
    made.note_leader_epoch(LeaderEpoch(3));
    EXPECT_TRUE(made.backing_off(failed));
    made.note_leader_epoch(LeaderEpoch(4));
    EXPECT_FALSE(made.backing_off(failed));
    // The next failure under that leader backs off again.
    made.reenqueued(failed, milliseconds(100));
    EXPECT_TRUE(made.backing_off(failed));
}

TEST(ProduceErrors, AreSortedAsKafkaDoes) {
    EXPECT_TRUE(is_invalid_metadata(ErrorCode::NetworkException));
    EXPECT_FALSE(is_invalid_metadata(ErrorCode::RequestTimedOut));
    EXPECT_FALSE(is_invalid_metadata(ErrorCode::NotEnoughReplicas));
    for (std::int16_t code = -1; code < 130; ++code) {
        const auto error = static_cast<ErrorCode>(code);
        EXPECT_TRUE(!is_invalid_metadata(error) || wire::is_retriable(error)) << code;
    }
    EXPECT_FALSE(surely_not_appended(ErrorCode::NotLeaderOrFollower, Acks::All));
    EXPECT_TRUE(surely_not_appended(ErrorCode::NotLeaderOrFollower, Acks::Leader));
    EXPECT_FALSE(surely_not_appended(ErrorCode::NotEnoughReplicasAfterAppend, Acks::All));
    EXPECT_TRUE(surely_not_appended(ErrorCode::NotEnoughReplicas, Acks::All));
}

}  // namespace
}  // namespace bsim::client
