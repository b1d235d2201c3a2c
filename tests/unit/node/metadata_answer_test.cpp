// What a Metadata response says of brokers, leaders and topics that are there, half there, or not.

#include "sim/node/metadata_answer.h"

#include <gmock/gmock.h>

#include <gtest/gtest.h>

#include "sim/wire/error_code.h"

namespace bsim {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const Uuid kOrders{1, 1};
const Uuid kBills{1, 2};

class MetadataAnswer : public testing::Test {
  protected:
    void apply(const wire::MetadataRecord& record) { image.apply(record, Offset(next++)); }

    void add_broker(std::int32_t id, bool fenced) {
        wire::RegisterBrokerRecord record;
        record.broker_id = id;
        record.broker_epoch = next;
        record.rack = std::nullopt;
        record.fenced = fenced;
        record.end_points = {{"PLAINTEXT", "broker-" + std::to_string(id), 9092, 0}};
        apply(record);
    }
    void add_topic(const std::string& name, const Uuid& id) {
        wire::TopicRecord record;
        record.name = name;
        record.topic_id = id;
        apply(record);
    }
    void add_partition(const Uuid& topic, std::int32_t index, std::int32_t leader) {
        wire::PartitionRecord record;
        record.topic_id = topic;
        record.partition_id = index;
        record.replicas = {1, 2, 3};
        record.isr = {1, 2};
        record.leader = leader;
        record.leader_epoch = 4;
        record.directories = {Uuid{9, 1}, Uuid{9, 2}, Uuid{9, 3}};
        apply(record);
    }

    wire::MetadataResponse answer(const wire::MetadataRequest& request, std::uint64_t drawn = 0) {
        return answer_metadata(image, request, "the-cluster", drawn);
    }
    static wire::MetadataRequest all_topics() {
        wire::MetadataRequest request;
        request.topics = std::nullopt;
        return request;
    }
    static wire::MetadataRequest no_topics() {
        wire::MetadataRequest request;
        request.topics.emplace();
        return request;
    }
    static wire::MetadataRequest of(const std::vector<std::string>& names) {
        wire::MetadataRequest request = no_topics();
        for (const std::string& name : names)
            request.topics->emplace_back().name = name;
        return request;
    }
    static std::int16_t code(wire::ErrorCode error) { return static_cast<std::int16_t>(error); }

    MetadataImage image;
    std::int64_t next = 0;
};

TEST_F(MetadataAnswer, OfAnEmptyClusterKnowsItsIdButNoController) {
    const auto response = answer(all_topics());
    EXPECT_EQ(response.cluster_id, "the-cluster");
    EXPECT_THAT(response.brokers, IsEmpty());
    EXPECT_EQ(response.controller_id, -1);
    EXPECT_THAT(response.topics, IsEmpty());
}

TEST_F(MetadataAnswer, NamesBrokersThatAreNotFenced) {
    add_broker(2, false);
    add_broker(1, false);
    add_broker(3, true);
    const auto response = answer(no_topics());
    ASSERT_EQ(response.brokers.size(), 2u);
    EXPECT_EQ(response.brokers[0].node_id, 1);
    EXPECT_EQ(response.brokers[0].host, "broker-1");
    EXPECT_EQ(response.brokers[0].port, 9092);
    EXPECT_EQ(response.brokers[0].rack, std::nullopt);
    EXPECT_EQ(response.brokers[1].node_id, 2);
}

TEST_F(MetadataAnswer, NamesAnyLiveBrokerAsTheController) {
    add_broker(1, false);
    add_broker(2, true);
    add_broker(3, false);
    std::vector<std::int32_t> named;
    for (std::uint64_t drawn = 0; drawn < 4; ++drawn)
        named.push_back(answer(no_topics(), drawn).controller_id);
    EXPECT_THAT(named, ElementsAre(1, 3, 1, 3));
}

TEST_F(MetadataAnswer, DescribesTheTopicsThatWereAskedFor) {
    for (const std::int32_t id : {1, 2, 3})
        add_broker(id, false);
    add_topic("orders", kOrders);
    add_partition(kOrders, 0, 1);
    add_partition(kOrders, 1, 2);
    add_topic("bills", kBills);
    const auto response = answer(of({"orders"}));
    ASSERT_EQ(response.topics.size(), 1u);
    const auto& topic = response.topics[0];
    EXPECT_EQ(topic.name, "orders");
    EXPECT_EQ(topic.topic_id, kOrders);
    EXPECT_EQ(topic.error_code, 0);
    ASSERT_EQ(topic.partitions.size(), 2u);
    const auto& second = topic.partitions[1];
    EXPECT_EQ(second.partition_index, 1);
    EXPECT_EQ(second.leader_id, 2);
    EXPECT_EQ(second.leader_epoch, 4);
    EXPECT_EQ(second.error_code, 0);
    EXPECT_THAT(second.replica_nodes, ElementsAre(1, 2, 3));
    EXPECT_THAT(second.isr_nodes, ElementsAre(1, 2));
    EXPECT_THAT(second.offline_replicas, IsEmpty());
}

TEST_F(MetadataAnswer, AllTopicsComeByNameAndNoneWhenNoneAreAskedFor) {
    add_topic("orders", kOrders);
    add_topic("bills", kBills);
    const auto response = answer(all_topics());
    ASSERT_EQ(response.topics.size(), 2u);
    EXPECT_EQ(response.topics[0].name, "bills");
    EXPECT_EQ(response.topics[1].name, "orders");
    EXPECT_THAT(answer(no_topics()).topics, IsEmpty());
}

TEST_F(MetadataAnswer, APartitionWithoutALeaderSaysSoAndKeepsItsEpoch) {
    for (const std::int32_t id : {1, 2, 3})
        add_broker(id, false);
    add_topic("orders", kOrders);
    add_partition(kOrders, 0, -1);
    const auto response = answer(of({"orders"}));
    EXPECT_EQ(response.topics[0].error_code, 0) << "the topic is well";
    const auto& partition = response.topics[0].partitions.at(0);
    EXPECT_EQ(partition.leader_id, -1);
    EXPECT_EQ(partition.leader_epoch, 4);
    EXPECT_EQ(partition.error_code, code(wire::ErrorCode::LeaderNotAvailable));
}

TEST_F(MetadataAnswer, FencedAndUnregisteredReplicasAreOffline) {
    add_broker(1, false);
    add_broker(2, true);
    add_topic("orders", kOrders);
    add_partition(kOrders, 0, 1);
    const auto response = answer(of({"orders"}));
    const auto& partition = response.topics[0].partitions.at(0);
    EXPECT_EQ(partition.leader_id, 1);
    EXPECT_THAT(partition.offline_replicas, ElementsAre(2, 3));
}

TEST_F(MetadataAnswer, ALeaderIsNamedWhileItIsRegisteredEvenIfFenced) {
    add_broker(1, true);
    add_topic("orders", kOrders);
    add_partition(kOrders, 0, 1);
    add_partition(kOrders, 1, 3);
    const auto response = answer(of({"orders"}));
    EXPECT_EQ(response.topics[0].partitions.at(0).leader_id, 1);
    EXPECT_EQ(response.topics[0].partitions.at(0).error_code, 0);
    EXPECT_EQ(response.topics[0].partitions.at(1).leader_id, -1) << "broker 3 never registered";
    EXPECT_EQ(response.topics[0].partitions.at(1).error_code,
              code(wire::ErrorCode::LeaderNotAvailable));
}

TEST_F(MetadataAnswer, AnUnknownTopicIsAnErrorBesideTheKnownOnes) {
    add_topic("orders", kOrders);
    const auto response = answer(of({"typo", "orders"}));
    ASSERT_EQ(response.topics.size(), 2u);
    EXPECT_EQ(response.topics[0].name, "typo");
    EXPECT_EQ(response.topics[0].topic_id, Uuid{});
    EXPECT_EQ(response.topics[0].error_code, code(wire::ErrorCode::UnknownTopicOrPartition));
    EXPECT_EQ(response.topics[1].error_code, 0);
}

TEST_F(MetadataAnswer, TopicsAreFoundByIdToo) {
    add_topic("orders", kOrders);
    wire::MetadataRequest request = no_topics();
    for (const Uuid& id : {kOrders, kBills}) {
        auto& asked = request.topics->emplace_back();
        asked.name = std::nullopt;
        asked.topic_id = id;
    }
    const auto response = answer(request);
    ASSERT_EQ(response.topics.size(), 2u);
    EXPECT_EQ(response.topics[0].name, "orders");
    EXPECT_EQ(response.topics[0].error_code, 0);
    EXPECT_EQ(response.topics[1].name, std::nullopt);
    EXPECT_EQ(response.topics[1].topic_id, kBills);
    EXPECT_EQ(response.topics[1].error_code, code(wire::ErrorCode::UnknownTopicId));
}

}  // namespace
}  // namespace bsim
