// What concerns snapshots: the standing of others' logs, cleaning, how a follower takes one, and
// when one is due.

#include <algorithm>

#include <gtest/gtest.h>

#include "sim/protocol/kraft/log_cleaner.h"
#include "sim/protocol/kraft/raft_node.h"
#include "sim/protocol/kraft/snapshot_generator.h"
#include "tests/unit/protocol/kraft_log.h"

namespace bsim::kraft {
namespace {

OffsetAndEpoch at(std::int64_t offset, std::int32_t epoch) {
    return {LeaderEpoch(epoch), Offset(offset)};
}
SimTime at_ms(std::int64_t ms) {
    return SimTime{} + milliseconds(ms);
}

void append(TestLog& log, std::int32_t epoch, int records) {
    for (int i = 0; i < records; ++i)
        log.append({log.end_offset(), LeaderEpoch(epoch), {"r"}});
}

// Starts at 6@2; then 6..9 of epoch 2, 9..12 of epoch 4.
TestLog log_from_snapshot() {
    TestLog log;
    log.add_snapshot(at(6, 2), "six", WallMs(100));
    EXPECT_TRUE(log.truncate_to_latest_snapshot());
    append(log, 2, 3);
    append(log, 4, 3);
    return log;
}

TEST(KraftLogView, AnEmptyLogEndsInTheEpochOfItsSnapshot) {
    TestLog log;
    EXPECT_EQ(log_end(log), at(0, 0));
    log.add_snapshot(at(6, 2), "six", WallMs(100));
    ASSERT_TRUE(log.truncate_to_latest_snapshot());
    EXPECT_EQ(log_end(log), at(6, 2));
    EXPECT_EQ(epoch_end(log, LeaderEpoch(9)), at(6, 2));
}

TEST(KraftLogView, TheEpochBeforeTheLogIsThatOfItsSnapshot) {
    TestLog log;
    log.add_snapshot(at(6, 2), "six", WallMs(100));
    ASSERT_TRUE(log.truncate_to_latest_snapshot());
    append(log, 4, 3);
    // The cache knows no epoch before 4, which starts at 6: for 3 it says (3, 6).
    EXPECT_EQ(log.end_offset_for_epoch(LeaderEpoch(3)), at(6, 3));
    EXPECT_EQ(epoch_end(log, LeaderEpoch(3)), at(6, 2));
    EXPECT_EQ(epoch_end(log, LeaderEpoch(2)), at(6, 2));
    EXPECT_EQ(epoch_end(log, LeaderEpoch(4)), at(9, 4));
}

TEST(KraftLogView, OthersLogsAreAPrefixOrDivergeOrNeedTheLatestSnapshot) {
    TestLog log = log_from_snapshot();
    log.add_snapshot(at(10, 4), "ten", WallMs(200));
    const ValidatedEnd valid;
    const ValidatedEnd snapshot{Standing::Snapshot, at(10, 4)};
    EXPECT_EQ(validate_end(log, at(6, 2)), valid);
    EXPECT_EQ(validate_end(log, at(9, 2)), valid);
    EXPECT_EQ(validate_end(log, at(12, 4)), valid);
    // Before the log's start; at it, but by another way; of an epoch before the log's.
    EXPECT_EQ(validate_end(log, at(5, 2)), snapshot);
    EXPECT_EQ(validate_end(log, at(0, 0)), snapshot);
    EXPECT_EQ(validate_end(log, at(6, 1)), snapshot);
    EXPECT_EQ(validate_end(log, at(6, 3)), snapshot);
    EXPECT_EQ(validate_end(log, at(8, 1)), snapshot);
    // Too long for its epoch; of an epoch that this log has not.
    EXPECT_EQ(validate_end(log, at(10, 2)), (ValidatedEnd{Standing::Diverging, at(9, 2)}));
    EXPECT_EQ(validate_end(log, at(10, 3)), (ValidatedEnd{Standing::Diverging, at(9, 2)}));
    EXPECT_EQ(validate_end(log, at(13, 5)), (ValidatedEnd{Standing::Diverging, at(12, 4)}));
}

TEST(KraftLogView, ALogFromItsBeginningNeedsNoSnapshot) {
    TestLog log;
    append(log, 1, 3);
    EXPECT_EQ(validate_end(log, at(0, 0)), ValidatedEnd{});
    EXPECT_EQ(validate_end(log, at(2, 1)), ValidatedEnd{});
    EXPECT_EQ(validate_end(log, at(1, 0)), (ValidatedEnd{Standing::Diverging, at(0, 0)}));
    log.add_snapshot(at(2, 1), "two", WallMs(100));
    EXPECT_EQ(validate_end(log, at(0, 0)), ValidatedEnd{});
}

TEST(KraftLogView, AMachineIsGivenASnapshotWhenItStartsAndWhenTheLogHasGoneOn) {
    const TestLog log = log_from_snapshot();
    EXPECT_TRUE(must_load_snapshot(log, std::nullopt, Offset(6)));
    EXPECT_TRUE(must_load_snapshot(log, Offset(5), Offset(7)));
    EXPECT_FALSE(must_load_snapshot(log, Offset(6), Offset(7)));
    EXPECT_FALSE(must_load_snapshot(log, Offset(5), Offset(5)));
    EXPECT_FALSE(must_load_snapshot(TestLog{}, std::nullopt, Offset(6)));
}

// A log of 12 batches, 100 bytes each, with snapshots of 3 bytes at 4, 8 and 11.
TestLog log_with_snapshots() {
    TestLog log;
    append(log, 1, 12);
    log.add_snapshot(at(4, 1), "abc", WallMs(1000));
    log.add_snapshot(at(8, 1), "abc", WallMs(2000));
    log.add_snapshot(at(11, 1), "abc", WallMs(3000));
    return log;
}

TEST(KraftCleaner, TheOldestGoesWhileLogAndSnapshotsAreTooLarge) {
    TestLog log = log_with_snapshots();
    RaftConfig config;
    config.retention_bytes = 1209;
    EXPECT_EQ(next_log_start(config, log, WallMs(3000), Offset(12)), std::nullopt);
    config.retention_bytes = 1208;
    EXPECT_EQ(next_log_start(config, log, WallMs(3000), Offset(12)), at(8, 1));
    log.delete_before(at(8, 1));
    EXPECT_EQ(next_log_start(config, log, WallMs(3000), Offset(12)), std::nullopt);
    // Whatever the limit, the last snapshot stays.
    config.retention_bytes = 1;
    EXPECT_EQ(next_log_start(config, log, WallMs(3000), Offset(12)), at(11, 1));
    log.delete_before(at(11, 1));
    EXPECT_EQ(next_log_start(config, log, WallMs(3000), Offset(12)), std::nullopt);
    EXPECT_EQ(log.start_offset(), Offset(11));
}

TEST(KraftCleaner, TheOldestGoesWhenItIsTooOld) {
    const TestLog log = log_with_snapshots();
    RaftConfig config;
    config.retention_bytes.reset();
    config.retention = milliseconds(5000);
    EXPECT_EQ(next_log_start(config, log, WallMs(6000), Offset(12)), std::nullopt);
    EXPECT_EQ(next_log_start(config, log, WallMs(6001), Offset(12)), at(8, 1));
    config.retention.reset();
    EXPECT_EQ(next_log_start(config, log, WallMs(60'000'000), Offset(12)), std::nullopt);
}

TEST(KraftCleaner, WhatIsNotKnownToBeCommittedStays) {
    const TestLog log = log_with_snapshots();
    RaftConfig config;
    config.retention_bytes = 1;
    EXPECT_EQ(next_log_start(config, log, WallMs(0), Offset(7)), std::nullopt);
    EXPECT_EQ(next_log_start(config, log, WallMs(0), Offset(8)), at(8, 1));
}

// A follower of 101 in epoch 1, with nothing in its log, that is told to fetch 4@1.
class KraftFollower : public testing::Test {
  protected:
    KraftFollower() : node_(config()) {
        step(Started{ElectionState{LeaderEpoch(1), BrokerId(101), std::nullopt}});
        FetchResponse told{head_, Offset(9), std::nullopt, at(4, 1), {}};
        answer(told);
    }

    static RaftConfig config() {
        RaftConfig config;
        config.id = BrokerId(1);
        config.voters = {BrokerId(101)};
        return config;
    }
    void step(const RaftInput& in) {
        effects_.clear();
        node_.step({SimTime{}, WallMs(0), log_, {}}, in, effects_);
        for (const RaftEffect& effect : effects_) {
            if (const auto* sent = std::get_if<SendRequest>(&effect))
                asked_ = *sent;
        }
    }
    // To the last request.
    void answer(const RaftResponse& response) {
        step(ResponseReceived{BrokerId(101), asked_.correlation, response});
    }
    FetchSnapshotResponse chunk(std::int64_t position, std::size_t bytes) const {
        return {head_, at(4, 1), 10, position, SharedBytes{std::vector<std::uint8_t>(bytes)}};
    }
    bool has_halted() const {
        return !effects_.empty() && std::holds_alternative<Halt>(effects_.back());
    }

    AnswerHead head_{wire::ErrorCode::None, LeaderEpoch(1), BrokerId(101)};
    TestLog log_;
    RaftNode node_;
    RaftEffects effects_;
    SendRequest asked_;
};

TEST_F(KraftFollower, AsksForEachNextChunkAndInstallsWithTheLast) {
    EXPECT_EQ(std::get<FetchSnapshotRequest>(asked_.body).position, 0);
    answer(chunk(0, 6));
    EXPECT_EQ(std::get<FetchSnapshotRequest>(asked_.body).position, 6);
    EXPECT_EQ(std::get<FetchSnapshotRequest>(asked_.body).snapshot, at(4, 1));
    answer(chunk(6, 4));
    EXPECT_EQ(effects_.back(), RaftEffect(InstallSnapshot{at(4, 1)}));
}

TEST_F(KraftFollower, StopsAtAChunkThatIsNotTheNext) {
    answer(chunk(0, 6));
    answer(chunk(3, 4));
    EXPECT_TRUE(has_halted());
}

TEST_F(KraftFollower, StopsAtAChunkOfAnotherSnapshot) {
    FetchSnapshotResponse other = chunk(0, 6);
    other.snapshot = at(5, 1);
    answer(other);
    EXPECT_TRUE(has_halted());
}

// The answer names the snapshot 0-0, which is another one.
TEST_F(KraftFollower, StopsWhenItsPositionIsOutOfRange) {
    FetchSnapshotResponse refused{head_, OffsetAndEpoch{}, 0, 0, {}};
    refused.head.error = wire::ErrorCode::PositionOutOfRange;
    answer(refused);
    EXPECT_TRUE(has_halted());
}

TEST_F(KraftFollower, StartsOverWhenTheSnapshotIsGone) {
    answer(chunk(0, 6));
    FetchSnapshotResponse refused{head_, OffsetAndEpoch{}, 0, 0, {}};
    refused.head.error = wire::ErrorCode::SnapshotNotFound;
    answer(refused);
    EXPECT_EQ(effects_.front(), RaftEffect(DropFetchedSnapshot{at(4, 1)}));
    EXPECT_EQ(std::get<FetchRequest>(asked_.body).fetch_offset, Offset(0));
}

TEST_F(KraftFollower, GrantsASnapshotOnlyOfWhatIsCommittedAndInTheLog) {
    answer(chunk(0, 10));
    log_.add_snapshot(at(4, 1), "four", WallMs(0));
    ASSERT_TRUE(log_.truncate_to_latest_snapshot());
    step(SnapshotInstalled{});
    append(log_, 1, 4);
    const auto is_granted = [this](const OffsetAndEpoch& id) {
        step(SnapshotWanted{id});
        return std::find(effects_.begin(), effects_.end(), RaftEffect(CreateSnapshot{id})) !=
               effects_.end();
    };
    EXPECT_FALSE(is_granted(at(6, 1)));  // not committed yet
    answer(FetchResponse{head_, Offset(7), std::nullopt, std::nullopt, {}});
    EXPECT_TRUE(is_granted(at(6, 1)));
    EXPECT_TRUE(is_granted(at(7, 1)));
    EXPECT_FALSE(is_granted(at(8, 1)));  // not committed yet
    EXPECT_FALSE(is_granted(at(6, 2)));  // of another epoch
    EXPECT_FALSE(is_granted(at(3, 1)));  // before the log
    EXPECT_FALSE(is_granted(at(4, 1)));  // there is one
}

TEST(KraftLeaderNode, RecordsPreparedInAnotherEpochAreNotWritten) {
    RaftConfig config;
    config.id = BrokerId(101);
    config.voters = {BrokerId(101)};
    RaftNode node(config);
    TestLog log;
    RaftEffects effects;
    const auto step = [&](const RaftInput& in) {
        effects.clear();
        node.step({SimTime{}, WallMs(0), log, {}}, in, effects);
    };
    step(Started{});
    log.append({Offset(0), LeaderEpoch(1), {kLeaderChange}});
    step(Appended{});
    step(Flushed{});
    ASSERT_EQ(node.leading_epoch(), LeaderEpoch(1));
    step(RecordsPrepared{LeaderEpoch(2), {SharedBytes::copy_of(as_bytes("late"))}});
    EXPECT_EQ(node.next_append_offset(), Offset(1));
    step(RecordsPrepared{LeaderEpoch(1), {SharedBytes::copy_of(as_bytes("now"))}});
    EXPECT_EQ(node.next_append_offset(), Offset(2));
}

TEST(KraftSnapshotGenerator, AsksAfterSoManyBytesOrSoMuchTimeOneAtATime) {
    SnapshotGenerator due({1000, seconds(60)}, at_ms(0));
    EXPECT_FALSE(due.applied(999, at_ms(10)));
    EXPECT_TRUE(due.applied(1, at_ms(20)));
    // Until it is written, no other is asked for, though the bytes are counted.
    EXPECT_FALSE(due.applied(1500, at_ms(30)));
    due.written();
    EXPECT_TRUE(due.applied(1, at_ms(40)));
    due.written();
    EXPECT_FALSE(due.applied(1, at_ms(60'039)));
    EXPECT_TRUE(due.applied(1, at_ms(60'040)));
}

TEST(KraftSnapshotGenerator, ALoadedSnapshotCountsAndNoIntervalMeansNever) {
    SnapshotGenerator due({1000, std::nullopt}, at_ms(0));
    EXPECT_FALSE(due.applied(999, at_ms(1'000'000)));
    due.loaded(at_ms(1'000'000));
    EXPECT_FALSE(due.applied(999, at_ms(2'000'000)));
    EXPECT_TRUE(due.applied(1, at_ms(2'000'001)));
}

}  // namespace
}  // namespace bsim::kraft
