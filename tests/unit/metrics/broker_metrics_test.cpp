// kafka_server_replicamanager_*, kafka_cluster_partition_*, kafka_server_brokertopicmetrics_*.

#include <gtest/gtest.h>

#include "tests/unit/metrics/metric_story.h"

namespace bsim::test {
namespace {

const std::string kManager = "kafka_server_replicamanager_";
const std::string kTopics = "kafka_server_brokertopicmetrics_";
const std::string kOne = "{instance=\"broker-1\"}";
const std::string kTwo = "{instance=\"broker-2\"}";

// t-0 on brokers 1 and 2, led by 1; all roles taken.
void tell_two_brokers(MetricStory& story) {
    story.start_cluster(2).change({});
    story.tell("broker-1", BecameLeader{partition("t", 0), LeaderEpoch(0), Offset(0)});
    story.tell("broker-2",
               BecameFollower{partition("t", 0), LeaderEpoch(0), BrokerId(1), Offset(0)});
}

TEST(ReplicaManagerMetrics, CountWhatEachBrokerLeadsAndHolds) {
    MetricStory story;
    story.start_cluster(2).change({});
    EXPECT_EQ(story.value(kManager + "partitioncount" + kOne), "0") << "it has not acted yet";
    story.tell("broker-1", BecameLeader{partition("t", 0), LeaderEpoch(0), Offset(0)});
    story.tell("broker-2",
               BecameFollower{partition("t", 0), LeaderEpoch(0), BrokerId(1), Offset(0)});
    EXPECT_EQ(story.value(kManager + "leadercount" + kOne), "1");
    EXPECT_EQ(story.value(kManager + "leadercount" + kTwo), "0");
    EXPECT_EQ(story.value(kManager + "partitioncount" + kTwo), "1");
    EXPECT_EQ(story.value(kManager + "leadercount{instance=\"controller-100\"}"), "none");
    story.tell("controller-100", TopicDeleted{"t", Uuid(), 1});
    EXPECT_EQ(story.value(kManager + "partitioncount" + kOne), "0");
}

TEST(ReplicaManagerMetrics, AReassignedPartitionLeavesItsOldBroker) {
    MetricStory story;
    tell_two_brokers(story);
    story.change({.isr = {1}, .replicas = {1}, .reason = "reassignment"});
    EXPECT_EQ(story.value(kManager + "partitioncount" + kOne), "1");
    EXPECT_EQ(story.value(kManager + "partitioncount" + kTwo), "0");
}

TEST(ReplicaManagerMetrics, AreTheLeadersViewNotTheControllers) {
    metrics::Settings settings;
    settings.min_isr["t"] = 2;
    MetricStory story(settings);
    tell_two_brokers(story);
    EXPECT_EQ(story.value(kManager + "underreplicatedpartitions" + kOne), "0");
    EXPECT_EQ(story.value(kManager + "atminisrpartitioncount" + kOne), "1");
    story.change({.isr = {1}, .reason = "alter-partition"});
    EXPECT_EQ(story.value(kManager + "underreplicatedpartitions" + kOne), "0")
        << "the leader has not heard of it";
    story.tell("broker-1", IsrShrunk{partition("t", 0), {BrokerId(1)}, {BrokerId(2)}});
    EXPECT_EQ(story.value(kManager + "underreplicatedpartitions" + kOne), "1");
    EXPECT_EQ(story.value(kManager + "underreplicatedpartitions" + kTwo), "0");
    EXPECT_EQ(story.value(kManager + "underminisrpartitioncount" + kOne), "1");
    EXPECT_EQ(story.value(kManager + "atminisrpartitioncount" + kOne), "0");
}

TEST(ReplicaManagerMetrics, MinIsrIsAtMostTheNumberOfReplicas) {
    metrics::Settings settings;
    settings.default_min_isr = 3;
    MetricStory story(settings);
    tell_two_brokers(story);
    EXPECT_EQ(story.value(kManager + "underminisrpartitioncount" + kOne), "0");
    EXPECT_EQ(story.value(kManager + "atminisrpartitioncount" + kOne), "1");
}

TEST(ReplicaManagerMetrics, CountOnlyIsrChangesThatTheLeaderAskedFor) {
    const TopicPartition p = partition("t", 0);
    MetricStory story;
    tell_two_brokers(story);
    story.change({.isr = {1}, .reason = "fenced"});
    story.tell("broker-1", IsrShrunk{p, {BrokerId(1)}, {BrokerId(2)}});
    EXPECT_EQ(story.value(kManager + "isrshrinks_total" + kOne), "0");
    EXPECT_EQ(story.value("brokersim_isr_shrinks_total"), "1");
    story.change({.reason = "alter-partition"});
    story.tell("broker-1", IsrExpanded{p, {BrokerId(1), BrokerId(2)}, {BrokerId(2)}});
    EXPECT_EQ(story.value(kManager + "isrexpands_total" + kOne), "1");
    story.change({.isr = {1}, .reason = "alter-partition"});
    // A change of something else does not take the ISR's change from the leader.
    story.change({.isr = {1}, .reason = "preferred-election", .epoch = 1});
    story.tell("broker-1", IsrShrunk{p, {BrokerId(1)}, {BrokerId(2)}});
    EXPECT_EQ(story.value(kManager + "isrshrinks_total" + kOne), "1");
    EXPECT_EQ(story.value(kManager + "isrshrinks_total" + kTwo), "0");
}

TEST(ReplicaManagerMetrics, CountersDieWithTheProcessAndPausedOnesAreSilent) {
    const TopicPartition p = partition("t", 0);
    MetricStory story;
    tell_two_brokers(story);
    story.change({.isr = {1}, .reason = "alter-partition"});
    story.tell("broker-1", IsrShrunk{p, {BrokerId(1)}, {BrokerId(2)}});
    story.tell("broker-1", NodePaused{});
    EXPECT_EQ(story.value(kManager + "isrshrinks_total" + kOne), "none");
    EXPECT_EQ(story.value("brokersim_node_up" + kOne), "0");
    story.tell("broker-1", NodeResumed{});
    EXPECT_EQ(story.value(kManager + "isrshrinks_total" + kOne), "1");
    story.tell("broker-1", NodeStopped{StopMode::Kill});
    EXPECT_EQ(story.value(kManager + "isrshrinks_total" + kOne), "none");
    EXPECT_EQ(story.value(kManager + "leadercount" + kOne), "none");
    story.at(seconds(9)).tell("broker-1", NodeStarted{Incarnation(2)});
    EXPECT_EQ(story.value(kManager + "isrshrinks_total" + kOne), "0");
    EXPECT_EQ(story.value(kManager + "isrshrinks_created" + kOne), "9");
    EXPECT_EQ(story.value(kManager + "partitioncount" + kOne), "0");
}

TEST(ClusterPartitionMetrics, OnlyTheLeaderKnowsTheIsr) {
    MetricStory story;
    tell_two_brokers(story);
    const std::string labels = ",topic=\"t\",partition=\"0\"}";
    const std::string name = "kafka_cluster_partition_insyncreplicascount";
    EXPECT_EQ(story.value(name + "{instance=\"broker-1\"" + labels), "2");
    EXPECT_EQ(story.value(name + "{instance=\"broker-2\"" + labels), "0");
    story.tell("broker-1",
               BecameFollower{partition("t", 0), LeaderEpoch(1), BrokerId(2), Offset(0)});
    EXPECT_EQ(story.value(name + "{instance=\"broker-1\"" + labels), "0");
}

TEST(BrokerTopicMetrics, CountProducesOnTheLeaderAndCopiesOnTheFollower) {
    MetricStory story;
    tell_two_brokers(story);
    const TopicPartition metadata = partition("__cluster_metadata", 0);
    for (const char* node : {"broker-1", "broker-2"}) {
        story.append(node, metadata, 0, 9);
        story.append(node, partition("t", 0), 0, 2);
        story.append(node, partition("t", 0), 3, 3);
    }
    const std::string topic_one = "{instance=\"broker-1\",topic=\"t\"}";
    EXPECT_EQ(story.value(kTopics + "messagesin_total" + topic_one), "4");
    EXPECT_EQ(story.value(kTopics + "bytesin_total" + topic_one), "400");
    EXPECT_EQ(story.value(kTopics + "bytesin_total" + kOne), "400");
    EXPECT_EQ(story.value(kTopics + "replicationbytesin_total" + kOne), "0");
    EXPECT_EQ(story.value(kTopics + "messagesin_total" + kTwo), "0");
    EXPECT_EQ(story.value(kTopics + "messagesin_total{instance=\"broker-2\",topic=\"t\"}"), "none");
    EXPECT_EQ(story.value(kTopics + "replicationbytesin_total" + kTwo), "400");
}

TEST(BrokerTopicMetrics, ATopicsSeriesEndsWithItsLastLeadership) {
    MetricStory story;
    const std::string topic_one = "{instance=\"broker-1\",topic=\"t\"}";
    story.start_cluster(2).change({}).change({.p = partition("t", 1)});
    story.tell("broker-1", BecameLeader{partition("t", 0), LeaderEpoch(0), Offset(0)});
    story.append("broker-1", partition("t", 0), 0, 4);
    // Within one moment the broker loses one partition of the topic and wins another.
    story.at(seconds(1));
    story.tell("broker-1",
               BecameFollower{partition("t", 0), LeaderEpoch(1), BrokerId(2), Offset(5)});
    story.tell("broker-1",
               BecameFollower{partition("u", 0), LeaderEpoch(0), BrokerId(2), Offset(0)});
    story.tell("broker-1", BecameLeader{partition("t", 1), LeaderEpoch(0), Offset(0)});
    story.at(seconds(2)).append("broker-1", partition("t", 1), 0, 0);
    EXPECT_EQ(story.value(kTopics + "messagesin_total" + topic_one), "6");
    story.at(seconds(3));
    story.tell("broker-1",
               BecameFollower{partition("t", 1), LeaderEpoch(1), BrokerId(2), Offset(1)});
    EXPECT_EQ(story.value(kTopics + "messagesin_total" + topic_one), "none");
    EXPECT_EQ(story.value(kTopics + "messagesin_total" + kOne), "6") << "all topics go on";
    story.at(seconds(4)).tell("admin", NodeStarted{Incarnation(1)});
    story.at(seconds(5));
    story.tell("broker-1", BecameLeader{partition("t", 1), LeaderEpoch(2), Offset(1)});
    story.append("broker-1", partition("t", 1), 1, 1);
    EXPECT_EQ(story.value(kTopics + "messagesin_total" + topic_one), "1");
    EXPECT_EQ(story.value(kTopics + "messagesin_created" + topic_one), "5");
}

}  // namespace
}  // namespace bsim::test
