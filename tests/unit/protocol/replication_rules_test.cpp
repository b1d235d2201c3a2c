// The pure rules: role changes, fetch checks, truncation offsets, fetcher ids, intervals.

#include <gtest/gtest.h>

#include "sim/protocol/replication/fetch_check.h"
#include "sim/protocol/replication/fetcher_id.h"
#include "sim/protocol/replication/isr_expiration.h"
#include "sim/protocol/replication/linked_map.h"
#include "sim/protocol/replication/partition_news.h"
#include "sim/protocol/replication/truncation.h"

namespace bsim::replication {
namespace {

using wire::ErrorCode;

PartitionNews led_by(std::int32_t leader, std::int32_t epoch, std::int32_t partition_epoch) {
    PartitionNews news;
    if (leader >= 0)
        news.leader = BrokerId(leader);
    news.leader_epoch = LeaderEpoch(epoch);
    news.partition_epoch = PartitionEpoch(partition_epoch);
    return news;
}

TEST(RoleChange, FollowsLeaderAndEpochs) {
    const BrokerId me(1);
    const KnownRole follower{false, LeaderEpoch(3), PartitionEpoch(7)};
    const KnownRole leader{true, LeaderEpoch(3), PartitionEpoch(7)};
    EXPECT_EQ(role_change({}, led_by(1, 0, 0), me), RoleChange::BecomeLeader);
    EXPECT_EQ(role_change({}, led_by(2, 0, 0), me), RoleChange::BecomeFollower);
    EXPECT_EQ(role_change(follower, led_by(1, 4, 8), me), RoleChange::BecomeLeader);
    EXPECT_EQ(role_change(leader, led_by(1, 3, 7), me), RoleChange::StayLeader);
    EXPECT_EQ(role_change(leader, led_by(1, 4, 8), me), RoleChange::StayLeader);
    EXPECT_EQ(role_change(leader, led_by(2, 4, 8), me), RoleChange::BecomeFollower);
    EXPECT_EQ(role_change(leader, led_by(-1, 4, 8), me), RoleChange::BecomeFollower);
    EXPECT_EQ(role_change(follower, led_by(2, 3, 8), me), RoleChange::StayFollower);
    EXPECT_EQ(role_change(follower, led_by(2, 4, 8), me), RoleChange::BecomeFollower);
    EXPECT_EQ(role_change(follower, led_by(2, 4, 6), me), RoleChange::Ignore);
    EXPECT_EQ(role_change(leader, led_by(2, 4, 6), me), RoleChange::Ignore);
}

FetchPosition position(std::int64_t offset, int current, int last_fetched) {
    FetchPosition p{Offset(offset), LeaderEpoch(current), {}};
    if (last_fetched >= 0)
        p.last_fetched_epoch = LeaderEpoch(last_fetched);
    return p;
}

TEST(FetchCheck, EpochComesBeforeOffset) {
    const PositionFacts facts{LeaderEpoch(5), Offset(10), Offset(20), {}};
    EXPECT_EQ(check_fetch(position(99, 4, -1), facts).error, ErrorCode::FencedLeaderEpoch);
    EXPECT_EQ(check_fetch(position(99, 6, -1), facts).error, ErrorCode::UnknownLeaderEpoch);
    EXPECT_EQ(check_fetch(position(9, 5, -1), facts).error, ErrorCode::OffsetOutOfRange);
    EXPECT_EQ(check_fetch(position(21, 5, -1), facts).error, ErrorCode::OffsetOutOfRange);
    EXPECT_TRUE(check_fetch(position(10, 5, -1), facts).readable());
    EXPECT_TRUE(check_fetch(position(20, 5, -1), facts).readable());
    FetchPosition old_client{Offset(15), std::nullopt, std::nullopt};
    EXPECT_TRUE(check_fetch(old_client, facts).readable());
}

TEST(FetchCheck, LastFetchedEpochFindsTheFork) {
    PositionFacts facts{LeaderEpoch(5), Offset(10), Offset(20),
                        EpochEnd{LeaderEpoch(3), Offset(15)}};
    // Epoch 4 is unknown here: whatever the offset, the logs part at the end of 3.
    EXPECT_EQ(check_fetch(position(12, 5, 4), facts).diverging, facts.end_of_last_fetched);
    // Epoch 3 is known and ends below the fetch offset.
    EXPECT_EQ(check_fetch(position(16, 5, 3), facts).diverging, facts.end_of_last_fetched);
    EXPECT_TRUE(check_fetch(position(15, 5, 3), facts).readable());
    // Beyond the LEO, but the epoch explains why: cut, do not reset.
    EXPECT_EQ(check_fetch(position(25, 5, 3), facts).diverging, facts.end_of_last_fetched);
    // Below the log start it is out of range, diverging or not.
    EXPECT_EQ(check_fetch(position(9, 5, 4), facts).error, ErrorCode::OffsetOutOfRange);
    facts.end_of_last_fetched.reset();
    EXPECT_EQ(check_fetch(position(15, 5, 6), facts).error, ErrorCode::OffsetOutOfRange);
}

TEST(FetchCheck, ReadersSeeAsFarAsTheirIsolationAllows) {
    const ReadLimits limits{Offset(9), Offset(7), Offset(4)};
    EXPECT_EQ(read_limit(Isolation::LogEnd, limits), Offset(9));
    EXPECT_EQ(read_limit(Isolation::HighWatermark, limits), Offset(7));
    EXPECT_EQ(read_limit(Isolation::TxnCommitted, limits), Offset(4));
}

TEST(Truncation, CutsAtTheSmallerEndOfTheCommonEpoch) {
    const EpochEnd leader{LeaderEpoch(3), Offset(15)};
    EXPECT_EQ(truncation_offset(leader, {}, Offset(20)), Offset(15));
    EXPECT_EQ(truncation_offset(leader, {}, Offset(12)), Offset(12));
    EXPECT_EQ(truncation_offset(leader, EpochEnd{LeaderEpoch(3), Offset(18)}, Offset(20)),
              Offset(15));
    EXPECT_EQ(truncation_offset(leader, EpochEnd{LeaderEpoch(3), Offset(11)}, Offset(20)),
              Offset(11));
    // The follower lacks epoch 3: back to where its older epoch ends, even beyond the leader's end.
    EXPECT_EQ(truncation_offset(leader, EpochEnd{LeaderEpoch(2), Offset(18)}, Offset(20)),
              Offset(18));
    EXPECT_EQ(truncation_offset(leader, EpochEnd{LeaderEpoch(2), Offset(18)}, Offset(16)),
              Offset(16));
}

TEST(FetcherId, HashesAsJavaDoes) {
    EXPECT_EQ(java_string_hash(""), 0);
    EXPECT_EQ(java_string_hash("hello"), 99162322);
    // The classic string whose hash is the smallest integer; its absolute value does not exist.
    EXPECT_EQ(java_string_hash("polygenelubricants"), INT32_MIN);
    EXPECT_EQ(fetcher_id("polygenelubricants", PartitionIndex(0), 4), FetcherId(0));
    EXPECT_EQ(fetcher_id("hello", PartitionIndex(0), 1), FetcherId(0));
    // 31 * 99162322 = 3074031982, in 32 bits -1220935314; plus 1: -1220935313, mod 4 of 1220935313.
    EXPECT_EQ(fetcher_id("hello", PartitionIndex(1), 4), FetcherId(1));
}

TEST(IsrExpiration, HalvesTheLagTime) {
    EXPECT_EQ(isr_check_interval(seconds(30)), seconds(15));
    EXPECT_EQ(isr_check_interval(milliseconds(5)), milliseconds(2));
}

TEST(LinkedMap, KeepsTheOrderOfInsertionAndMoves) {
    LinkedMap<int, char> map;
    map.put_last(3, 'c');
    map.put_last(1, 'a');
    map.put_last(2, 'b');
    map.move_to_end(3);
    map.put_last(1, 'A');
    map.move_to_end(9);
    EXPECT_TRUE(map.erase(2));
    EXPECT_FALSE(map.erase(2));
    std::string order;
    for (const auto& [key, value] : map)
        order += value;
    EXPECT_EQ(order, "cA");
    EXPECT_EQ(map.find(2), nullptr);
    EXPECT_EQ(*map.find(1), 'A');
}

}  // namespace
}  // namespace bsim::replication
