#include <string>

#include <gtest/gtest.h>

#include "sim/protocol/rules/partition_change.h"

namespace bsim {
namespace {

using Ints = std::vector<std::int32_t>;

std::vector<BrokerId> ids(const Ints& list) {
    return to_broker_ids(list);
}

const TopicIdPartition kPartition{Uuid{7, 9}, PartitionIndex(3)};

PartitionRegistration partition(const Ints& replicas, const Ints& isr, std::int32_t leader) {
    PartitionRegistration made;
    made.replicas = ids(replicas);
    made.isr = ids(isr);
    if (leader >= 0)
        made.leader = BrokerId(leader);
    made.leader_epoch = LeaderEpoch(4);
    made.partition_epoch = PartitionEpoch(6);
    for (const std::int32_t replica : replicas) {
        made.directories.push_back(Uuid{1, 1000 + static_cast<std::uint64_t>(replica)});
    }
    return made;
}

PartitionChangeWish wish(const Ints& acceptable, Election election = Election::Online) {
    PartitionChangeWish made;
    made.acceptable = ids(acceptable);
    made.election = election;
    return made;
}

std::optional<wire::PartitionChangeRecord> decide(const PartitionRegistration& from,
                                                  const PartitionChangeWish& wanted) {
    return decide_partition_change(kPartition, from, wanted);
}

TEST(PartitionChange, IsNotWrittenIfNothingChanges) {
    EXPECT_FALSE(decide(partition({1, 2, 3}, {1, 2, 3}, 1), wish({1, 2, 3})));
    EXPECT_FALSE(decide(partition({1, 2, 3}, {1}, -1), wish({2, 3})));
    EXPECT_FALSE(decide(partition({1, 2, 3}, {1, 2, 3}, 1), wish({1, 2, 3}, Election::Preferred)));
}

TEST(PartitionChange, MovesTheLeaderToTheFirstReplicaInTheIsr) {
    PartitionChangeWish wanted = wish({2, 3});
    wanted.isr = ids({3, 2});
    const auto record = decide(partition({1, 2, 3}, {3, 1, 2}, 1), wanted);
    ASSERT_TRUE(record);
    EXPECT_EQ(2, record->leader);
    EXPECT_EQ((Ints{3, 2}), record->isr);
    EXPECT_FALSE(record->directories);
    EXPECT_FALSE(record->replicas);
    EXPECT_EQ(-1, record->leader_recovery_state);
    EXPECT_EQ(3, record->partition_id);
    EXPECT_EQ(kPartition.topic_id, record->topic_id);
}

TEST(PartitionChange, DoesNotNameTheLeaderIfOnlyAFollowerLeavesTheIsr) {
    PartitionChangeWish wanted = wish({1, 3});
    wanted.isr = ids({1, 3});
    const auto record = decide(partition({1, 2, 3}, {1, 2, 3}, 1), wanted);
    ASSERT_TRUE(record);
    EXPECT_EQ(-2, record->leader);
    EXPECT_EQ((Ints{1, 3}), record->isr);
}

TEST(PartitionChange, KeepsTheLastIsrMemberAndTakesTheLeaderAway) {
    PartitionChangeWish wanted = wish({2, 3});
    wanted.isr.emplace();
    const auto record = decide(partition({1, 2, 3}, {1}, 1), wanted);
    ASSERT_TRUE(record);
    EXPECT_EQ(-1, record->leader);
    EXPECT_FALSE(record->isr);
    const PartitionRegistration next = partition({1, 2, 3}, {1}, 1).merge(*record);
    EXPECT_EQ(ids({1}), next.isr);
    EXPECT_FALSE(next.leader);
    EXPECT_EQ(LeaderEpoch(5), next.leader_epoch);
    EXPECT_EQ(PartitionEpoch(7), next.partition_epoch);
}

TEST(PartitionChange, ElectsUncleanlyOnlyIfAskedAndOnlyIfTheIsrIsGone) {
    PartitionChangeWish wanted = wish({3}, Election::Unclean);
    wanted.isr.emplace();
    const auto record = decide(partition({1, 2, 3}, {1}, 1), wanted);
    ASSERT_TRUE(record);
    EXPECT_EQ(3, record->leader);
    EXPECT_EQ((Ints{3}), record->isr);
    EXPECT_EQ(1, record->leader_recovery_state);

    // An ISR member that may lead comes before anybody outside.
    const auto clean = decide(partition({1, 2, 3}, {3}, -1), wish({1, 2, 3}, Election::Unclean));
    ASSERT_TRUE(clean);
    EXPECT_EQ(3, clean->leader);
    EXPECT_FALSE(clean->isr);
    EXPECT_EQ(-1, clean->leader_recovery_state);
}

TEST(PartitionChange, PreferredElectionFallsBackToTheUsualOne) {
    const auto preferred =
        decide(partition({1, 2, 3}, {2, 3, 1}, 2), wish({1, 2, 3}, Election::Preferred));
    ASSERT_TRUE(preferred);
    EXPECT_EQ(1, preferred->leader);
    EXPECT_FALSE(preferred->isr);
    // Not in the ISR, or not acceptable: the present leader stays.
    EXPECT_FALSE(decide(partition({1, 2, 3}, {2, 3}, 2), wish({1, 2, 3}, Election::Preferred)));
    EXPECT_FALSE(decide(partition({1, 2, 3}, {1, 2}, 2), wish({2, 3}, Election::Preferred)));
    // Without a leader the next in order is taken.
    const auto next = decide(partition({1, 2, 3}, {3, 2}, -1), wish({2, 3}, Election::Preferred));
    ASSERT_TRUE(next);
    EXPECT_EQ(2, next->leader);
}

TEST(PartitionChange, RecoveryEndsWhenTheLeaderSaysSo) {
    PartitionRegistration recovering = partition({1, 2}, {1}, 1);
    recovering.recovery = LeaderRecoveryState::Recovering;
    PartitionChangeWish wanted = wish({1, 2});
    wanted.recovery = LeaderRecoveryState::Recovered;
    const auto record = decide(recovering, wanted);
    ASSERT_TRUE(record);
    EXPECT_EQ(0, record->leader_recovery_state);
    EXPECT_EQ(-2, record->leader);
    EXPECT_EQ(LeaderRecoveryState::Recovered, recovering.merge(*record).recovery);
}

TEST(PartitionChange, ReassignmentAddsAtOnceAndRemovesOnceTheNewReplicasAreInSync) {
    PartitionRegistration now = partition({1, 2, 3}, {1, 2, 3}, 1);
    const Reassignment started = start_reassignment(now.replicas, ids({4, 2, 5}));
    EXPECT_EQ(ids({4, 2, 5, 1, 3}), started.replicas);
    EXPECT_EQ(ids({1, 3}), started.removing);
    EXPECT_EQ(ids({4, 5}), started.adding);

    PartitionChangeWish begin = wish({1, 2, 3});
    begin.replicas = started.replicas;
    begin.removing = started.removing;
    begin.adding = started.adding;
    begin.directories = {{BrokerId(4), Uuid{1, 1004}}};
    const auto first = decide(now, begin);
    ASSERT_TRUE(first);
    EXPECT_EQ(-2, first->leader);
    EXPECT_FALSE(first->isr);
    ASSERT_TRUE(first->directories);
    EXPECT_EQ((std::vector<Uuid>{{1, 1004}, {1, 1002}, {0, 1}, {1, 1001}, {1, 1003}}),
              *first->directories);
    now = now.merge(*first);
    EXPECT_TRUE(now.is_reassigning());

    // Broker 4 is in sync, 5 not yet.
    PartitionChangeWish joined = wish({1, 2, 3, 4, 5});
    joined.isr = ids({1, 2, 3, 4});
    const auto second = decide(now, joined);
    ASSERT_TRUE(second);
    EXPECT_FALSE(second->replicas);
    now = now.merge(*second);

    joined.isr = ids({1, 2, 3, 4, 5});
    const auto last = decide(now, joined);
    ASSERT_TRUE(last);
    EXPECT_EQ((Ints{4, 2, 5}), last->replicas);
    EXPECT_EQ((Ints{2, 4, 5}), last->isr);
    EXPECT_EQ(4, last->leader);
    EXPECT_EQ((Ints{}), last->removing_replicas);
    EXPECT_EQ((Ints{}), last->adding_replicas);
    now = now.merge(*last);
    EXPECT_FALSE(now.is_reassigning());
    EXPECT_EQ(BrokerId(4), now.leader);
}

TEST(PartitionChange, TakingAReplicaAwayBumpsTheEpochOfTheStayingLeader) {
    PartitionRegistration now = partition({1, 2, 3}, {1, 2, 3}, 1);
    now.removing = ids({3});
    const auto record = decide(now, wish({1, 2, 3}));
    ASSERT_TRUE(record);
    EXPECT_EQ(1, record->leader);
    EXPECT_EQ((Ints{1, 2}), record->replicas);
    EXPECT_EQ((Ints{1, 2}), record->isr);
    EXPECT_EQ(LeaderEpoch(5), now.merge(*record).leader_epoch);
}

TEST(PartitionChange, ReassignmentWaitsWhileOnlyLeavingReplicasAreInSync) {
    EXPECT_FALSE(complete_reassignment({ids({1, 2}), ids({1}), {}}, ids({1})));
    EXPECT_FALSE(complete_reassignment({ids({1, 2}), {}, {}}, ids({1, 2})));
    EXPECT_FALSE(complete_reassignment({ids({1, 2}), {}, ids({2})}, ids({1})));
    const auto done = complete_reassignment({ids({1, 2}), {}, ids({2})}, ids({2, 1}));
    ASSERT_TRUE(done);
    EXPECT_EQ(ids({2, 1}), done->isr);
}

TEST(Isr, IsValidOnlyWithKnownReplicasOnce) {
    EXPECT_TRUE(is_valid_isr(ids({1, 2, 3}), ids({3, 1})));
    EXPECT_TRUE(is_valid_isr(ids({1, 2, 3}), {}));
    EXPECT_FALSE(is_valid_isr(ids({1, 2, 3}), ids({1, 1})));
    EXPECT_FALSE(is_valid_isr(ids({1, 2, 3}), ids({4})));
    EXPECT_FALSE(is_valid_isr(ids({-1, 2}), ids({-1})));
}

// Kafka's rule in the plainest words, to compare with.
LeaderChoice by_the_book(const LeaderCandidates& c, Election election) {
    std::vector<BrokerId> order;
    if (election == Election::Preferred)
        order.push_back(c.replicas.front());
    if (c.present_leader)
        order.push_back(*c.present_leader);
    order.insert(order.end(), c.replicas.begin(), c.replicas.end());
    for (const BrokerId each : order) {
        if (contains(c.isr, each) && contains(c.acceptable, each))
            return {each, false};
    }
    for (const BrokerId each : c.replicas) {
        if (election == Election::Unclean && contains(c.acceptable, each))
            return {each, true};
    }
    return {};
}

TEST(LeaderChoice, IsByTheBookForEveryIsrAndEveryAcceptableSetOfThreeReplicas) {
    const std::vector<BrokerId> replicas = ids({2, 1, 3});
    const auto subset = [&](unsigned bits) {
        std::vector<BrokerId> chosen;
        for (unsigned i = 0; i < 3; ++i) {
            if ((bits >> i & 1U) != 0)
                chosen.push_back(replicas[i]);
        }
        return chosen;
    };
    for (unsigned bits = 0; bits < 64; ++bits) {
        const auto isr = subset(bits & 7U);
        const auto acceptable = subset(bits >> 3U);
        for (std::int32_t leader = 0; leader <= 3; ++leader) {
            std::optional<BrokerId> present;
            if (leader > 0)
                present = BrokerId(leader);
            for (const Election election :
                 {Election::Online, Election::Preferred, Election::Unclean}) {
                const LeaderCandidates candidates{replicas, isr, acceptable, present};
                const LeaderChoice choice = choose_leader(candidates, election);
                EXPECT_EQ(by_the_book(candidates, election), choice) << bits << " " << leader;
                EXPECT_TRUE(!choice.leader || contains(acceptable, *choice.leader));
            }
        }
    }
}

}  // namespace
}  // namespace bsim
