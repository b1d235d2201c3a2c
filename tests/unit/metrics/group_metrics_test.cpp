// kafka_consumergroup_*, kafka_coordinator_group_*, the consumer's records-lag-max.

#include <gtest/gtest.h>

#include "tests/unit/metrics/metric_story.h"

namespace bsim::test {
namespace {

GroupState state(GroupStateName to, int generation) {
    return {"g", GroupStateName::Empty, to, GenerationId(generation)};
}

OffsetCommitted committed(int index, int offset) {
    return {"g", partition("t", index), Offset(offset), GenerationId(1), "a-1", SimDuration()};
}

// Partitions t-0 and t-1, led by broker 1, end at 10 each.
MetricStory& begin(MetricStory& story) {
    story.start_cluster(2).change({}).change({.p = partition("t", 1)});
    for (int i = 0; i < 2; ++i) {
        story.tell("broker-1", BecameLeader{partition("t", i), LeaderEpoch(0), Offset(0)});
        story.tell("broker-1", HwAdvanced{partition("t", i), Offset(10), LeaderEpoch(0)});
    }
    return story;
}

TEST(ConsumerGroupMetrics, CountMembersOffsetsAndLag) {
    const std::string name = "kafka_consumergroup_";
    const std::string t0 = "{consumergroup=\"g\",topic=\"t\",partition=\"0\"}";
    const std::string t1 = "{consumergroup=\"g\",topic=\"t\",partition=\"1\"}";
    const std::string topic = "{consumergroup=\"g\",topic=\"t\"}";
    MetricStory story;
    begin(story);
    EXPECT_EQ(story.value(name + "members{consumergroup=\"g\"}"), "none");
    story.tell("broker-2", state(GroupStateName::PreparingRebalance, 0));
    story.tell("broker-2", MemberJoined{"g", "a-1", "consumer-a-0", ""});
    story.tell("broker-2", MemberJoined{"g", "b-1", "consumer-b-0", ""});
    EXPECT_EQ(story.value(name + "members{consumergroup=\"g\"}"), "2");
    story.tell("broker-2", RebalanceCompleted{"g", GenerationId(1), {}, "range"});
    story.tell("broker-2", committed(0, 4));
    story.tell("broker-2", committed(1, 9));
    EXPECT_EQ(story.value(name + "current_offset" + t0), "4");
    EXPECT_EQ(story.value(name + "current_offset_sum" + topic), "13");
    EXPECT_EQ(story.value(name + "lag" + t0), "6");
    EXPECT_EQ(story.value(name + "lag_sum" + topic), "7");
    EXPECT_EQ(story.value("brokersim_group_rebalances_total{consumergroup=\"g\"}"), "1");
    story.tell("broker-1", NodePaused{});
    EXPECT_EQ(story.value(name + "lag" + t0), "none") << "nobody tells where it ends";
    EXPECT_EQ(story.value(name + "current_offset" + t0), "4");
    story.tell("broker-2", OffsetRemoved{"g", partition("t", 1), "expired"});
    EXPECT_EQ(story.value(name + "current_offset" + t1), "none");
    story.tell("broker-2", state(GroupStateName::Dead, 2));
    EXPECT_EQ(story.value(name + "members{consumergroup=\"g\"}"), "none");
}

TEST(GroupCoordinatorMetrics, AreEachBrokersOwnView) {
    const std::string name = "kafka_coordinator_group_groupmetadatamanager_num";
    const std::string one = "{instance=\"broker-1\"}";
    const std::string two = "{instance=\"broker-2\"}";
    MetricStory story;
    begin(story);
    EXPECT_EQ(story.value(name + "groups" + one), "0");
    EXPECT_EQ(story.value(name + "groups{instance=\"controller-100\"}"), "none");
    story.tell("broker-1", state(GroupStateName::PreparingRebalance, 0));
    EXPECT_EQ(story.value(name + "groups" + one), "1");
    EXPECT_EQ(story.value(name + "groupspreparingrebalance" + one), "1");
    story.tell("broker-1", state(GroupStateName::CompletingRebalance, 1));
    EXPECT_EQ(story.value(name + "groupscompletingrebalance" + one), "1");
    story.tell("broker-1", state(GroupStateName::Stable, 1));
    EXPECT_EQ(story.value(name + "groupsstable" + one), "1");
    EXPECT_EQ(story.value(name + "groupscompletingrebalance" + one), "0");
    story.tell("broker-1", committed(0, 4));
    EXPECT_EQ(story.value(name + "offsets" + one), "1");
    EXPECT_EQ(story.value(name + "offsets" + two), "0");
    // The new coordinator has loaded it, the old one has not heard of it.
    story.tell("broker-2", GroupMoved{"g", true, GroupStateName::Stable, GenerationId(1)});
    EXPECT_EQ(story.value(name + "groupsstable" + one), "1");
    EXPECT_EQ(story.value(name + "groupsstable" + two), "1");
    story.tell("broker-1", GroupMoved{"g", false, GroupStateName::Stable, GenerationId(1)});
    EXPECT_EQ(story.value(name + "groups" + one), "0");
    story.tell("broker-2", state(GroupStateName::Empty, 2));
    EXPECT_EQ(story.value(name + "groupsempty" + two), "1");
    story.tell("broker-2", NodeStopped{StopMode::Kill});
    EXPECT_EQ(story.value(name + "groups" + two), "none");
    story.tell("broker-2", NodeStarted{Incarnation(2)});
    EXPECT_EQ(story.value(name + "groups" + two), "0");
}

TEST(ConsumerLagMetrics, FollowThePositionOfWhatIsHeld) {
    const std::string lag =
        "kafka_consumer_consumer_fetch_manager_metrics_records_lag_max"
        "{instance=\"consumer-a-0\",client_id=\"consumer-a-0\"}";
    MetricStory story;
    begin(story);
    story.tell("consumer-a-0", NodeStarted{Incarnation(1)});
    EXPECT_EQ(story.value(lag), "none");
    story.tell("consumer-a-0",
               AssignmentChanged{
                   "g", {partition("t", 0), partition("t", 1)}, GenerationId(1), "assigned", ""});
    story.tell("consumer-a-0",
               PositionReset{partition("t", 0), Offset(-1), Offset(2), "committed"});
    EXPECT_EQ(story.value(lag), "8");
    RecordsConsumed consumed;
    consumed.p = partition("t", 1);
    consumed.to = Offset(1);
    story.tell("consumer-a-0", consumed);
    EXPECT_EQ(story.value(lag), "9");
    story.tell("consumer-a-0",
               AssignmentChanged{"g", {partition("t", 0)}, GenerationId(2), "revoked", ""});
    EXPECT_EQ(story.value(lag), "8");
    story.tell("consumer-a-0", NodeStopped{StopMode::Kill});
    EXPECT_EQ(story.value(lag), "none");
}

TEST(PartitionPauses, CountPartitionsWithoutAnOwnerThatRuns) {
    const std::string name = "brokersim_group_partition_pause_seconds_total{consumergroup=\"g\"}";
    MetricStory story;
    const auto holds = [&](const std::string& node, std::vector<TopicPartition> owned) {
        story.tell(node, AssignmentChanged{"g", std::move(owned), GenerationId(1), "assigned", ""});
    };
    const TopicPartition t0 = partition("t", 0);
    const TopicPartition t1 = partition("t", 1);
    story.at(seconds(1));
    holds("consumer-a-0", {});
    story.at(seconds(5));
    holds("consumer-a-0", {t0, t1});
    EXPECT_EQ(story.value(name), "0") << "nobody had it before";
    story.at(seconds(6));
    holds("consumer-a-0", {t0});
    story.at(seconds(8));
    holds("consumer-b-0", {t1});
    EXPECT_EQ(story.value(name), "2");
    story.at(seconds(10)).tell("consumer-a-0", NodePaused{});
    story.at(seconds(11)).tell("consumer-b-0", NodeStopped{StopMode::Kill});
    story.at(seconds(13)).tell("consumer-a-0", NodeResumed{});
    EXPECT_EQ(story.value(name), "7") << "2 + 3 of t-0 + 2 of t-1";
    // A zombie and the new owner: it has an owner while one of them runs.
    story.at(seconds(14));
    holds("consumer-c-0", {t0, t1});
    story.at(seconds(15)).tell("consumer-a-0", NodePaused{});
    story.at(seconds(20)).tell("consumer-a-0", NodeStopped{StopMode::Kill});
    EXPECT_EQ(story.value(name), "8");
}

}  // namespace
}  // namespace bsim::test
