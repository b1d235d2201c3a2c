#include "sim/model/config.h"

#include <gtest/gtest.h>

#include "sim/base/check.h"

namespace bsim {
namespace {

std::vector<std::string> messages(ConfigKind kind, const ConfigMap& values) {
    std::vector<std::string> out;
    for (const ConfigProblem& problem : check_config(kind, values))
        out.push_back(problem.message);
    return out;
}

using Messages = std::vector<std::string>;

TEST(Config, DefaultMadeStructsHoldKafkasDefaults) {
    EXPECT_EQ(BrokerConfig{}, resolve_broker_config({}));
    EXPECT_EQ(ProducerConfig{}, resolve_producer_config({}));
    EXPECT_EQ(ConsumerConfig{}, resolve_consumer_config({}));
    EXPECT_EQ(TopicConfig{}, resolve_topic_config(TopicConfig{}, {}));
    EXPECT_EQ(TopicConfig{}, BrokerConfig{}.log);
}

TEST(Config, EveryTypedBrokerFieldFollowsItsSetting) {
    const BrokerConfig config = resolve_broker_config({
        {"broker.session.timeout.ms", "3000"},
        {"broker.heartbeat.interval.ms", " 500 "},
        {"replica.lag.time.max.ms", "+3000"},
        {"replica.fetch.wait.max.ms", "250"},
        {"num.replica.fetchers", "2"},
        {"leader.imbalance.check.interval.seconds", "5"},
        {"auto.leader.rebalance.enable", "FALSE"},
        {"min.insync.replicas", "2"},
        {"log.segment.bytes", "4096"},
        {"log.cleanup.policy", "compact, delete"},
        {"log.retention.bytes", "-1"},
        {"log.message.timestamp.type", "LogAppendTime"},
        {"queued.max.request.bytes", "104857600"},
    });
    EXPECT_EQ(config.broker_session_timeout, seconds(3));
    EXPECT_EQ(config.broker_heartbeat_interval, milliseconds(500));
    EXPECT_EQ(config.replica_lag_time_max, seconds(3));
    EXPECT_EQ(config.replica_fetch_wait_max, milliseconds(250));
    EXPECT_EQ(config.num_replica_fetchers, 2);
    EXPECT_EQ(config.leader_imbalance_check_interval, seconds(5));
    EXPECT_FALSE(config.auto_leader_rebalance_enable);
    EXPECT_EQ(config.log.min_insync_replicas, 2);
    EXPECT_EQ(config.log.segment_bytes, 4096);
    EXPECT_TRUE(config.log.cleanup_compact && config.log.cleanup_delete);
    EXPECT_FALSE(config.log.retention_bytes);
    EXPECT_EQ(config.log.message_timestamp_type, MessageTimestampType::LogAppendTime);
    EXPECT_EQ(config.queued_max_request_bytes, 104'857'600);
}

TEST(Config, ATopicsOwnSettingsComeBeforeTheNodes) {
    TopicConfig node;
    node.segment_bytes = 100;
    node.min_insync_replicas = 3;
    const TopicConfig topic =
        resolve_topic_config(node, {{"min.insync.replicas", "2"}, {"retention.ms", "-1"}});
    EXPECT_EQ(topic.segment_bytes, 100);
    EXPECT_EQ(topic.min_insync_replicas, 2);
    EXPECT_FALSE(topic.retention_ms);
}

TEST(Config, ASpanBeyondACenturyIsKeptAsACentury) {
    const auto config = resolve_producer_config({{"max.block.ms", "9223372036854775807"}});
    EXPECT_EQ(config.max_block, kLongestSpan);
    const auto broker =
        resolve_broker_config({{"connections.max.idle.ms", "-9223372036854775808"}});
    EXPECT_LT(broker.connections_max_idle, SimDuration{});
}

TEST(Config, ResolvingAnIllegalValueIsABug) {
    EXPECT_THROW(resolve_broker_config({{"min.insync.replicas", "two"}}), InternalBug);
}

TEST(Config, SaysWhatIsLegal) {
    const auto problems = check_config(ConfigKind::Broker, {{"min.insync.replicas", "0"}});
    ASSERT_EQ(problems.size(), 1U);
    EXPECT_EQ(problems[0].message, "\"min.insync.replicas\" must be at least 1, got 0");
    EXPECT_EQ(problems[0].expected, "a 32-bit integer, at least 1");
    EXPECT_EQ(messages(ConfigKind::Producer, {{"acks", "two"}}),
              Messages{"\"acks\" cannot be \"two\""});
    EXPECT_EQ(messages(ConfigKind::Broker, {{"broker.session.timeout.ms", "9s"}}),
              Messages{"\"broker.session.timeout.ms\" must be a 32-bit integer, got \"9s\""});
    EXPECT_EQ(messages(ConfigKind::Topic, {{"log.segment.bytes", "100"}}),
              Messages{"Kafka 3.9 has no setting \"log.segment.bytes\" here"});
}

TEST(Config, FindsAllProblemsInTheOrderOfTheNames) {
    EXPECT_EQ(messages(ConfigKind::Producer, {{"acks", "1"},
                                              {"batch.size", "-1"},
                                              {"enable.idempotence", "true"},
                                              {"lingerms", "1"},
                                              {"retries", "0"}}),
              (Messages{"\"acks\" must be all with \"enable.idempotence\" = true, got 1",
                        "\"batch.size\" must be at least 0, got -1",
                        "Kafka 3.9 has no setting \"lingerms\" here",
                        "\"retries\" must not be 0 with \"enable.idempotence\" = true"}));
}

TEST(Config, ARuleIsNotJudgedAgainstAnIllegalValue) {
    EXPECT_EQ(messages(ConfigKind::Broker,
                       {{"replica.fetch.wait.max.ms", "40000"}, {"replica.lag.time.max.ms", "x"}}),
              (Messages{"\"replica.fetch.wait.max.ms\" (40000) must not exceed "
                        "\"replica.socket.timeout.ms\" (30000)",
                        "\"replica.lag.time.max.ms\" must be a 64-bit integer, got \"x\""}));
}

TEST(Config, TimersThatWouldStopTheClockAreRefused) {
    EXPECT_FALSE(check_config(ConfigKind::Broker, {{"broker.heartbeat.interval.ms", "0"}}).empty());
    EXPECT_FALSE(check_config(ConfigKind::Broker, {{"num.replica.fetchers", "0"}}).empty());
    EXPECT_TRUE(check_config(ConfigKind::Broker, {{"broker.heartbeat.interval.ms", "1"}}).empty());
}

TEST(Config, WhatIsLegalInKafkaButNotBuiltSaysSo) {
    const auto problems = check_config(ConfigKind::Producer, {{"compression.type", "zstd"}});
    ASSERT_EQ(problems.size(), 1U);
    EXPECT_EQ(problems[0].kind, ConfigProblem::Kind::NotBuilt);
    EXPECT_EQ(problems[0].message,
              "\"compression.type\" = \"zstd\" is legal in Kafka but not built yet");
    EXPECT_FALSE(check_config(ConfigKind::Producer, {{"transactional.id", "t"}}).empty());
    EXPECT_FALSE(check_config(ConfigKind::Topic, {{"compression.type", "lz4"}}).empty());
    EXPECT_TRUE(check_config(ConfigKind::Topic, {{"compression.type", "producer"}}).empty());
}

TEST(Config, SerializersAreKnownByTheirClass) {
    for (const char* name :
         {"LongSerializer", "org.apache.kafka.common.serialization.LongSerializer",
          "org.apache.kafka.connect.json.JsonSerializer"}) {
        EXPECT_TRUE(check_config(ConfigKind::Producer, {{"value.serializer", name}}).empty());
    }
    const auto problems =
        check_config(ConfigKind::Producer, {{"key.serializer", "UUIDSerializer"}});
    ASSERT_EQ(problems.size(), 1U);
    EXPECT_EQ(problems[0].expected, "StringSerializer, LongSerializer or JsonSerializer");
    EXPECT_EQ(resolve_producer_config({{"key.serializer", "LongSerializer"}}).key_serializer,
              Serializer::Long);
    EXPECT_EQ(resolve_producer_config({}).value_serializer, Serializer::String);
}

TEST(Config, LogDirectoriesStayInsideOfTheRun) {
    for (const char* dir : {"/tmp/x", "../x", "a/../../b", "..", "a/..", "", "a,,b", "a,/b"}) {
        EXPECT_FALSE(check_config(ConfigKind::Broker, {{"log.dirs", dir}}).empty()) << dir;
    }
    EXPECT_TRUE(check_config(ConfigKind::Broker, {{"log.dirs", "a/..b"}}).empty());
    EXPECT_TRUE(check_config(ConfigKind::Broker, {{"log.dirs", "a,b"}}).empty());
    const auto twice = check_config(ConfigKind::Broker, {{"log.dirs", "a,b,a"}});
    ASSERT_EQ(twice.size(), 1U);
    EXPECT_EQ(twice[0].message, "\"log.dirs\" names a twice");
}

TEST(ConsumerConfig, TakesWhatIsSet) {
    ConsumerConfig expected;
    expected.auto_offset_reset = AutoOffsetReset::None;
    expected.read_committed = true;
    expected.fetch_min_bytes = 7;
    expected.fetch_max_wait = milliseconds(8);
    expected.fetch_max_bytes = 9;
    expected.max_partition_fetch_bytes = 10;
    expected.max_poll_records = 11;
    expected.check_crcs = false;
    expected.request_timeout = milliseconds(12);
    expected.reconnect_backoff = milliseconds(5000);
    expected.reconnect_backoff_max = milliseconds(5000);
    expected.client_id = "me";
    EXPECT_EQ(expected, resolve_consumer_config({{"auto.offset.reset", "none"},
                                                 {"isolation.level", "read_committed"},
                                                 {"fetch.min.bytes", "7"},
                                                 {"fetch.max.wait.ms", "8"},
                                                 {"fetch.max.bytes", "9"},
                                                 {"max.partition.fetch.bytes", "10"},
                                                 {"max.poll.records", "11"},
                                                 {"check.crcs", "false"},
                                                 {"request.timeout.ms", "12"},
                                                 {"reconnect.backoff.ms", "5000"},
                                                 {"client.id", "me"}}));
    EXPECT_EQ(resolve_consumer_config({{"auto.offset.reset", "earliest"}}).auto_offset_reset,
              AutoOffsetReset::Earliest);
}

}  // namespace
}  // namespace bsim
