// Sequence numbers and epochs of the idempotent producer, rule by rule.
#include <limits>

#include <gtest/gtest.h>

#include "sim/protocol/client/idempotence.h"

namespace bsim::client {
namespace {

using wire::ErrorCode;

class IdempotenceTest : public testing::Test {
  protected:
    IdempotenceTest() { idempotence_.set_identity({ProducerId(9), ProducerEpoch(0)}); }

    ProducerBatch& batch(std::int32_t partition, int records) {
        const BatchId id(next_++);
        ProducerBatch made({id, {"t", PartitionIndex(partition)}, 10'000, SimTime{}, false});
        for (int i = 0; i < records; ++i) {
            PendingRecord record;
            record.value = SharedBytes(std::vector<std::uint8_t>(8));
            EXPECT_TRUE(made.try_append(SimTime{}, record));
        }
        return batches_.emplace(id, std::move(made)).first->second;
    }
    ProducerBatch& sent(std::int32_t partition, int records) {
        ProducerBatch& made = batch(partition, records);
        EXPECT_TRUE(idempotence_.may_drain(made));
        idempotence_.assign(made, batches_);
        (void)made.bytes();
        return made;
    }
    bool retries(const ProducerBatch& batch, ErrorCode error) {
        return idempotence_.can_retry({error, Offset(0)}, batch);
    }
    bool bumps() {
        const auto before = idempotence_.identity();
        (void)idempotence_.bump_if_needed(batches_);
        return idempotence_.identity() != before;
    }
    static std::int32_t sequence(const ProducerBatch& batch) {
        return batch.state()->base_sequence;
    }
    std::int16_t epoch() const { return idempotence_.identity()->epoch.value(); }

    Idempotence idempotence_;
    BatchStore batches_;
    std::int64_t next_ = 1;
    const TopicPartition t0_{"t", PartitionIndex(0)};
};

TEST_F(IdempotenceTest, NumbersThePartitionsApart) {
    EXPECT_EQ(sequence(sent(0, 3)), 0);
    EXPECT_EQ(sequence(sent(1, 2)), 0);
    EXPECT_EQ(sequence(sent(0, 1)), 3);
    EXPECT_EQ(idempotence_.next_sequence(t0_), 4);
}

TEST_F(IdempotenceTest, SendsNothingWithoutAnIdentity) {
    Idempotence fresh;
    EXPECT_FALSE(fresh.may_drain(batch(0, 1)));
}

TEST_F(IdempotenceTest, OnlyTheFirstInFlightMayGoAgain) {
    ProducerBatch& first = sent(0, 2);
    ProducerBatch& second = sent(0, 2);
    EXPECT_TRUE(idempotence_.may_drain(first));
    EXPECT_FALSE(idempotence_.may_drain(second));
    idempotence_.completed(first, Offset(0));
    EXPECT_TRUE(idempotence_.may_drain(second));
}

TEST_F(IdempotenceTest, OutOfOrderBehindAFailedBatchIsJustRetried) {
    (void)sent(0, 2);
    ProducerBatch& second = sent(0, 2);
    EXPECT_TRUE(retries(second, ErrorCode::OutOfOrderSequenceNumber));
    EXPECT_FALSE(bumps());
}

TEST_F(IdempotenceTest, OutOfOrderRightAfterTheLastAcknowledgedMeansAGap) {
    idempotence_.completed(sent(0, 2), Offset(0));
    ProducerBatch& next = sent(0, 2);
    ProducerBatch& after = sent(0, 3);
    EXPECT_TRUE(retries(next, ErrorCode::OutOfOrderSequenceNumber));
    EXPECT_TRUE(bumps());
    EXPECT_EQ(epoch(), 1);
    EXPECT_EQ(sequence(next), 0);
    EXPECT_EQ(sequence(after), 2);
    EXPECT_EQ(next.state()->identity.epoch, ProducerEpoch(1));
    // An answer to the old numbers does not bump again.
    EXPECT_TRUE(retries(after, ErrorCode::OutOfOrderSequenceNumber));
    EXPECT_FALSE(bumps());
}

TEST_F(IdempotenceTest, OtherPartitionsFinishUnderTheOldEpoch) {
    ProducerBatch& failed = sent(0, 1);
    ProducerBatch& other = sent(1, 1);
    idempotence_.failed(failed, ErrorCode::InvalidRecord, true);
    EXPECT_TRUE(bumps());
    EXPECT_EQ(other.state()->identity.epoch, ProducerEpoch(0));
    ProducerBatch& later = batch(1, 1);
    EXPECT_FALSE(idempotence_.may_drain(later));
    idempotence_.completed(other, Offset(0));
    EXPECT_TRUE(idempotence_.may_drain(later));
    idempotence_.assign(later, batches_);
    EXPECT_EQ(sequence(later), 0);
    EXPECT_EQ(later.state()->identity.epoch, ProducerEpoch(1));
}

TEST_F(IdempotenceTest, AnExpiredBatchHoldsBackNewOnesUntilThoseInFlightAreSettled) {
    ProducerBatch& expired = sent(0, 2);
    ProducerBatch& second = sent(0, 2);
    idempotence_.failed(expired, ErrorCode::RequestTimedOut, false);
    idempotence_.mark_unresolved(expired);
    ProducerBatch& fresh = batch(0, 1);
    idempotence_.resolve_sequences();
    EXPECT_FALSE(idempotence_.may_drain(fresh));
    // The one behind it was taken, so the expired one is in the log: the numbers go on.
    idempotence_.completed(second, Offset(2));
    idempotence_.resolve_sequences();
    EXPECT_FALSE(bumps());
    EXPECT_TRUE(idempotence_.may_drain(fresh));
    idempotence_.assign(fresh, batches_);
    EXPECT_EQ(sequence(fresh), 4);
}

TEST_F(IdempotenceTest, AnExpiredBatchWithNothingBehindItNeedsANewEpoch) {
    ProducerBatch& expired = sent(0, 2);
    idempotence_.failed(expired, ErrorCode::RequestTimedOut, false);
    idempotence_.mark_unresolved(expired);
    idempotence_.resolve_sequences();
    EXPECT_TRUE(bumps());
    EXPECT_EQ(sequence(sent(0, 1)), 0);
}

TEST_F(IdempotenceTest, ABatchRefusedRightBehindAnExpiredOneProvesItsLoss) {
    ProducerBatch& expired = sent(0, 2);
    ProducerBatch& second = sent(0, 2);
    ProducerBatch& third = sent(0, 2);
    idempotence_.failed(expired, ErrorCode::RequestTimedOut, false);
    idempotence_.mark_unresolved(expired);
    EXPECT_TRUE(retries(third, ErrorCode::OutOfOrderSequenceNumber));
    EXPECT_FALSE(bumps());
    EXPECT_TRUE(retries(second, ErrorCode::OutOfOrderSequenceNumber));
    EXPECT_TRUE(bumps());
    EXPECT_EQ(sequence(second), 0);
    EXPECT_EQ(sequence(third), 2);
    EXPECT_FALSE(idempotence_.is_unresolved(t0_));
}

TEST_F(IdempotenceTest, UnknownProducerIdBumpsUnlessTheLogStartIsUnknown) {
    ProducerBatch& one = sent(0, 1);
    EXPECT_TRUE(idempotence_.can_retry({ErrorCode::UnknownProducerId, std::nullopt}, one));
    EXPECT_FALSE(bumps());
    EXPECT_TRUE(retries(one, ErrorCode::UnknownProducerId));
    EXPECT_TRUE(bumps());
    // It was renumbered and not sent since: the answer is about the old numbers.
    EXPECT_TRUE(retries(one, ErrorCode::UnknownProducerId));
    EXPECT_FALSE(bumps());
}

TEST_F(IdempotenceTest, AUsedUpEpochNeedsANewProducerId) {
    idempotence_.set_identity(
        {ProducerId(9), ProducerEpoch(std::numeric_limits<std::int16_t>::max())});
    ProducerBatch& failed = sent(0, 1);
    ProducerBatch& second = sent(0, 4);
    ProducerBatch& third = sent(0, 1);
    idempotence_.failed(failed, ErrorCode::InvalidRecord, true);
    EXPECT_TRUE(idempotence_.bump_if_needed(batches_));
    EXPECT_FALSE(idempotence_.identity().has_value());
    EXPECT_FALSE(idempotence_.may_drain(second));
    EXPECT_FALSE(idempotence_.bump_if_needed(batches_));
    idempotence_.set_identity({ProducerId(10), ProducerEpoch(0)});
    EXPECT_TRUE(idempotence_.bump_if_needed(batches_));
    EXPECT_EQ(idempotence_.identity()->epoch, ProducerEpoch(0));
    EXPECT_EQ(second.state(), (ProducerState{{ProducerId(10), ProducerEpoch(0)}, 0}));
    EXPECT_EQ(sequence(third), 4);
}

TEST_F(IdempotenceTest, AFatalErrorEndsIt) {
    idempotence_.failed(sent(0, 1), ErrorCode::ProducerFenced, true);
    EXPECT_EQ(idempotence_.fatal_error(), ErrorCode::ProducerFenced);
    EXPECT_FALSE(idempotence_.may_drain(batch(1, 1)));
    EXPECT_FALSE(bumps());
}

TEST_F(IdempotenceTest, PlainErrorsAreRetriedByTheirKind) {
    ProducerBatch& one = sent(0, 1);
    EXPECT_TRUE(retries(one, ErrorCode::NotEnoughReplicas));
    EXPECT_TRUE(retries(one, ErrorCode::NetworkException));
    EXPECT_FALSE(retries(one, ErrorCode::MessageTooLarge));
    EXPECT_FALSE(retries(one, ErrorCode::InvalidProducerEpoch));
    EXPECT_FALSE(bumps());
}

}  // namespace
}  // namespace bsim::client
