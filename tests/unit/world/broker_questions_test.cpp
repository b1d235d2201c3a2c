// What brokers answer to questions about their logs, asked by somebody whose metadata is right, old
// or ahead: ListOffsets, OffsetForLeaderEpoch, and Fetch of consumers.

#include <gtest/gtest.h>

#include "sim/node/api_versions.h"
#include "sim/node/rpc_client.h"
#include "tests/unit/world/world_lab.h"

namespace bsim::test {
namespace {

using wire::ErrorCode;

const char* const kScenario = R"({"version": 1, "name": "lab", "duration": "600s",
  "cluster": {"controllers": [100], "brokers": {"1": {}, "2": {}, "3": {}},
              "defaults": {"config": {"broker.session.timeout.ms": 3000,
                                      "broker.heartbeat.interval.ms": 500}}},
  "topics": {"orders": {"partitions": 1, "replication": 2, "assignment": {"0": [1, 2]}}},
  "producers": {"shop": {"topic": "orders", "rate": "100/s", "value": "100B"}}})";

constexpr std::int64_t kLatest = -1;
constexpr std::int64_t kEarliest = -2;

class BrokerQuestions : public testing::Test {
  protected:
    BrokerQuestions() : lab_(kScenario) {
        lab_.run_to(seconds(5));
        // Leader epoch 2 in the end, led by 1 as before: 2 led in between.
        lab_.kill(1);
        lab_.run_to(seconds(15));
        lab_.start(1);
        lab_.run_to(seconds(25));
        lab_.kill(2);
        lab_.run_to(seconds(35));
        lab_.start(2);
        lab_.run_to(seconds(45));
    }

    template <class Response>
    Response ask(std::int32_t broker, wire::RequestBody body) {
        std::optional<wire::ResponseBody> answer;
        RpcClient client(lab_.cluster().admin(), "probe");
        client.send({lab_.broker(broker).host(), static_cast<Port>(kBrokerPort)}, std::move(body),
                    seconds(10), [&](RpcClient::Answer got) {
                        if (got.ok())
                            answer = std::move(got).value();
                    });
        lab_.run_to(SimDuration(lab_.now().ns()) + seconds(1));
        return std::get<Response>(answer.value());
    }

    wire::ListOffsetsResponse::ListOffsetsPartitionResponse offsets(std::int32_t broker,
                                                                    std::int64_t timestamp,
                                                                    std::int32_t epoch,
                                                                    const char* topic = "orders") {
        wire::ListOffsetsRequest request;
        request.replica_id = -1;
        auto& asked = request.topics.emplace_back();
        asked.name = topic;
        auto& partition = asked.partitions.emplace_back();
        partition.timestamp = timestamp;
        partition.current_leader_epoch = epoch;
        return ask<wire::ListOffsetsResponse>(broker, request).topics.at(0).partitions.at(0);
    }
    wire::OffsetForLeaderEpochResponse::EpochEndOffset epoch_end(std::int32_t broker,
                                                                 std::int32_t current,
                                                                 std::int32_t asked_epoch,
                                                                 const char* topic = "orders") {
        wire::OffsetForLeaderEpochRequest request;
        request.replica_id = -1;
        auto& asked = request.topics.emplace_back();
        asked.topic = topic;
        auto& partition = asked.partitions.emplace_back();
        partition.current_leader_epoch = current;
        partition.leader_epoch = asked_epoch;
        return ask<wire::OffsetForLeaderEpochResponse>(broker, request)
            .topics.at(0)
            .partitions.at(0);
    }
    wire::FetchResponse::PartitionData fetch(std::int32_t broker,
                                             std::int32_t replica,
                                             std::int32_t epoch) {
        wire::FetchRequest request;
        request.replica_state.replica_id = replica;
        request.max_bytes = 1 << 20;
        request.session_epoch = -1;
        auto& topic = request.topics.emplace_back();
        topic.topic_id = lab_.cluster().committed()->topic("orders")->id;
        auto& partition = topic.partitions.emplace_back();
        partition.current_leader_epoch = epoch;
        partition.partition_max_bytes = 1 << 20;
        partition.log_start_offset = replica < 0 ? -1 : 0;
        return ask<wire::FetchResponse>(broker, request).responses.at(0).partitions.at(0);
    }
    static ErrorCode error(const auto& answer) { return static_cast<ErrorCode>(answer.error_code); }

    WorldLab lab_;
};

TEST_F(BrokerQuestions, TheEpochIsComparedBeforeTheRole) {
    ASSERT_EQ(BrokerId(1), lab_.partition("orders", 0).leader);
    ASSERT_EQ(LeaderEpoch(2), lab_.partition("orders", 0).leader_epoch);
    EXPECT_EQ(ErrorCode::None, error(offsets(1, kLatest, 2)));
    EXPECT_EQ(ErrorCode::None, error(offsets(1, kLatest, -1)));
    for (const std::int32_t broker : {1, 2}) {
        EXPECT_EQ(ErrorCode::FencedLeaderEpoch, error(offsets(broker, kLatest, 1))) << broker;
        EXPECT_EQ(ErrorCode::UnknownLeaderEpoch, error(offsets(broker, kLatest, 3))) << broker;
        EXPECT_EQ(ErrorCode::FencedLeaderEpoch, error(epoch_end(broker, 1, 0))) << broker;
        EXPECT_EQ(ErrorCode::UnknownLeaderEpoch, error(epoch_end(broker, 3, 0))) << broker;
        EXPECT_EQ(ErrorCode::FencedLeaderEpoch, error(fetch(broker, -1, 1))) << broker;
        EXPECT_EQ(ErrorCode::UnknownLeaderEpoch, error(fetch(broker, -1, 3))) << broker;
    }
    EXPECT_EQ(ErrorCode::NotLeaderOrFollower, error(offsets(2, kLatest, 2)));
    EXPECT_EQ(ErrorCode::NotLeaderOrFollower, error(offsets(2, kLatest, -1)));
    EXPECT_EQ(ErrorCode::NotLeaderOrFollower, error(epoch_end(2, 2, 0)));
    // Who has no replica knows at least whether there is such a partition.
    EXPECT_EQ(ErrorCode::NotLeaderOrFollower, error(offsets(3, kLatest, 2)));
    EXPECT_EQ(ErrorCode::NotLeaderOrFollower, error(epoch_end(3, 1, 0)));
    EXPECT_EQ(ErrorCode::UnknownTopicOrPartition, error(offsets(3, kLatest, 2, "absent")));
    EXPECT_EQ(ErrorCode::UnknownTopicOrPartition, error(epoch_end(3, 2, 0, "absent")));
}

TEST_F(BrokerQuestions, TheEndsOfEpochsAreTold) {
    const auto first = epoch_end(1, 2, 0);
    const auto second = epoch_end(1, -1, 1);
    EXPECT_EQ(0, first.leader_epoch);
    EXPECT_EQ(1, second.leader_epoch);
    EXPECT_LT(0, first.end_offset);
    EXPECT_LT(first.end_offset, second.end_offset);
    EXPECT_EQ(-1, epoch_end(1, 2, 9).end_offset);
    // Each edge comes with the epoch that holds there.
    const auto earliest = offsets(1, kEarliest, 2);
    EXPECT_EQ(0, earliest.offset);
    EXPECT_EQ(0, earliest.leader_epoch);
    EXPECT_EQ(2, offsets(1, kLatest, 2).leader_epoch);
    lab_.delete_records({{{"orders", PartitionIndex(0)}, Offset(first.end_offset + 3)}});
    const auto later = offsets(1, kEarliest, 2);
    EXPECT_EQ(first.end_offset + 3, later.offset);
    EXPECT_EQ(1, later.leader_epoch);
}

TEST_F(BrokerQuestions, AConsumerMayReadFromAFollowerButAFollowerMayNot) {
    const auto read = fetch(2, -1, 2);
    EXPECT_EQ(ErrorCode::None, error(read));
    EXPECT_LT(0U, read.records->size());
    EXPECT_LT(0, read.high_watermark);
    EXPECT_EQ(ErrorCode::NotLeaderOrFollower, error(fetch(2, 3, 2)));
    EXPECT_EQ(ErrorCode::NotLeaderOrFollower, error(fetch(3, -1, 2)));
    // A broker that is no replica may not follow.
    EXPECT_EQ(ErrorCode::UnknownLeaderEpoch, error(fetch(1, 3, 2)));
}

}  // namespace
}  // namespace bsim::test
