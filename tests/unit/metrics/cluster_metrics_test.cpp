// kafka_controller_*, kafka_server_raft_metrics_*, kafka_topic_*, brokersim_*.

#include <gtest/gtest.h>

#include "tests/unit/metrics/metric_story.h"

namespace bsim::test {
namespace {

const std::string kController = "kafka_controller_kafkacontroller_";
const std::string kActive = "{instance=\"controller-100\"}";

TEST(ControllerMetrics, CountBrokersAsTheyComeAndGo) {
    MetricStory story;
    story.tell("controller-100", NodeStarted{Incarnation(1)});
    EXPECT_EQ(story.value(kController + "activecontrollercount" + kActive), "0");
    EXPECT_EQ(story.value(kController + "fencedbrokercount" + kActive), "none")
        << "nobody is active";
    story.tell("controller-100", ControllerElected{LeaderEpoch(1)});
    story.tell("controller-100", BrokerRegistered{BrokerId(1), BrokerEpoch(5)});
    story.tell("controller-100", BrokerRegistered{BrokerId(2), BrokerEpoch(6)});
    EXPECT_EQ(story.value(kController + "activecontrollercount" + kActive), "1");
    EXPECT_EQ(story.value(kController + "fencedbrokercount" + kActive), "2");
    story.tell("controller-100", BrokerUnfenced{BrokerId(1), BrokerEpoch(5), "caught up"});
    EXPECT_EQ(story.value(kController + "fencedbrokercount" + kActive), "1");
    EXPECT_EQ(story.value(kController + "activebrokercount" + kActive), "1");
    EXPECT_EQ(story.value("kafka_brokers"), "1");
    // It came back before its session ended.
    story.tell("controller-100", BrokerRegistered{BrokerId(1), BrokerEpoch(9)});
    EXPECT_EQ(story.value(kController + "activebrokercount" + kActive), "0");
    story.tell("controller-100", BrokerFenced{BrokerId(2), BrokerEpoch(6), "unregistered"});
    EXPECT_EQ(story.value(kController + "fencedbrokercount" + kActive), "1");
    story.tell("controller-100", ControllerResigned{LeaderEpoch(1)});
    EXPECT_EQ(story.value(kController + "activecontrollercount" + kActive), "0");
    EXPECT_EQ(story.value(kController + "fencedbrokercount" + kActive), "none");
}

TEST(ControllerMetrics, CountPartitionsThatNobodyOrTheWrongOneLeads) {
    MetricStory story;
    story.start_cluster(2)
        .change({})
        .change({.p = partition("t", 1)})
        .change({.p = partition("u", 0)});
    EXPECT_EQ(story.value(kController + "globaltopiccount" + kActive), "2");
    EXPECT_EQ(story.value(kController + "globalpartitioncount" + kActive), "3");
    EXPECT_EQ(story.value(kController + "offlinepartitionscount" + kActive), "0");
    EXPECT_EQ(story.value(kController + "preferredreplicaimbalancecount" + kActive), "0");
    story.change({.leader = -1, .isr = {1}, .reason = "fenced"});
    story.change({.p = partition("t", 1), .leader = 2, .reason = "fenced"});
    EXPECT_EQ(story.value(kController + "offlinepartitionscount" + kActive), "1");
    EXPECT_EQ(story.value(kController + "preferredreplicaimbalancecount" + kActive), "2");
    story.tell("controller-100", TopicDeleted{"t", Uuid(), 2});
    EXPECT_EQ(story.value(kController + "globaltopiccount" + kActive), "1");
    EXPECT_EQ(story.value(kController + "offlinepartitionscount" + kActive), "0");
}

LeaderElected election(bool clean) {
    return {partition("t", 0), BrokerId(1), BrokerId(2), LeaderEpoch(1), {BrokerId(2)}, clean};
}

TEST(ControllerMetrics, AStandbyHasCountedUncleanElectionsToo) {
    MetricStory story;
    story.start_cluster(2);
    story.tell("controller-101", NodeStarted{Incarnation(1)});
    story.tell("controller-102", NodeStarted{Incarnation(1)});
    story.tell("controller-102", NodeStopped{StopMode::Kill});
    story.tell("controller-100", election(true));
    story.tell("controller-100", election(false));
    const std::string name = "kafka_controller_controllerstats_uncleanleaderelections_total";
    EXPECT_EQ(story.value(name + kActive), "1");
    story.tell("controller-100", NodeStopped{StopMode::Kill});
    story.tell("controller-101", ControllerElected{LeaderEpoch(2)});
    EXPECT_EQ(story.value(name + kActive), "none");
    EXPECT_EQ(story.value(name + "{instance=\"controller-101\"}"), "1");
    story.tell("controller-101", NodeStopped{StopMode::Kill});
    story.tell("controller-102", NodeStarted{Incarnation(2)});
    story.tell("controller-102", ControllerElected{LeaderEpoch(3)});
    EXPECT_EQ(story.value(name + "{instance=\"controller-102\"}"), "0");
    EXPECT_EQ(story.value("brokersim_leader_elections_total{clean=\"true\"}"), "1");
    EXPECT_EQ(story.value("brokersim_leader_elections_total{clean=\"false\"}"), "1");
}

TEST(RaftMetrics, FollowTheRoleOfEachNode) {
    const std::string name = "kafka_server_raft_metrics_";
    const TopicPartition metadata = partition("__cluster_metadata", 0);
    MetricStory story;
    story.start_cluster(1);
    EXPECT_EQ(story.value(name + "current_epoch" + kActive), "none");
    story.tell("controller-100", RaftRole{RaftRoleName::Candidate, LeaderEpoch(3), std::nullopt});
    EXPECT_EQ(story.value(name + "current_leader" + kActive), "-1");
    EXPECT_EQ(story.value(name + "high_watermark" + kActive), "none");
    story.tell("controller-100", RaftRole{RaftRoleName::Leader, LeaderEpoch(3), BrokerId(100)});
    EXPECT_EQ(story.value(name + "high_watermark" + kActive), "-1");
    story.append("controller-100", metadata, 0, 4);
    story.tell("controller-100", RaftHw{Offset(5), LeaderEpoch(3)});
    EXPECT_EQ(story.value(name + "high_watermark" + kActive), "5");
    EXPECT_EQ(story.value(name + "log_end_offset" + kActive), "5");
    EXPECT_EQ(story.value(name + "current_leader" + kActive), "100");
    EXPECT_EQ(
        story.value(name + "current_state_info{instance=\"controller-100\",state=\"leader\"}"),
        "1");
    story.tell("controller-100", RaftRole{RaftRoleName::Resigned, LeaderEpoch(3), BrokerId(100)});
    EXPECT_EQ(
        story.value(name + "current_state_info{instance=\"controller-100\",state=\"unattached\"}"),
        "1");
    story.tell("controller-100", RaftRole{RaftRoleName::Leader, LeaderEpoch(5), BrokerId(100)});
    EXPECT_EQ(story.value(name + "high_watermark" + kActive), "-1") << "a new epoch has none yet";
    story.tell("controller-100", LogTruncated{metadata, Offset(5), Offset(2)});
    EXPECT_EQ(story.value(name + "log_end_offset" + kActive), "2");
    story.tell("controller-100", NodeStopped{StopMode::Kill});
    story.tell("controller-100", NodeStarted{Incarnation(2)});
    story.tell("controller-100", LogRecovered{metadata, 1, 0, Offset(2)});
    EXPECT_EQ(story.value(name + "log_end_offset" + kActive), "none") << "it has no role yet";
    story.tell("controller-100", RaftRole{RaftRoleName::Follower, LeaderEpoch(5), BrokerId(7)});
    EXPECT_EQ(story.value(name + "log_end_offset" + kActive), "2");
    EXPECT_EQ(story.value(name + "high_watermark" + kActive), "none");
}

TEST(TopicPartitionMetrics, AreTheCommittedStateAndTheLeadersHighWatermark) {
    const std::string name = "kafka_topic_partition_";
    const std::string labels = "{topic=\"t\",partition=\"0\"}";
    const TopicPartition p = partition("t", 0);
    MetricStory story;
    story.start_cluster(2).change({}).change({.p = partition("t", 1)});
    EXPECT_EQ(story.value("kafka_topic_partitions{topic=\"t\"}"), "2");
    EXPECT_EQ(story.value(name + "leader" + labels), "1");
    EXPECT_EQ(story.value(name + "replicas" + labels), "2");
    EXPECT_EQ(story.value(name + "in_sync_replica" + labels), "2");
    EXPECT_EQ(story.value(name + "under_replicated_partition" + labels), "0");
    EXPECT_EQ(story.value(name + "leader_is_preferred" + labels), "1");
    EXPECT_EQ(story.value(name + "current_offset" + labels), "none");
    story.tell("broker-1", BecameLeader{p, LeaderEpoch(0), Offset(0)});
    story.tell("broker-1", HwAdvanced{p, Offset(7), LeaderEpoch(0)});
    EXPECT_EQ(story.value(name + "current_offset" + labels), "7");
    story.tell("broker-2", BecameFollower{p, LeaderEpoch(0), BrokerId(1), Offset(0)});
    story.tell("broker-2", HwAdvanced{p, Offset(6), LeaderEpoch(0)});
    story.tell("broker-1", NodePaused{});
    EXPECT_EQ(story.value(name + "current_offset" + labels), "none");
    story.change({.leader = 2, .isr = {2}, .reason = "fenced", .epoch = 1});
    EXPECT_EQ(story.value(name + "current_offset" + labels), "none") << "it does not act yet";
    story.tell("broker-2", BecameLeader{p, LeaderEpoch(1), Offset(7)});
    EXPECT_EQ(story.value(name + "current_offset" + labels), "6");
    EXPECT_EQ(story.value(name + "leader" + labels), "2");
    EXPECT_EQ(story.value(name + "in_sync_replica" + labels), "1");
    EXPECT_EQ(story.value(name + "under_replicated_partition" + labels), "1");
    EXPECT_EQ(story.value(name + "leader_is_preferred" + labels), "0");
    story.change({.leader = -1, .isr = {2}, .reason = "fenced", .epoch = 2});
    EXPECT_EQ(story.value(name + "leader" + labels), "-1");
    story.tell("controller-100", TopicDeleted{"t", Uuid(), 2});
    EXPECT_EQ(story.value(name + "leader" + labels), "none");
}

TEST(ProduceMetrics, TellWhatProducersSaw) {
    MetricStory story;
    const auto acked = [&](std::int64_t latency_ns) {
        ProduceAcked event;
        event.p = partition("t", 0);
        event.count = 10;
        event.latency_ns = SimDuration(latency_ns);
        story.tell("producer-a-0", event);
    };
    for (int i = 0; i < 99; ++i)
        acked(128);
    acked(2'000'000'000);
    story.tell("producer-a-0", ProduceFailed{partition("t", 0), 4, "TIMED_OUT", SimDuration(9)});
    story.tell("producer-a-0", ProduceFailed{partition("u", 0), 5, "TIMED_OUT", SimDuration(9)});
    const std::string latency = "brokersim_produce_latency_seconds";
    EXPECT_EQ(story.value(latency + "{topic=\"t\",quantile=\"0.5\"}"), "0.000000128");
    EXPECT_EQ(story.value(latency + "{topic=\"t\",quantile=\"0.99\"}"), "0.000000128");
    EXPECT_EQ(story.value(latency + "{topic=\"t\",quantile=\"1\"}"), "2");
    EXPECT_EQ(story.value(latency + "_count{topic=\"t\"}"), "100");
    EXPECT_EQ(story.value(latency + "_sum{topic=\"t\"}"), "2.000012672");
    EXPECT_EQ(story.value(latency + "_count{topic=\"u\"}"), "none");
    EXPECT_EQ(story.value("brokersim_records_acked_total{topic=\"t\"}"), "1000");
    EXPECT_EQ(story.value("brokersim_records_failed_total{topic=\"t\",error=\"TIMED_OUT\"}"), "4");
    EXPECT_EQ(story.value("brokersim_records_failed_total{topic=\"u\",error=\"TIMED_OUT\"}"), "5");
}

}  // namespace
}  // namespace bsim::test
