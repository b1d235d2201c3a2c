// What an administrator does to a running cluster, from the admin client's request to the files.

#include <gmock/gmock.h>

#include <gtest/gtest.h>

#include "sim/node/admin_requests.h"
#include "tests/unit/world/world_lab.h"

namespace bsim::test {
namespace {

using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;
using wire::ErrorCode;

std::string scenario(const std::string& brokers,
                     const std::string& config,
                     const std::string& topic_config) {
    return R"({"version": 1, "name": "lab", "duration": "600s",
      "cluster": {"controllers": [100], "brokers": )" +
           brokers + R"(, "defaults": {"config": {)" + config + R"(}}},
      "topics": {"orders": {"partitions": 1, "replication": 3,
                            "assignment": {"0": [1, 2, 3]}, "config": {)" +
           topic_config + R"(}}},
      "producers": {"shop": {"topic": "orders", "rate": "100/s", "value": "100B",
                             "config": {"acks": "all"}}}})";
}

const char* const kThree = R"({"1": {}, "2": {}, "3": {}})";
const char* const kQuick =
    R"("broker.session.timeout.ms": 3000, "broker.heartbeat.interval.ms": 500)";

const TopicPartition kOrders{"orders", PartitionIndex(0)};

std::int16_t error_of(const wire::ResponseBody& body) {
    if (const auto* topics = std::get_if<wire::DeleteTopicsResponse>(&body))
        return topics->responses.at(0).error_code;
    if (const auto* grown = std::get_if<wire::CreatePartitionsResponse>(&body))
        return grown->results.at(0).error_code;
    if (const auto* configs = std::get_if<wire::IncrementalAlterConfigsResponse>(&body))
        return configs->responses.at(0).error_code;
    if (const auto* moved = std::get_if<wire::AlterPartitionReassignmentsResponse>(&body))
        return moved->responses.at(0).partitions.at(0).error_code;
    if (const auto* gone = std::get_if<wire::UnregisterBrokerResponse>(&body))
        return gone->error_code;
    if (const auto* created = std::get_if<wire::CreateTopicsResponse>(&body))
        return created->topics.at(0).error_code;
    throw std::runtime_error("unexpected answer");
}

std::vector<std::string> only(const std::vector<std::string>& names, const std::string& part) {
    std::vector<std::string> found;
    for (const std::string& name : names) {
        if (name.find(part) != std::string::npos)
            found.push_back(name);
    }
    return found;
}

TEST(AdminOperations, DeletedRecordsGoFromAllReplicasAndTheirSegmentsLater) {
    WorldLab lab(scenario(kThree, R"("log.retention.check.interval.ms": 20000)",
                          R"("segment.bytes": 20000, "file.delete.delay.ms": 1000)"));
    lab.run_to(seconds(20));
    const Offset before = lab.replica(1, "orders", 0).log->high_watermark();
    ASSERT_GT(before, Offset(1000));
    const auto deleted = lab.delete_records({{kOrders, Offset(1000)}});
    EXPECT_EQ((admin::DeletedRecords{ErrorCode::None, Offset(1000)}), deleted.at(kOrders));
    for (const std::int32_t id : {1, 2, 3})
        EXPECT_EQ(Offset(1000), lab.replica(id, "orders", 0).log->log_start_offset()) << id;
    EXPECT_THAT(
        lab.take_events({"LogStartAdvanced"}),
        ElementsAre(
            R"(broker-1 LogStartAdvanced {"p":"orders-0","to":1000,"why":"delete-records"})",
            HasSubstr(R"({"p":"orders-0","to":1000,"why":"leader's log start"})"),
            HasSubstr(R"({"p":"orders-0","to":1000,"why":"leader's log start"})")));
    EXPECT_THAT(lab.files(1, "orders-0"), Contains("00000000000000000000.log"));
    // The log manager comes by, and the files go a while after.
    lab.run_to(seconds(31) + milliseconds(500));
    const auto swept = lab.take_events({"SegmentDeleted"});
    EXPECT_THAT(swept, Contains(R"(broker-1 SegmentDeleted {"p":"orders-0","base":0,)"
                                R"("why":"log-start"})"));
    EXPECT_THAT(only(lab.files(1, "orders-0"), ".deleted"), Not(SizeIs(0)));
    lab.run_to(seconds(33));
    EXPECT_THAT(only(lab.files(1, "orders-0"), ".deleted"), SizeIs(0));
    EXPECT_THAT(lab.files(1, "orders-0"), Not(Contains("00000000000000000000.log")));
    EXPECT_EQ(0U, lab.violations());

    const Offset too_far = lab.replica(1, "orders", 0).log->leo() + 1000;
    EXPECT_EQ(ErrorCode::OffsetOutOfRange,
              lab.delete_records({{kOrders, too_far}}).at(kOrders).error);
    EXPECT_EQ(
        ErrorCode::UnknownTopicOrPartition,
        lab.delete_records({{{"absent", PartitionIndex(0)}, Offset(1)}}).begin()->second.error);
    const auto all = lab.delete_records({{kOrders, admin::kBeforeHighWatermark}}).at(kOrders);
    EXPECT_EQ(ErrorCode::None, all.error);
    EXPECT_GT(all.low_watermark, Offset(1000));
    EXPECT_EQ(0U, lab.violations());
}

// Records are on their way all the time: what is committed is there.
bool has_caught_up(WorldLab& lab, std::int32_t follower, std::int32_t leader) {
    return lab.replica(follower, "orders", 0).log->leo() >=
           lab.replica(leader, "orders", 0).log->high_watermark();
}

TEST(AdminOperations, DeleteRecordsDoesNotWaitForAFencedReplica) {
    WorldLab lab(scenario(kThree, kQuick, R"("segment.bytes": 20000)"));
    lab.run_to(seconds(10));
    lab.kill(3);
    lab.run_to(seconds(20));
    EXPECT_EQ(ErrorCode::None, lab.delete_records({{kOrders, Offset(700)}}).at(kOrders).error);
    // It comes back, far behind the leader's start but not beyond its own end: it follows.
    lab.start(3);
    lab.run_to(seconds(30));
    EXPECT_EQ(Offset(700), lab.replica(3, "orders", 0).log->log_start_offset());
    EXPECT_TRUE(has_caught_up(lab, 3, 1));
    EXPECT_EQ(0U, lab.violations());
}

TEST(AdminOperations, AReplicaThatEndsBelowTheLeadersStartBeginsAnew) {
    WorldLab lab(scenario(kThree, kQuick, R"("segment.bytes": 20000)"));
    lab.run_to(seconds(5));
    lab.kill(3);
    lab.run_to(seconds(20));
    const Offset end = lab.replica(1, "orders", 0).log->high_watermark();
    EXPECT_EQ(ErrorCode::None, lab.delete_records({{kOrders, end}}).at(kOrders).error);
    lab.start(3);
    lab.run_to(seconds(30));
    EXPECT_EQ(end, lab.replica(3, "orders", 0).log->log_start_offset());
    EXPECT_TRUE(has_caught_up(lab, 3, 1));
    EXPECT_EQ(3U, lab.partition("orders", 0).isr.size());
    EXPECT_EQ(0U, lab.violations());
}

TEST(AdminOperations, ALogMayStartInsideABatchOfTheLeader) {
    std::string text = scenario(kThree, kQuick, "");
    const std::string acks = R"("acks": "all")";
    text.replace(text.find(acks), acks.size(), R"("acks": "all", "linger.ms": 500)");
    WorldLab lab(text);
    lab.run_to(seconds(5));
    lab.kill(3);
    lab.run_to(seconds(20));
    const Offset end = lab.replica(1, "orders", 0).log->high_watermark();
    const Offset inside = end + -3;
    EXPECT_EQ(ErrorCode::None, lab.delete_records({{kOrders, inside}}).at(kOrders).error);
    lab.take_events({});
    lab.start(3);
    lab.run_to(seconds(30));
    // It began at the leader's start, got the whole batch, and began anew where that starts.
    const auto cuts = only(lab.take_events({"LogTruncated"}), "broker-3");
    EXPECT_THAT(cuts, SizeIs(2));
    EXPECT_EQ(inside, lab.replica(3, "orders", 0).log->log_start_offset());
    EXPECT_GT(inside, lab.replica(3, "orders", 0).log->first_segment_base());
    EXPECT_TRUE(has_caught_up(lab, 3, 1));
    EXPECT_EQ(3U, lab.partition("orders", 0).isr.size());
    EXPECT_EQ(0U, lab.violations());
}

TEST(AdminOperations, ADeletedTopicLeavesTheDisksAndMayBeCreatedAgain) {
    WorldLab lab(scenario(kThree, R"("log.segment.delete.delay.ms": 5000)", ""));
    lab.run_to(seconds(10));
    const Uuid first = lab.replica(1, "orders", 0).id.topic_id;
    EXPECT_EQ(0, error_of(lab.call(delete_topic_request("orders"))));
    lab.run_to(seconds(12));
    for (const std::int32_t id : {1, 2, 3}) {
        EXPECT_TRUE(lab.broker(id).replicas()->empty());
        EXPECT_THAT(only(lab.files(id), "orders"),
                    ElementsAre(testing::MatchesRegex("orders-0\\.[0-9a-f]{32}-delete")));
    }
    EXPECT_THAT(lab.take_events({"TopicDeleted"}), SizeIs(1));
    // Not before the log manager's first round, half a minute after the start.
    NewTopic again;
    again.name = "orders";
    again.partitions = 2;
    again.replication = 2;
    EXPECT_EQ(0, error_of(lab.call(create_topic_request(again))));
    lab.run_to(seconds(40));
    EXPECT_NE(first,
              lab.replica(lab.partition("orders", 0).leader->value(), "orders", 0).id.topic_id);
    for (const std::int32_t id : {1, 2, 3})
        EXPECT_THAT(only(lab.files(id), "-delete"), SizeIs(0));
    EXPECT_EQ(static_cast<std::int16_t>(ErrorCode::UnknownTopicOrPartition),
              error_of(lab.call(delete_topic_request("absent"))));
    EXPECT_EQ(0U, lab.violations());
}

TEST(AdminOperations, ABrokerThatWasDownFindsItsReplicaStray) {
    WorldLab lab(scenario(kThree, kQuick, ""));
    lab.run_to(seconds(10));
    lab.kill(3);
    lab.run_to(seconds(20));
    EXPECT_EQ(0, error_of(lab.call(delete_topic_request("orders"))));
    NewTopic again;
    again.name = "orders";
    again.assignment = Assignment{{BrokerId(1), BrokerId(2), BrokerId(3)}};
    EXPECT_EQ(0, error_of(lab.call(create_topic_request(again))));
    lab.run_to(seconds(25));
    lab.start(3);
    lab.run_to(seconds(35));
    EXPECT_THAT(only(lab.files(3), "orders"),
                ElementsAre("orders-0", testing::MatchesRegex("orders-0\\.[0-9a-f]{32}-stray")));
    EXPECT_EQ(3U, lab.partition("orders", 0).isr.size());
    EXPECT_EQ(0U, lab.violations());
}

TEST(AdminOperations, PartitionsAreAdded) {
    WorldLab lab(scenario(kThree, "", ""));
    lab.run_to(seconds(10));
    const Assignment two{{BrokerId(2), BrokerId(3), BrokerId(1)},
                         {BrokerId(3), BrokerId(1), BrokerId(2)}};
    EXPECT_EQ(0, error_of(lab.call(add_partitions_request("orders", 3, two))));
    EXPECT_EQ(static_cast<std::int16_t>(ErrorCode::InvalidPartitions),
              error_of(lab.call(add_partitions_request("orders", 3, std::nullopt))));
    EXPECT_EQ(0, error_of(lab.call(add_partitions_request("orders", 4, std::nullopt))));
    lab.run_to(seconds(15));
    EXPECT_EQ(BrokerId(2), lab.partition("orders", 1).leader);
    EXPECT_EQ(BrokerId(3), lab.partition("orders", 2).leader);
    EXPECT_EQ(3U, lab.partition("orders", 3).replicas.size());
    EXPECT_TRUE(lab.replica(1, "orders", 2).leader_id == BrokerId(3));
    EXPECT_EQ(0U, lab.violations());
}

TEST(AdminOperations, SettingsActAtOnce) {
    WorldLab lab(scenario(kThree, "", ""));
    lab.run_to(seconds(10));
    EXPECT_EQ(0, error_of(lab.call(topic_configs_request(
                     "orders", {{"segment.bytes", "5000"}, {"min.insync.replicas", "2"}}))));
    EXPECT_EQ(0, error_of(lab.call(broker_configs_request(
                     std::nullopt, {{"min.insync.replicas", "3"}, {"log.retention.ms", "77"}}))));
    EXPECT_EQ(0, error_of(lab.call(broker_configs_request(BrokerId(2), {{"log.roll.ms", "55"}}))));
    EXPECT_EQ(static_cast<std::int16_t>(ErrorCode::InvalidRequest),
              error_of(lab.call(
                  broker_configs_request(BrokerId(2), {{"replica.lag.time.max.ms", "1"}}))));
    lab.run_to(seconds(12));
    const TopicConfig& one = lab.replica(1, "orders", 0).config;
    const TopicConfig& two = lab.replica(2, "orders", 0).config;
    EXPECT_EQ(5000, one.segment_bytes);
    EXPECT_EQ(5000, lab.replica(3, "orders", 0).log->config().segment_bytes);
    EXPECT_EQ(2, one.min_insync_replicas) << "the topic's own";
    EXPECT_EQ(77, one.retention_ms);
    EXPECT_EQ(604'800'000, one.segment_ms);
    EXPECT_EQ(55, two.segment_ms);
    EXPECT_EQ(2U, lab.replica(1, "orders", 0).leader->effective_min_isr());
    EXPECT_EQ(0, error_of(lab.call(
                     topic_configs_request("orders", {{"min.insync.replicas", std::nullopt}}))));
    lab.run_to(seconds(14));
    EXPECT_EQ(3, lab.replica(1, "orders", 0).config.min_insync_replicas);
    // A broker that starts later knows them, too.
    lab.kill(2);
    lab.run_to(seconds(30));
    lab.start(2);
    lab.run_to(seconds(40));
    EXPECT_EQ(55, lab.replica(2, "orders", 0).config.segment_ms);
    EXPECT_EQ(3, lab.replica(2, "orders", 0).config.min_insync_replicas);
    for (const CheckResult& check : lab.results()) {
        // That check knows the scenario's settings alone.
        const bool judged = check.kind == CheckKind::Safety && check.name != "retention-contract";
        EXPECT_EQ(0U, judged ? check.violation_count : 0) << check.name;
    }
}

TEST(AdminOperations, ATopicThatBecomesLaxIsLedWithTheNextRound) {
    WorldLab lab(scenario(
        kThree, std::string(kQuick) + R"(, "unclean.leader.election.interval.ms": 30000)", ""));
    lab.run_to(seconds(10));
    lab.kill(2);
    lab.kill(3);
    lab.run_to(seconds(20));
    lab.kill(1);
    lab.run_to(seconds(24));
    lab.start(3);
    lab.run_to(seconds(30));
    EXPECT_EQ(std::nullopt, lab.partition("orders", 0).leader);
    EXPECT_THAT(lab.partition("orders", 0).isr, ElementsAre(BrokerId(1)));
    EXPECT_EQ(0, error_of(lab.call(topic_configs_request(
                     "orders", {{"unclean.leader.election.enable", "true"}}))));
    lab.run_to(seconds(45));
    EXPECT_EQ(std::nullopt, lab.partition("orders", 0).leader);
    lab.run_to(seconds(60));
    const PartitionRegistration& now = lab.partition("orders", 0);
    EXPECT_EQ(BrokerId(3), now.leader);
    EXPECT_THAT(now.isr, ElementsAre(BrokerId(3)));
    EXPECT_EQ(LeaderRecoveryState::Recovering, now.recovery);
    // The one that led comes back, cuts its log and joins; only that ends the recovery.
    lab.start(1);
    lab.run_to(seconds(75));
    EXPECT_THAT(lab.partition("orders", 0).isr, ElementsAre(BrokerId(3), BrokerId(1)));
    EXPECT_EQ(LeaderRecoveryState::Recovered, lab.partition("orders", 0).recovery);
    EXPECT_THAT(lab.take_events({"LogTruncated"}), Contains(HasSubstr("broker-1 LogTruncated")));
    EXPECT_EQ(0U, lab.violations()) << "a loss that the settings permit is none";
}

TEST(AdminOperations, AReassignedReplicaMovesAndItsOldDirectoryGoes) {
    WorldLab lab(scenario(R"({"1": {}, "2": {}, "3": {}, "4": {"start": "5s"}})",
                          R"("log.segment.delete.delay.ms": 1000)", ""));
    lab.run_to(seconds(15));
    EXPECT_EQ(
        0,
        error_of(lab.call(reassign_request(
            "orders", {{PartitionIndex(0), std::vector{BrokerId(2), BrokerId(3), BrokerId(4)}}}))));
    lab.run_to(seconds(35));
    const PartitionRegistration& now = lab.partition("orders", 0);
    EXPECT_THAT(now.replicas, ElementsAre(BrokerId(2), BrokerId(3), BrokerId(4)));
    EXPECT_FALSE(now.is_reassigning());
    EXPECT_EQ(BrokerId(2), now.leader);
    EXPECT_THAT(only(lab.files(1), "orders"), SizeIs(0));
    EXPECT_TRUE(has_caught_up(lab, 4, 2));
    EXPECT_EQ(0U, lab.violations());
}

TEST(AdminOperations, AWipedBrokerSaysWhereItsReplicasAreAndFetchesThemAgain) {
    WorldLab lab(scenario(kThree, kQuick, ""));
    lab.run_to(seconds(10));
    const Uuid old = lab.broker(3).log_dirs().id(0);
    lab.wipe(3);
    EXPECT_THAT(lab.files(3), SizeIs(0));
    EXPECT_NE(old, lab.broker(3).log_dirs().id(0));
    lab.run_to(seconds(11));
    lab.start(3);
    // Its id is taken until the session of the process that was killed is over.
    lab.run_to(seconds(20));
    const PartitionRegistration& now = lab.partition("orders", 0);
    EXPECT_EQ(lab.broker(3).log_dirs().id(0), now.directory_of(BrokerId(3)));
    EXPECT_THAT(now.isr, ElementsAre(BrokerId(1), BrokerId(2), BrokerId(3)));
    EXPECT_TRUE(has_caught_up(lab, 3, 1));
    const auto changes = lab.take_events({"PartitionChanged"});
    EXPECT_THAT(changes, Contains(HasSubstr(R"("reason":"directory-assigned")")));
    EXPECT_EQ(0U, lab.violations());
}

TEST(AdminOperations, ABrokerMayBeUnregisteredOnceItIsDown) {
    WorldLab lab(scenario(kThree, kQuick, ""));
    lab.run_to(seconds(10));
    lab.kill(3);
    lab.run_to(seconds(20));
    EXPECT_EQ(0, error_of(lab.call(unregister_broker_request(BrokerId(3)))));
    EXPECT_EQ(nullptr, lab.cluster().committed()->broker(BrokerId(3)));
    EXPECT_EQ(static_cast<std::int16_t>(ErrorCode::BrokerIdNotRegistered),
              error_of(lab.call(unregister_broker_request(BrokerId(3)))));
    // It registers anew, as an unknown broker.
    lab.start(3);
    lab.run_to(seconds(30));
    EXPECT_EQ(3U, lab.partition("orders", 0).isr.size());
    EXPECT_EQ(0U, lab.violations());
}

}  // namespace
}  // namespace bsim::test
