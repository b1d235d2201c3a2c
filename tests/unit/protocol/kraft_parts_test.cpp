// The parts of the Raft node by themselves.

#include <algorithm>

#include <gtest/gtest.h>

#include "sim/protocol/kraft/batch_accumulator.h"
#include "sim/protocol/kraft/candidate.h"
#include "sim/protocol/kraft/fetch_purgatory.h"
#include "sim/protocol/kraft/follower.h"
#include "sim/protocol/kraft/leader.h"
#include "sim/protocol/kraft/request_manager.h"
#include "sim/protocol/kraft/unattached.h"

namespace bsim::kraft {
namespace {

RaftConfig config_of(std::vector<int> voters, int id) {
    RaftConfig config;
    config.id = BrokerId(id);
    for (const int voter : voters)
        config.voters.emplace_back(voter);
    return config;
}
SimTime at_ms(std::int64_t ms) {
    return SimTime{} + milliseconds(ms);
}
std::vector<SharedBytes> values(std::size_t count, std::size_t bytes) {
    return {count, SharedBytes(std::vector<std::uint8_t>(bytes))};
}
ReplicaKey key(int id) {
    return {BrokerId(id), Uuid{}};
}

TEST(KraftBackoff, CandidateDrawsFromADoublingRangeUpToTheMaximum) {
    const SimDuration max = milliseconds(1000);
    EXPECT_EQ(candidate_backoff(1, 0, max), milliseconds(0));
    EXPECT_EQ(candidate_backoff(1, 1, max), milliseconds(100));
    EXPECT_EQ(candidate_backoff(1, 2, max), milliseconds(0));
    EXPECT_EQ(candidate_backoff(3, 7, max), milliseconds(700));
    EXPECT_EQ(candidate_backoff(4, 15, max), max);
    EXPECT_EQ(candidate_backoff(100, (1U << 21U) - 1, max), max);
}

TEST(KraftBackoff, SuccessorsWaitLongerTheLowerTheyStand) {
    const SimDuration max = milliseconds(1000);
    EXPECT_EQ(successor_backoff(0, 2, max), milliseconds(0));
    EXPECT_EQ(successor_backoff(1, 2, max), milliseconds(500));
    EXPECT_EQ(successor_backoff(1, 4, max), milliseconds(125));
    EXPECT_EQ(successor_backoff(3, 4, max), milliseconds(500));
    EXPECT_EQ(successor_backoff(4, 4, max), max);
    EXPECT_EQ(successor_backoff(0, 0, max), milliseconds(0));
}

TEST(KraftVoteTally, NeedsAMajorityAndIsLostWithoutTheChanceOfOne) {
    VoteTally votes(config_of({1, 2, 3, 4, 5}, 1));
    votes.record(BrokerId(2), true);
    votes.record(BrokerId(3), false);
    votes.record(BrokerId(4), false);
    EXPECT_FALSE(votes.is_won());
    EXPECT_FALSE(votes.is_lost());
    EXPECT_EQ(votes.unrecorded(), std::vector{BrokerId(5)});
    VoteTally loser = votes;
    loser.record(BrokerId(5), false);
    EXPECT_TRUE(loser.is_lost());
    votes.record(BrokerId(5), true);
    EXPECT_TRUE(votes.is_won());
    EXPECT_EQ(votes.granting(), (std::vector{BrokerId(1), BrokerId(2), BrokerId(5)}));
}

TEST(KraftVote, IsRepeatedOnlyToTheSameReplica) {
    ElectionState ours{LeaderEpoch(4), std::nullopt, ReplicaKey{BrokerId(2), Uuid{0, 7}}};
    EXPECT_TRUE(can_grant_vote(ours, {BrokerId(2), Uuid{0, 7}}, false));
    EXPECT_FALSE(can_grant_vote(ours, {BrokerId(2), Uuid{0, 8}}, true));
    EXPECT_FALSE(can_grant_vote(ours, {BrokerId(3), Uuid{0, 7}}, true));
    ours.voted->directory = Uuid{};
    EXPECT_TRUE(can_grant_vote(ours, {BrokerId(2), Uuid{0, 8}}, false));
    ours.voted.reset();
    EXPECT_FALSE(can_grant_vote(ours, key(2), false));
    EXPECT_TRUE(can_grant_vote(ours, key(2), true));
    ours.leader = BrokerId(5);
    EXPECT_FALSE(can_grant_vote(ours, key(2), true));
}

TEST(KraftLeader, HighWatermarkIsTheMajorityElementPastTheEpochStart) {
    // Against a twin that looks at all sorted ends anew.
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        std::uint64_t state = seed * 7919 + 1;
        const auto draw = [&state](std::uint64_t bound) {
            state = state * 6364136223846793005U + 1442695040888963407U;
            return (state >> 33U) % bound;
        };
        const Offset start(static_cast<std::int64_t>(draw(5)));
        Leader leader(config_of({1, 2, 3, 4, 5}, 1), LeaderEpoch(2), start, {}, SimTime{});
        std::vector<std::int64_t> ends(5, -1);
        std::optional<Offset> twin;
        for (int i = 0; i < 60; ++i) {
            const std::size_t who = draw(5);
            bool rose = false;
            if (who == 0) {
                ends[0] = std::max(ends[0], start.value()) + static_cast<std::int64_t>(draw(4));
                rose = leader.update_local_end(Offset(ends[0]));
            } else {
                if (ends[0] < 0)
                    continue;
                ends[who] =
                    static_cast<std::int64_t>(draw(static_cast<std::uint64_t>(ends[0]) + 1));
                rose = leader.update_replica(key(1 + static_cast<int>(who)), Offset(ends[who]),
                                             SimTime{});
            }
            std::vector<std::int64_t> sorted = ends;
            std::sort(sorted.rbegin(), sorted.rend());
            const Offset majority(std::max<std::int64_t>(sorted[2], 0));
            const bool expected = sorted[2] > start.value() && (!twin || majority > *twin);
            if (expected)
                twin = majority;
            ASSERT_EQ(rose, expected);
            ASSERT_EQ(leader.hw, twin);
        }
    }
}

TEST(KraftLeader, ObserversNeverMoveTheHighWatermarkAndAreForgottenAfterFiveMinutes) {
    Leader leader(config_of({1, 2, 3}, 1), LeaderEpoch(1), Offset(0), {}, SimTime{});
    leader.update_local_end(Offset(5));
    EXPECT_FALSE(leader.update_replica(key(9), Offset(5), at_ms(10)));
    EXPECT_EQ(leader.hw, std::nullopt);
    EXPECT_EQ(leader.observers(at_ms(300'009)).size(), 1U);
    EXPECT_EQ(leader.observers(at_ms(300'010)).size(), 0U);
}

TEST(KraftLeader, CheckQuorumCountsDifferentVotersAndStartsAnew) {
    Leader leader(config_of({1, 2, 3, 4, 5}, 1), LeaderEpoch(1), Offset(0), {}, SimTime{});
    EXPECT_EQ(leader.check_quorum_deadline(), at_ms(3000));
    leader.update_replica(key(2), Offset(0), at_ms(1000));
    leader.update_replica(key(2), Offset(0), at_ms(1500));
    EXPECT_EQ(leader.check_quorum_deadline(), at_ms(3000));
    leader.update_replica(key(3), Offset(0), at_ms(2000));
    EXPECT_EQ(leader.check_quorum_deadline(), at_ms(5000));
    Leader alone(config_of({1}, 1), LeaderEpoch(1), Offset(0), {}, SimTime{});
    EXPECT_EQ(alone.check_quorum_deadline(), std::nullopt);
}

TEST(KraftLeader, CaughtUpMeansHavingAllThatTheLeaderHadThen) {
    Leader leader(config_of({1, 2, 3}, 1), LeaderEpoch(1), Offset(0), {}, SimTime{});
    leader.update_local_end(Offset(5));
    leader.update_replica(key(2), Offset(3), at_ms(10));
    EXPECT_EQ(leader.voters().at(BrokerId(2)).last_caught_up, std::nullopt);
    leader.update_local_end(Offset(9));
    // It has what the leader had at 10 ms, not what it has now.
    leader.update_replica(key(2), Offset(5), at_ms(20));
    EXPECT_EQ(leader.voters().at(BrokerId(2)).last_caught_up, at_ms(10));
    leader.update_replica(key(2), Offset(9), at_ms(30));
    EXPECT_EQ(leader.voters().at(BrokerId(2)).last_caught_up, at_ms(30));
}

TEST(KraftAccumulator, LingersFromTheFirstRecordAndSharesTheBatch) {
    BatchAccumulator accumulator(LeaderEpoch(3), Offset(10), milliseconds(25));
    EXPECT_EQ(accumulator.drain_at(), std::nullopt);
    accumulator.append(values(2, 10), at_ms(100), WallMs(5100));
    accumulator.append(values(1, 10), at_ms(120), WallMs(5120));
    EXPECT_EQ(accumulator.drain_at(), at_ms(125));
    EXPECT_EQ(accumulator.next_offset(), Offset(13));
    const std::vector<LeaderBatch> batches = accumulator.drain();
    ASSERT_EQ(batches.size(), 1U);
    const auto& batch = std::get<RecordsBatch>(batches.front());
    EXPECT_EQ(batch.base, Offset(10));
    EXPECT_EQ(batch.timestamp, WallMs(5100));
    EXPECT_EQ(batch.values.size(), 3U);
    EXPECT_EQ(accumulator.drain_at(), std::nullopt);
}

TEST(KraftAccumulator, AFullBatchIsDrainedAtOnceAndAnOperationIsNeverSplit) {
    BatchAccumulator accumulator(LeaderEpoch(1), Offset(0), milliseconds(25));
    accumulator.append(values(3, 2'000'000), at_ms(0), WallMs(0));
    accumulator.append(values(2, 2'000'000), at_ms(1), WallMs(1));
    ASSERT_TRUE(accumulator.drain_at().has_value());
    EXPECT_LE(*accumulator.drain_at(), at_ms(1));
    const std::vector<LeaderBatch> batches = accumulator.drain();
    ASSERT_EQ(batches.size(), 2U);
    EXPECT_EQ(std::get<RecordsBatch>(batches[0]).values.size(), 3U);
    EXPECT_EQ(std::get<RecordsBatch>(batches[1]).base, Offset(3));
    EXPECT_EQ(std::get<RecordsBatch>(batches[1]).timestamp, WallMs(1));
}

TEST(KraftAccumulator, CountsTheBytesThatTheBatchWillHave) {
    // Header 61; each record: length 4, attributes, timestamp, key and header count 1 each, offset
    // delta 1, value length 4 and the value. Two records of 4'194'260 bytes fill 8 MiB but for 1
    // byte.
    const std::size_t value = (8 * 1024 * 1024 - 61 - 1) / 2 - 13;
    BatchAccumulator fits(LeaderEpoch(1), Offset(0), milliseconds(25));
    fits.append(values(1, value), at_ms(0), WallMs(0));
    fits.append(values(1, value), at_ms(0), WallMs(0));
    EXPECT_EQ(fits.drain().size(), 1U);
    BatchAccumulator too_much(LeaderEpoch(1), Offset(0), milliseconds(25));
    too_much.append(values(1, value + 1), at_ms(0), WallMs(0));
    too_much.append(values(1, value + 1), at_ms(0), WallMs(0));
    EXPECT_EQ(too_much.drain().size(), 2U);
}

TEST(KraftLeader, BeforeKafka12619ItCommittedWhatAMajorityHadAtTheStartOfItsEpoch) {
    RaftConfig config = config_of({1, 2, 3}, 1);
    for (const bool own_epoch_only : {true, false}) {
        config.commit_own_epoch_only = own_epoch_only;
        Leader leader(config, LeaderEpoch(2), Offset(7), {}, SimTime{});
        leader.update_local_end(Offset(8));
        EXPECT_FALSE(leader.update_replica(key(2), Offset(6), SimTime{}));
        EXPECT_EQ(leader.update_replica(key(2), Offset(7), SimTime{}), !own_epoch_only);
        EXPECT_EQ(leader.hw, own_epoch_only ? std::nullopt : std::optional(Offset(7)));
        EXPECT_TRUE(leader.update_replica(key(3), Offset(8), SimTime{}));
    }
}

TEST(KraftLeader, BeforeKafka15489ItNeverGaveUp) {
    RaftConfig config = config_of({1, 2, 3}, 1);
    EXPECT_EQ(Leader(config, LeaderEpoch(2), Offset(7), {}, at_ms(0)).check_quorum_deadline(),
              at_ms(3000));
    config.leader_resign_on_no_fetch = false;
    EXPECT_EQ(Leader(config, LeaderEpoch(2), Offset(7), {}, at_ms(0)).check_quorum_deadline(),
              std::nullopt);
}

TEST(KraftLeader, AFetchOfASnapshotIsASignOfLifeOnly) {
    Leader leader(config_of({1, 2, 3, 4, 5}, 1), LeaderEpoch(2), Offset(7), {}, at_ms(0));
    leader.snapshot_fetched(BrokerId(9), at_ms(100));
    leader.snapshot_fetched(BrokerId(2), at_ms(200));
    leader.snapshot_fetched(BrokerId(2), at_ms(300));
    EXPECT_EQ(leader.check_quorum_deadline(), at_ms(3000));
    leader.snapshot_fetched(BrokerId(3), at_ms(400));
    EXPECT_EQ(leader.check_quorum_deadline(), at_ms(3400));
    EXPECT_EQ(leader.voters().at(BrokerId(2)).end, std::nullopt);
}

TEST(KraftLeader, WhoHasNoIdIsNoReplica) {
    Leader leader(config_of({1, 2, 3}, 1), LeaderEpoch(2), Offset(7), {}, at_ms(0));
    EXPECT_FALSE(leader.update_replica(key(-1), Offset(7), at_ms(100)));
    EXPECT_TRUE(leader.observers(at_ms(100)).empty());
}

TEST(KraftPurgatory, WakesByOffsetAndExpiresByDeadline) {
    FetchPurgatory purgatory;
    const auto park = [&](std::uint64_t id, std::int64_t offset, std::int64_t deadline_ms) {
        FetchRequest request{};
        request.fetch_offset = Offset(offset);
        purgatory.park({RequestId(id), request, {}, at_ms(deadline_ms)});
    };
    const auto ids = [](const std::vector<FetchPurgatory::Parked>& parked) {
        std::vector<std::uint64_t> found;
        for (const auto& fetch : parked)
            found.push_back(fetch.id.value());
        return found;
    };
    park(1, 7, 500);
    park(2, 5, 400);
    park(3, 5, 300);
    park(4, 9, 200);
    EXPECT_EQ(purgatory.next_deadline(), at_ms(200));
    EXPECT_EQ(ids(purgatory.take_expired(at_ms(300))), (std::vector<std::uint64_t>{4, 3}));
    EXPECT_EQ(ids(purgatory.take_up_to(Offset(7))), (std::vector<std::uint64_t>{2, 1}));
    EXPECT_TRUE(purgatory.empty());
}

TEST(KraftRequests, OneAtATimeThenBackoffOrTimeout) {
    RequestManager requests({BrokerId(7), BrokerId(8)}, milliseconds(20), milliseconds(2000));
    EXPECT_EQ(requests.find_ready_bootstrap(at_ms(0), 3), BrokerId(8));
    const CorrelationId first = requests.on_sent(BrokerId(8), at_ms(0));
    EXPECT_EQ(requests.find_ready_bootstrap(at_ms(1), 0), std::nullopt);
    EXPECT_EQ(requests.bootstrap_ready_at(at_ms(1)), at_ms(2000));
    requests.on_result(BrokerId(8), first, false, at_ms(10));
    EXPECT_TRUE(requests.is_backing_off(BrokerId(8), at_ms(29)));
    EXPECT_EQ(requests.find_ready_bootstrap(at_ms(29), 1), BrokerId(7));
    EXPECT_TRUE(requests.is_ready(BrokerId(8), at_ms(30)));

    const CorrelationId second = requests.on_sent(BrokerId(8), at_ms(30));
    EXPECT_FALSE(requests.is_expected(BrokerId(8), first));
    EXPECT_TRUE(requests.has_timed_out(BrokerId(8), at_ms(2030)));
    requests.on_result(BrokerId(8), second, true, at_ms(2031));
    EXPECT_FALSE(requests.is_expected(BrokerId(8), second));
}

}  // namespace
}  // namespace bsim::kraft
