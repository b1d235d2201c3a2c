#include "sim/scenario/scenario.h"

#include <gtest/gtest.h>

#include "tests/unit/scenario/support.h"

namespace bsim {
namespace {

using test::parse;
using test::replaced;

TEST(Scenario, TheSmallestOneGetsKafkasDefaults) {
    const auto scenario = parse(
        R"({"version": 1, "name": "s", "duration": "10s", "cluster": {"brokers": {"1": {}}}})");
    ASSERT_TRUE(scenario) << test::brief(scenario.error());
    EXPECT_EQ(scenario->duration, seconds(10));
    EXPECT_FALSE(scenario->seed);
    ASSERT_EQ(scenario->controllers.size(), 1U);
    EXPECT_EQ(scenario->controllers[0].id, BrokerId(100));
    ASSERT_EQ(scenario->brokers.size(), 1U);
    EXPECT_EQ(scenario->brokers[0].config, BrokerConfig{});
    EXPECT_EQ(scenario->brokers[0].startup, LatencyDist(ConstantDist{seconds(1)}));
    EXPECT_EQ(scenario->brokers[0].start, SimTime(0));
    EXPECT_EQ(scenario->record_messages, MessageRecording::None);
    EXPECT_TRUE(scenario->topics.empty());
    EXPECT_TRUE(scenario->warnings.empty());
}

TEST(Scenario, EveryPartThatIsBuiltIsRead) {
    const std::string text = test::read_data("full.jsonc");
    const auto result = parse_scenario(text, "full.jsonc", test::vocabulary());
    ASSERT_TRUE(result) << test::brief(result.error());
    const Scenario& s = *result;
    EXPECT_EQ(test::brief(s.warnings), "");
    EXPECT_EQ(s.name, "full");
    EXPECT_EQ(s.title, "Everything that is built");
    EXPECT_EQ(s.seed, 9007199254740991U);
    EXPECT_EQ(s.record_events,
              (std::set<std::string, std::less<>>{"LogAppended", "MessageDropped"}));

    ASSERT_EQ(s.controllers.size(), 1U);
    EXPECT_EQ(s.controllers[0].id, BrokerId(101));
    EXPECT_EQ(s.controllers[0].config.broker_session_timeout, seconds(3)) << "from defaults";
    EXPECT_EQ(s.controllers[0].config.log.min_insync_replicas, 2) << "from controller_defaults";
    EXPECT_EQ(s.controllers[0].startup, LatencyDist(ExponentialDist{milliseconds(100)}));

    ASSERT_EQ(s.brokers.size(), 3U);
    EXPECT_EQ(s.brokers[0].id, BrokerId(2)) << "nodes are in the order of their ids";
    EXPECT_EQ(s.brokers[0].rack, "a");
    EXPECT_EQ(s.brokers[0].config.broker_session_timeout, seconds(3));
    EXPECT_EQ(s.brokers[1].id, BrokerId(3));
    EXPECT_EQ(s.brokers[1].config.broker_session_timeout, seconds(4)) << "its own comes first";
    EXPECT_EQ(s.brokers[1].settings.at("broker.session.timeout.ms"), "4000");
    EXPECT_EQ(s.brokers[1].settings.at("auto.leader.rebalance.enable"), "false");
    EXPECT_EQ(s.brokers[2].id, BrokerId(11));
    EXPECT_EQ(s.brokers[2].start, SimTime(3'000'000'000));
    EXPECT_EQ(s.brokers[2].startup, LatencyDist(UniformDist{seconds(1), seconds(2)}));
    EXPECT_EQ(s.network.link.latency,
              LatencyDist(LognormalDist{microseconds(400), milliseconds(3)}));

    ASSERT_EQ(s.topics.size(), 2U);
    const std::vector<std::vector<BrokerId>> assignment = {{BrokerId(2), BrokerId(3)},
                                                           {BrokerId(11), BrokerId(2)}};
    EXPECT_EQ(s.topics[0].name, "orders");
    EXPECT_EQ(s.topics[0].replication, 2) << "taken from the assignment";
    EXPECT_EQ(s.topics[0].assignment, assignment);
    EXPECT_EQ(s.topics[0].settings, (ConfigMap{{"min.insync.replicas", "1"},
                                               {"unclean.leader.election.enable", "true"}}));
    EXPECT_EQ(s.topics[1].replication, 3);
    EXPECT_FALSE(s.topics[1].assignment);

    ASSERT_EQ(s.producers.size(), 2U);
    EXPECT_EQ(s.producers[0].rate, (RecordRate{500, seconds(1)}));
    EXPECT_EQ(s.producers[0].count, 2);
    EXPECT_EQ(s.producers[0].value_bytes, 256);
    EXPECT_EQ(s.producers[0].key, (KeySpec{KeySpec::Dist::Uniform, 1000}));
    EXPECT_EQ(s.producers[0].stop, SimTime(30'000'000'000));
    EXPECT_EQ(s.producers[0].config.acks, Acks::Leader);
    EXPECT_FALSE(s.producers[0].config.enable_idempotence);
    EXPECT_FALSE(s.producers[1].rate);
    EXPECT_EQ(s.producers[1].records, 100);
}

TEST(Scenario, ARateOfBytesCountsValues) {
    const auto s = parse(R"({
        "version": 1, "name": "bytes", "duration": "20s", "cluster": {"brokers": {"1": {}}},
        "topics": {"orders": {"partitions": 1}},
        "producers": {
            "texts": {"topic": "orders", "rate": "1kB/s", "value": "250B"},
            "longs": {"topic": "orders", "rate": "1kB/s", "config": {
                "value.serializer": "org.apache.kafka.common.serialization.LongSerializer"}}}})");
    ASSERT_TRUE(s.ok());
    EXPECT_EQ(s->producers[0].rate->due(4), seconds(1));
    EXPECT_EQ(s->producers[1].rate->due(125), seconds(1));
}

TEST(Scenario, FaultsAndExpectationsAreRead) {
    const auto result =
        parse_scenario(test::read_data("full.jsonc"), "full.jsonc", test::vocabulary());
    ASSERT_TRUE(result) << test::brief(result.error());
    const Scenario& s = *result;
    const Selector b2 = BrokerSelector{BrokerId(2)};
    const Selector b3 = BrokerSelector{BrokerId(3)};
    const Selector active = ActiveControllerSelector{};
    const Selector leader = LeaderSelector{{"orders", PartitionIndex(1)}};
    const auto at = [](std::int64_t ns) { return AtTrigger{SimTime(ns)}; };
    const LatencyDist one_second = ConstantDist{seconds(1)};
    const std::vector<FaultSpec> expected = {
        {"kill", "crash", at(8'000'000'000), CrashFault{leader, CrashMode::Kill, seconds(15)}},
        {"fault-2", "crash", at(9'000'000'000),
         CrashFault{ControllerSelector{BrokerId(101)}, CrashMode::Graceful, {}}},
        {"fault-3", "pause", at(1), PauseFault{active}, ConstantDist{milliseconds(5)}},
        {"fault-4", "partition", at(2),
         PartitionFault{OneWayCut{b2, active}, PartitionFault::How::Reject}, one_second},
        {"fault-5", "partition", at(3),
         PartitionFault{IsolationCut{b2}, PartitionFault::How::Drop}},
        {"fault-6", "partition", at(4),
         PartitionFault{BetweenCut{{b2, b3, active}}, PartitionFault::How::Jam},
         ConstantDist{seconds(2)}},
        {"fault-7", "elect-preferred", at(5),
         ElectFault{ElectFault::Type::Preferred, "orders", {}}},
        {"fault-8", "elect-preferred", at(6),
         ElectFault{ElectFault::Type::Preferred, "orders", {PartitionIndex(0), PartitionIndex(1)}}},
        {"fault-9", "elect-unclean", at(7),
         ElectFault{ElectFault::Type::Unclean, "orders", {PartitionIndex(1)}}},
    };
    EXPECT_EQ(s.faults, expected);
    const std::vector<ExpectSpec> expect = {
        {"durable", CheckExpect{"acked-records-durable"}, ExpectedOutcome::Violated,
         "acks=1 may lose"},
        {"expect-2", CheckExpect{"hw-monotonic"}, ExpectedOutcome::Holds, ""},
    };
    EXPECT_EQ(s.expect, expect);
    EXPECT_EQ(s.record_messages, MessageRecording::Headers);
}

TEST(Scenario, AnIdThatTheFileTookIsNotGivenAgain) {
    const std::string text = replaced(
        test::read_data("base.json"), R"("at": "8s"})",
        R"("at": "8s"}, {"fault": "pause", "target": "controller", "at": "1s", "for": "1s"},
                    {"id": "fault-2", "fault": "pause", "target": "controller", "at": "1s",
                     "for": "1s"})");
    const auto scenario = parse(text);
    ASSERT_TRUE(scenario) << test::brief(scenario.error());
    EXPECT_EQ(scenario->faults[1].id, "fault-2-x");
    EXPECT_EQ(scenario->faults[2].id, "fault-2");
}

TEST(Scenario, ReplicationFallsBackToTheControllersDefault) {
    const std::string text = replaced(
        replaced(test::read_data("base.json"), R"(, "replication": 3)", ""), R"("cluster": {)",
        R"("cluster": {"controller_defaults": {"config": {"default.replication.factor": 2}}, )");
    const auto scenario = parse(text);
    ASSERT_TRUE(scenario) << test::brief(scenario.error());
    EXPECT_EQ(scenario->topics[0].replication, 2);
}

TEST(Scenario, TheRecordedStoriesOfARealClusterAreAccepted) {
    const auto scenario = parse(test::read_data("story.json"));
    ASSERT_TRUE(scenario) << test::brief(scenario.error());
    EXPECT_EQ(test::brief(scenario->warnings), "");
    EXPECT_EQ(scenario->brokers.size(), 3U);
    EXPECT_FALSE(scenario->brokers[0].config.auto_leader_rebalance_enable);
    EXPECT_EQ(scenario->brokers[0].config.replica_lag_time_max, seconds(3));
    EXPECT_EQ(scenario->topics[0].settings.at("min.insync.replicas"), "1");
    EXPECT_FALSE(scenario->faults.empty());
}

TEST(Scenario, BrokersShareTheDefaultsProblemsOnlyOnce) {
    const std::string text = replaced(test::read_data("base.json"), R"("cluster": {)",
                                      R"("cluster": {"defaults": {"config": {"acks": 1}}, )");
    EXPECT_EQ(test::brief(test::diagnostics_of(text)),
              "E0301 5:39 /cluster/defaults/config/acks: Kafka 3.9 has no setting \"acks\" here\n");
}

TEST(Scenario, SelectorsPrintAsTheyAreWritten) {
    EXPECT_EQ(to_string(Selector{BrokerSelector{BrokerId(1)}}), "broker:1");
    EXPECT_EQ(to_string(Selector{ControllerSelector{BrokerId(100)}}), "controller:100");
    EXPECT_EQ(to_string(Selector{ActiveControllerSelector{}}), "controller");
    EXPECT_EQ(to_string(Selector{LeaderSelector{{"a-b", PartitionIndex(0)}}}), "leader(a-b-0)");
}

}  // namespace
}  // namespace bsim
