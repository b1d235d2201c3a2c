// What a client believes about the cluster, when it asks, and where keyless records go.
#include <gtest/gtest.h>

#include "sim/protocol/client/metadata_updater.h"
#include "sim/protocol/client/partitioner.h"

namespace bsim::client {
namespace {

using wire::ErrorCode;

struct Told {
    std::int32_t leader = -1;
    std::int32_t epoch = 0;
};

wire::MetadataResponse::MetadataResponseTopic topic(const std::string& name,
                                                    const std::vector<Told>& partitions,
                                                    Uuid id = {1, 1}) {
    wire::MetadataResponse::MetadataResponseTopic made;
    made.name = name;
    made.topic_id = id;
    std::int32_t index = 0;
    for (const Told& told : partitions) {
        auto& partition = made.partitions.emplace_back();
        partition.partition_index = index++;
        partition.leader_id = told.leader;
        partition.leader_epoch = told.epoch;
    }
    return made;
}

wire::MetadataResponse response(
    const std::vector<wire::MetadataResponse::MetadataResponseTopic>& topics, int brokers = 3) {
    wire::MetadataResponse made;
    for (int b = 1; b <= brokers; ++b) {
        made.brokers.push_back({b, "b" + std::to_string(b), 9092, std::nullopt});
    }
    made.topics = topics;
    return made;
}

const TopicPartition kT0{"t", PartitionIndex(0)};
const TopicPartition kT1{"t", PartitionIndex(1)};

TEST(ClusterMetadata, KnowsOnlyTheBootstrapServersAtFirst) {
    const ClusterMetadata cluster({{"x", 1}, {"y", 2}});
    EXPECT_TRUE(cluster.is_bootstrap());
    EXPECT_EQ(cluster.node(NodeId(-2))->endpoint, (Endpoint{"y", 2}));
    EXPECT_EQ(cluster.partition_count("t"), 0);
}

TEST(ClusterMetadata, AViewOlderThanAnotherAnswerNamesNoLeader) {
    ClusterMetadata cluster({{"x", 1}});
    EXPECT_FALSE(cluster.note_epoch(kT0, LeaderEpoch(3))) << "nothing is known of it";
    EXPECT_EQ(cluster.current_leader(kT0), LeaderAndEpoch{});
    cluster.take(response({topic("t", {{1, 5}, {9, 5}})}), {});
    EXPECT_EQ(cluster.current_leader(kT0), (LeaderAndEpoch{NodeId(1), LeaderEpoch(5)}));
    EXPECT_EQ(cluster.current_leader(kT1), (LeaderAndEpoch{std::nullopt, LeaderEpoch(5)}))
        << "no such broker";
    EXPECT_FALSE(cluster.note_epoch(kT0, LeaderEpoch(5)));
    EXPECT_TRUE(cluster.note_epoch(kT0, LeaderEpoch(6)));
    EXPECT_EQ(cluster.current_leader(kT0), (LeaderAndEpoch{std::nullopt, LeaderEpoch(6)}));
    cluster.take(response({topic("t", {{2, 6}, {2, 5}})}), {});
    EXPECT_EQ(cluster.current_leader(kT0), (LeaderAndEpoch{NodeId(2), LeaderEpoch(6)}));
}

TEST(ClusterMetadata, NeverGoesBackToAnOlderLeaderEpoch) {
    ClusterMetadata cluster({{"x", 1}});
    EXPECT_TRUE(cluster.take(response({topic("t", {{1, 5}, {2, 5}})}), {}).made_progress);
    // One partition is older, the other newer: only the latter is taken.
    EXPECT_TRUE(cluster.take(response({topic("t", {{2, 4}, {3, 6}})}), {}).made_progress);
    EXPECT_EQ(cluster.leader_of(kT0), NodeId(1));
    EXPECT_EQ(cluster.leader_epoch_of(kT0), LeaderEpoch(5));
    EXPECT_EQ(cluster.leader_of(kT1), NodeId(3));
    EXPECT_FALSE(cluster.take(response({topic("t", {{2, 4}, {3, 6}})}), {}).made_progress);
}

TEST(ClusterMetadata, StartsOverWhenTheTopicWasMadeAnew) {
    ClusterMetadata cluster({{"x", 1}});
    (void)cluster.take(response({topic("t", {{1, 5}})}), {});
    (void)cluster.take(response({topic("t", {{2, 0}}, Uuid{9, 9})}), {});
    EXPECT_EQ(cluster.leader_of(kT0), NodeId(2));
    EXPECT_EQ(cluster.last_seen_epoch(kT0), LeaderEpoch(0));
}

TEST(ClusterMetadata, APartialAnswerKeepsOtherTopicsThatAreInUse) {
    ClusterMetadata cluster({{"x", 1}});
    (void)cluster.take(response({topic("t", {{1, 0}}), topic("u", {{1, 0}}), topic("v", {{1, 0}})}),
                       {});
    const std::set<std::string> retained = {"t", "w"};
    (void)cluster.take(response({topic("w", {{2, 0}})}), {true, true, &retained});
    EXPECT_EQ(cluster.partition_count("t"), 1);
    EXPECT_EQ(cluster.partition_count("w"), 1);
    EXPECT_EQ(cluster.partition_count("u"), 0);
    (void)cluster.take(response({topic("w", {{2, 0}})}), {false, true, &retained});
    EXPECT_EQ(cluster.partition_count("t"), 0);
}

TEST(ClusterMetadata, ALeaderThatIsNoKnownNodeIsNoLeader) {
    ClusterMetadata cluster({{"x", 1}});
    (void)cluster.take(response({topic("t", {{7, 0}, {1, 0}})}), {});
    EXPECT_EQ(cluster.leader_of(kT0), std::nullopt);
    EXPECT_EQ(cluster.available_partitions("t"), std::vector{PartitionIndex(1)});
    EXPECT_EQ(cluster.partition_count("t"), 2);
}

TEST(ClusterMetadata, AnErrorOfATopicOrPartitionWantsARefresh) {
    ClusterMetadata cluster({{"x", 1}});
    auto missing = topic("t", {});
    missing.error_code = static_cast<std::int16_t>(ErrorCode::UnknownTopicOrPartition);
    const auto taken = cluster.take(response({missing}), {});
    EXPECT_TRUE(taken.wants_refresh);
    EXPECT_EQ(taken.topic_errors.at("t"), ErrorCode::UnknownTopicOrPartition);
    auto leaderless = topic("t", {{-1, 3}});
    leaderless.partitions[0].error_code = static_cast<std::int16_t>(ErrorCode::LeaderNotAvailable);
    EXPECT_TRUE(cluster.take(response({leaderless}), {}).wants_refresh);
    EXPECT_EQ(cluster.leader_epoch_of(kT0), LeaderEpoch(3));
}

TEST(ClusterMetadata, TakesHintsThatAreNewerAndNameANode) {
    ClusterMetadata cluster({{"x", 1}});
    (void)cluster.take(response({topic("t", {{1, 5}, {2, 5}})}), {});
    const NodeView four{NodeId(4), {"b4", 9092}, std::nullopt};
    EXPECT_TRUE(cluster.take_hints({{kT0, NodeId(2), LeaderEpoch(5)}}, {}).empty());
    EXPECT_TRUE(cluster.take_hints({{kT0, NodeId(4), LeaderEpoch(6)}}, {}).empty());
    EXPECT_TRUE(
        cluster.take_hints({{{"u", PartitionIndex(0)}, NodeId(2), LeaderEpoch(6)}}, {}).empty());
    EXPECT_EQ(cluster.take_hints({{kT0, NodeId(4), LeaderEpoch(6)}}, {four}), std::set{kT0});
    EXPECT_EQ(cluster.leader_of(kT0), NodeId(4));
    EXPECT_EQ(cluster.partitions_led_by(NodeId(4)), std::vector{kT0});
    // Metadata from a broker that has not heard yet changes nothing.
    (void)cluster.take(response({topic("t", {{1, 5}, {2, 5}})}), {});
    EXPECT_EQ(cluster.leader_epoch_of(kT0), LeaderEpoch(6));
}

class Updater : public testing::Test {
  protected:
    void answer(SimTime now, const wire::MetadataResponse& with) {
        (void)updater_.begin_request(now);
        updater_.response_arrived(now, with, 12, draws_);
    }
    static SimTime at(std::int64_t ms) { return SimTime(milliseconds(ms).ns()); }

    ClientSettings settings_ = [] {
        ClientSettings s;
        s.bootstrap_servers = {{"x", 1}};
        return s;
    }();
    MetadataUpdater updater_{settings_};
    DrawSequence draws_{3};
};

TEST_F(Updater, IsDueAtTheStartAndThenWhenTheMetadataIsTooOld) {
    EXPECT_TRUE(updater_.is_due(at(0)));
    answer(at(0), response({}));
    EXPECT_EQ(updater_.due_at(), at(300'000));
}

TEST_F(Updater, ARequestedRefreshWaitsForTheBackoffAfterTheLastAnswer) {
    answer(at(1000), response({}));
    updater_.request_update();
    EXPECT_FALSE(updater_.is_due(at(1079)));
    EXPECT_TRUE(updater_.is_due(at(1120)));
}

TEST_F(Updater, ANewTopicIsAskedForAtOnceAndAlone) {
    updater_.add_topic(at(0), "old");
    answer(at(0), response({topic("old", {{1, 0}})}));
    updater_.add_topic(at(1), "new");
    EXPECT_TRUE(updater_.is_due(at(1)));
    const wire::MetadataRequest request = updater_.begin_request(at(1));
    ASSERT_EQ(request.topics->size(), 1U);
    EXPECT_EQ(request.topics->front().name, "new");
    EXPECT_TRUE(request.allow_auto_topic_creation);
    EXPECT_FALSE(updater_.due_at().has_value());
}

TEST_F(Updater, FailuresBackOffMoreAndMore) {
    std::int64_t now = 0;
    std::vector<std::int64_t> waits;
    for (int i = 0; i < 6; ++i) {
        (void)updater_.begin_request(at(now));
        updater_.request_failed(at(now), draws_);
        const std::int64_t due = updater_.due_at()->ns() / 1'000'000;
        waits.push_back(due - now);
        now = due + 1;
    }
    const std::int64_t terms[] = {100, 200, 400, 800, 1000, 1000};
    for (std::size_t i = 0; i < waits.size(); ++i) {
        EXPECT_GE(waits[i], terms[i] * 8 / 10 - 1);
        EXPECT_LE(waits[i], std::min<std::int64_t>(terms[i] * 12 / 10, 1000));
    }
}

TEST_F(Updater, AnswersThatBringNothingNewBackOffAndANewEpochEndsThat) {
    updater_.add_topic(at(0), "t");
    answer(at(0), response({topic("t", {{1, 0}})}));
    std::int64_t now = 0;
    std::int64_t wait = 0;
    for (int i = 0; i < 6; ++i) {
        updater_.request_update();
        const std::int64_t due = updater_.due_at()->ns() / 1'000'000 + 1;
        wait = due - now;
        now = due;
        answer(at(now), response({topic("t", {{1, 0}})}));
    }
    EXPECT_GE(wait, 800);
    answer(at(now), response({topic("t", {{2, 1}})}));
    updater_.request_update();
    EXPECT_TRUE(updater_.is_due(at(now + 121)));
}

TEST_F(Updater, ADisconnectWhileARefreshIsDueCountsAsItsFailure) {
    EXPECT_TRUE(updater_.is_due(at(0)));
    updater_.node_disconnected(at(0), draws_);
    EXPECT_FALSE(updater_.is_due(at(79)));
    EXPECT_TRUE(updater_.is_due(at(120)));
}

TEST_F(Updater, AnAnswerWithoutBrokersIsAFailure) {
    answer(at(0), response({}, 0));
    EXPECT_TRUE(updater_.cluster().is_bootstrap());
    EXPECT_EQ(updater_.update_version(), 1);
    EXPECT_FALSE(updater_.is_due(at(1)));
    EXPECT_TRUE(updater_.is_due(at(120)));
}

TEST_F(Updater, ForgetsTopicsThatNobodyUses) {
    updater_.add_topic(at(0), "t");
    answer(at(0), response({topic("t", {{1, 0}})}));
    EXPECT_EQ(updater_.cluster().partition_count("t"), 1);
    answer(at(300'001), response({topic("t", {{1, 0}})}));
    EXPECT_EQ(updater_.cluster().partition_count("t"), 0);
}

class Sticky : public testing::Test {
  protected:
    Sticky() { (void)cluster_.take(response({topic("t", {{1, 0}, {-1, 0}, {1, 0}, {2, 0}})}), {}); }

    std::map<std::int32_t, int> spread(StickyPartitioner& partitioner, int draws) {
        std::map<std::int32_t, int> counts;
        DrawSequence dice(11);
        for (int i = 0; i < draws; ++i) {
            (void)partitioner.appended(1000, true, cluster_, dice);
            ++counts[partitioner.current(cluster_, dice).value()];
        }
        return counts;
    }

    ClusterMetadata cluster_{{{"x", 1}}};
    DrawSequence draws_{5};
};

TEST_F(Sticky, StaysUntilABatchIsFullOrTwoAreWorth) {
    StickyPartitioner partitioner("t", 1000);
    (void)partitioner.current(cluster_, draws_);
    EXPECT_FALSE(partitioner.appended(999, true, cluster_, draws_));
    EXPECT_FALSE(partitioner.appended(500, false, cluster_, draws_));
    EXPECT_TRUE(partitioner.appended(501, false, cluster_, draws_));
    EXPECT_FALSE(partitioner.appended(999, true, cluster_, draws_));
    EXPECT_TRUE(partitioner.appended(1, true, cluster_, draws_));
}

TEST_F(Sticky, ChoosesEvenlyAmongPartitionsWithALeader) {
    StickyPartitioner partitioner("t", 1000);
    const auto counts = spread(partitioner, 3000);
    EXPECT_EQ(counts.size(), 3U);
    EXPECT_FALSE(counts.contains(1));
    for (const auto& [partition, count] : counts)
        EXPECT_NEAR(count, 1000, 120);
}

TEST_F(Sticky, ShunsLongQueuesByTheirLength) {
    StickyPartitioner partitioner("t", 1000);
    // Weights 4, 1 and 3, as in the example of BuiltInPartitioner.
    partitioner.update_load(
        {{PartitionIndex(0), 0}, {PartitionIndex(2), 3}, {PartitionIndex(3), 1}}, 4);
    const auto counts = spread(partitioner, 8000);
    EXPECT_NEAR(counts.at(0), 4000, 250);
    EXPECT_NEAR(counts.at(2), 1000, 150);
    EXPECT_NEAR(counts.at(3), 3000, 250);
    // Equal queues of all partitions need no weights; with one left out they do.
    partitioner.update_load({{PartitionIndex(0), 2}, {PartitionIndex(2), 2}}, 2);
    EXPECT_EQ(spread(partitioner, 3000).size(), 3U);
    partitioner.update_load({{PartitionIndex(0), 2}, {PartitionIndex(2), 2}}, 3);
    EXPECT_EQ(spread(partitioner, 3000).size(), 2U);
}

TEST_F(Sticky, WithoutAnyLeaderChoosesAmongAll) {
    ClusterMetadata leaderless({{"x", 1}});
    (void)leaderless.take(response({topic("t", {{-1, 0}, {-1, 0}})}), {});
    StickyPartitioner partitioner("t", 1);
    std::set<PartitionIndex> seen;
    for (int i = 0; i < 100; ++i) {
        (void)partitioner.appended(1, true, leaderless, draws_);
        seen.insert(partitioner.current(leaderless, draws_));
    }
    EXPECT_EQ(seen.size(), 2U);
}

}  // namespace
}  // namespace bsim::client
