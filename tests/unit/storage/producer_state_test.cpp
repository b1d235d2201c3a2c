#include <deque>
#include <limits>
#include <map>
#include <random>

#include "sim/storage/producer_snapshot.h"
#include "tests/unit/storage/storage_fixture.h"

namespace bsim::test {
namespace {

constexpr std::int32_t kMax = std::numeric_limits<std::int32_t>::max();

class ProducerStateTest : public StorageTest {
  protected:
    ProducerStateTest() : log_(must(open("p", LogConfig{}))) {}

    // The kind of refusal, or nothing if the batch was taken.
    std::optional<StorageErrorKind> send(const BatchSpec& spec) {
        const auto result =
            log_.append_as_leader(make_batch(spec), LeaderEpoch(0), now_, AppendOrigin::Client);
        if (!result.ok())
            return result.error().kind;
        last_ = *result;
        return {};
    }
    static BatchSpec batch(std::int16_t epoch, std::int32_t sequence, int records) {
        BatchSpec spec;
        spec.producer = 1000;
        spec.epoch = epoch;
        spec.sequence = sequence;
        spec.records = records;
        return spec;
    }

    PartitionLog log_;
    AppendInfo last_;
};

TEST_F(ProducerStateTest, ResentBatchIsAnsweredWithItsOldOffsets) {
    ASSERT_FALSE(send(batch(0, 0, 3)));
    ASSERT_FALSE(send(batch(0, 3, 2)));
    const Bytes before = file("p", Offset(0), ".log");
    ASSERT_FALSE(send(batch(0, 0, 3)));
    EXPECT_TRUE(last_.duplicate);
    EXPECT_EQ(last_.first_offset, Offset(0));
    EXPECT_EQ(last_.last_offset, Offset(2));
    EXPECT_EQ(last_.log_append_time, WallMs(BatchSpec{}.timestamp));
    EXPECT_EQ(log_.leo(), Offset(5));
    EXPECT_EQ(file("p", Offset(0), ".log"), before);
}

TEST_F(ProducerStateTest, OnlyTheLastFiveBatchesAreRecognised) {
    for (int i = 0; i < 6; ++i)
        ASSERT_FALSE(send(batch(0, i, 1)));
    EXPECT_EQ(send(batch(0, 0, 1)), StorageErrorKind::OutOfOrderSequence);
    ASSERT_FALSE(send(batch(0, 1, 1)));
    EXPECT_TRUE(last_.duplicate);
    EXPECT_EQ(last_.first_offset, Offset(1));
}

TEST_F(ProducerStateTest, GapAndOverlapAreOutOfOrder) {
    ASSERT_FALSE(send(batch(0, 0, 3)));
    EXPECT_EQ(send(batch(0, 4, 1)), StorageErrorKind::OutOfOrderSequence);
    EXPECT_EQ(send(batch(0, 2, 2)), StorageErrorKind::OutOfOrderSequence);
    EXPECT_EQ(send(batch(0, 0, 2)), StorageErrorKind::OutOfOrderSequence);
    EXPECT_FALSE(send(batch(0, 3, 1)));
}

TEST_F(ProducerStateTest, UnknownProducerMayStartAnywhere) {
    EXPECT_FALSE(send(batch(3, 77, 2)));
    EXPECT_FALSE(send(batch(3, 79, 1)));
}

TEST_F(ProducerStateTest, NewEpochStartsAtZeroAndFencesTheOld) {
    ASSERT_FALSE(send(batch(0, 0, 3)));
    EXPECT_EQ(send(batch(1, 3, 1)), StorageErrorKind::OutOfOrderSequence);
    ASSERT_FALSE(send(batch(1, 0, 1)));
    EXPECT_EQ(send(batch(0, 3, 1)), StorageErrorKind::InvalidProducerEpoch);
    // The old epoch's batches are forgotten: a resend of one is fenced, not recognised.
    EXPECT_EQ(send(batch(0, 0, 3)), StorageErrorKind::InvalidProducerEpoch);
}

TEST_F(ProducerStateTest, SequencesWrapToZero) {
    ASSERT_FALSE(send(batch(0, kMax - 1, 3)));
    EXPECT_EQ(log_.producers().find(ProducerId(1000))->last_sequence(), 0);
    ASSERT_FALSE(send(batch(0, kMax - 1, 3)));
    EXPECT_TRUE(last_.duplicate);
    ASSERT_FALSE(send(batch(0, 1, 1)));
    EXPECT_FALSE(last_.duplicate);
}

TEST_F(ProducerStateTest, LastSequenceAtTheVeryEndIsFollowedByZero) {
    ASSERT_FALSE(send(batch(0, kMax, 1)));
    EXPECT_EQ(send(batch(0, 1, 1)), StorageErrorKind::OutOfOrderSequence);
    EXPECT_FALSE(send(batch(0, 0, 1)));
}

TEST_F(ProducerStateTest, ReloadedStateRecognisesTheLastBatchOnly) {
    for (int i = 0; i < 3; ++i)
        ASSERT_FALSE(send(batch(0, i, 1)));
    must(log_.close({true}));
    log_ = must(open_clean("p", LogConfig{}));
    ASSERT_FALSE(send(batch(0, 2, 1)));
    EXPECT_TRUE(last_.duplicate);
    EXPECT_EQ(send(batch(0, 1, 1)), StorageErrorKind::OutOfOrderSequence);
    EXPECT_FALSE(send(batch(0, 3, 1)));
}

TEST_F(ProducerStateTest, RecoveryReplaysAllBatchesThatFollowTheSnapshot) {
    for (int i = 0; i < 7; ++i)
        ASSERT_FALSE(send(batch(0, i, 1)));
    const ProducerEntry before = *log_.producers().find(ProducerId(1000));
    log_ = must(open("p", LogConfig{}));
    // The snapshot at the log end, which recovery itself took, holds one batch.
    const ProducerEntry after = *log_.producers().find(ProducerId(1000));
    EXPECT_EQ(after.last_sequence(), before.last_sequence());
    EXPECT_EQ(after.batch_count(), 1U);
    EXPECT_EQ(after.epoch, before.epoch);
}

TEST_F(ProducerStateTest, TruncationTakesTheStateBack) {
    for (int i = 0; i < 4; ++i)
        ASSERT_FALSE(send(batch(0, i, 1)));
    must(log_.truncate_to(Offset(2), now_));
    EXPECT_EQ(send(batch(0, 4, 1)), StorageErrorKind::OutOfOrderSequence);
    ASSERT_FALSE(send(batch(0, 2, 1)));
    EXPECT_FALSE(last_.duplicate);
    EXPECT_EQ(last_.first_offset, Offset(2));
    must(log_.truncate_fully_and_start_at(Offset(50), now_));
    EXPECT_TRUE(log_.producers().is_empty());
    EXPECT_FALSE(send(batch(0, 9, 1)));
}

TEST_F(ProducerStateTest, IdleProducersExpireUnlessInATransaction) {
    ASSERT_FALSE(send(batch(0, 0, 1)));
    BatchSpec open_txn = batch(0, 0, 1);
    open_txn.producer = 2000;
    open_txn.transactional = true;
    ASSERT_FALSE(send(open_txn));
    const std::int64_t day = LogConfig{}.producer_id_expiration_ms;
    log_.expire_producers(WallMs(BatchSpec{}.timestamp + day - 1));
    EXPECT_EQ(log_.producers().producers().size(), 2U);
    log_.expire_producers(WallMs(BatchSpec{}.timestamp + day));
    EXPECT_EQ(log_.producers().producers().size(), 1U);
    EXPECT_NE(log_.producers().find(ProducerId(2000)), nullptr);
}

TEST_F(ProducerStateTest, OpenTransactionHoldsTheLastStableOffsetBack) {
    ASSERT_FALSE(send({}));
    BatchSpec txn = batch(0, 0, 2);
    txn.transactional = true;
    ASSERT_FALSE(send(txn));
    ASSERT_FALSE(send({}));
    log_.set_high_watermark(log_.leo());
    EXPECT_EQ(log_.last_stable_offset(), Offset(1));
    BatchSpec plain = batch(0, 2, 1);
    EXPECT_EQ(send(plain), StorageErrorKind::InvalidTxnState);

    must(log_.append_as_leader(make_marker(txn, false, 5), LeaderEpoch(0), now_,
                               AppendOrigin::Coordinator));
    EXPECT_EQ(log_.last_stable_offset(), Offset(1)) << "the marker is not replicated yet";
    log_.set_high_watermark(log_.leo());
    EXPECT_EQ(log_.last_stable_offset(), Offset(5));
    EXPECT_EQ(file("p", Offset(0), ".txnindex").size(), 34U);

    const auto stale = log_.append_as_leader(make_marker(txn, true, 4), LeaderEpoch(0), now_,
                                             AppendOrigin::Coordinator);
    EXPECT_EQ(stale.error().kind, StorageErrorKind::CoordinatorFenced);
}

TEST(ProducerSnapshot, SurvivesTheRoundTripAndNoFlippedByte) {
    ProducerMap producers;
    for (std::int64_t id : {1LL, 17LL, 3'000'000'000LL, 2000LL}) {
        ProducerEntry entry;
        entry.add_batch(3, {static_cast<std::int32_t>(id % 1000), Offset(id), 4, WallMs(id * 2)});
        entry.coordinator_epoch = 9;
        if (id == 17)
            entry.txn_first_offset = Offset(11);
        producers.emplace(ProducerId(id), entry);
    }
    ProducerEntry without_batches;
    without_batches.epoch = 2;
    without_batches.last_timestamp = WallMs(77);
    producers.emplace(ProducerId(5), without_batches);

    const Bytes bytes = encode_producer_snapshot(producers);
    EXPECT_EQ(bytes.size(), 10 + 5 * 46U);
    EXPECT_EQ(decode_producer_snapshot(bytes), producers);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        Bytes bad = bytes;
        bad[i] ^= 1U;
        EXPECT_EQ(decode_producer_snapshot(bad), std::nullopt) << i;
        EXPECT_EQ(decode_producer_snapshot(ByteView(bytes).first(i)), std::nullopt) << i;
    }
}

TEST(ProducerSnapshot, EmptyOneHasKafkasTenBytes) {
    const Bytes golden = slurp(std::string(BSIM_TEST_DATA) +
                               "/golden/broker1/g-none-0/00000000000000000036.snapshot");
    EXPECT_EQ(encode_producer_snapshot({}), golden);
}

// A twin that keeps every batch ever taken and decides by the rule's own words.
struct TwinProducer {
    int epoch = -1;
    std::deque<std::pair<std::int32_t, std::int32_t>> last_five;
};

std::optional<StorageErrorKind> twin_send(TwinProducer& twin,
                                          const BatchSpec& spec,
                                          bool& duplicate) {
    const std::int32_t last = spec.sequence + spec.records - 1;
    duplicate = spec.epoch == twin.epoch &&
                std::find(twin.last_five.begin(), twin.last_five.end(),
                          std::pair(spec.sequence, last)) != twin.last_five.end();
    if (duplicate)
        return {};
    if (spec.epoch < twin.epoch)
        return StorageErrorKind::InvalidProducerEpoch;
    const bool unknown = twin.epoch == -1;
    const std::int32_t expected = spec.epoch > twin.epoch ? 0 : twin.last_five.back().second + 1;
    if (!unknown && spec.sequence != expected)
        return StorageErrorKind::OutOfOrderSequence;
    if (spec.epoch != twin.epoch)
        twin.last_five.clear();
    twin.epoch = spec.epoch;
    twin.last_five.emplace_back(spec.sequence, last);
    if (twin.last_five.size() > 5)
        twin.last_five.pop_front();
    return {};
}

TEST_F(ProducerStateTest, AgreesWithATwinThatFollowsTheRulesWords) {
    std::mt19937_64 rng(5);
    std::map<std::int64_t, TwinProducer> twins;
    std::vector<BatchSpec> sent;
    for (int step = 0; step < 3000; ++step) {
        BatchSpec spec;
        spec.value_bytes = 0;
        if (!sent.empty() && rng() % 3 == 0) {
            spec = sent[sent.size() - 1 - rng() % std::min<std::size_t>(sent.size(), 20)];
        } else {
            spec.producer = static_cast<std::int64_t>(rng() % 3);
            TwinProducer& twin = twins[spec.producer];
            spec.epoch = static_cast<std::int16_t>(std::max(0, twin.epoch));
            if (rng() % 30 == 0)
                ++spec.epoch;
            if (rng() % 30 == 0 && spec.epoch > 0)
                --spec.epoch;
            const std::int32_t next = twin.last_five.empty() ? 0 : twin.last_five.back().second + 1;
            spec.sequence = rng() % 8 == 0 ? static_cast<std::int32_t>(rng() % 5) : next;
            spec.records = 1 + static_cast<int>(rng() % 3);
        }
        bool duplicate = false;
        const Offset before = log_.leo();
        const auto expected = twin_send(twins[spec.producer], spec, duplicate);
        ASSERT_EQ(send(spec), expected) << "step " << step;
        if (expected) {
            ASSERT_EQ(log_.leo(), before);
            continue;
        }
        ASSERT_EQ(last_.duplicate, duplicate) << "step " << step;
        ASSERT_EQ(log_.leo() - before, duplicate ? 0 : spec.records);
        sent.push_back(spec);
    }
}

}  // namespace
}  // namespace bsim::test
