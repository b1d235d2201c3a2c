#include "sim/model/metadata_image.h"

#include <gtest/gtest.h>

#include "sim/base/check.h"

namespace bsim {
namespace {

const Uuid kOrders{1, 1};
const TopicIdPartition kOrders0{kOrders, PartitionIndex(0)};

wire::TopicRecord topic(const std::string& name, const Uuid& id) {
    wire::TopicRecord record;
    record.name = name;
    record.topic_id = id;
    return record;
}

wire::PartitionRecord partition(const Uuid& topic, std::int32_t index) {
    wire::PartitionRecord record;
    record.topic_id = topic;
    record.partition_id = index;
    record.replicas = {1, 2, 3};
    record.isr = {1, 2, 3};
    record.leader = 1;
    record.leader_epoch = 0;
    record.partition_epoch = 0;
    record.directories = {Uuid{9, 1}, Uuid{9, 2}, Uuid{9, 3}};
    return record;
}

wire::PartitionChangeRecord change(const TopicIdPartition& tp) {
    wire::PartitionChangeRecord record;
    record.topic_id = tp.topic_id;
    record.partition_id = tp.partition.value();
    return record;
}

wire::RegisterBrokerRecord broker(std::int32_t id, std::int64_t epoch) {
    wire::RegisterBrokerRecord record;
    record.broker_id = id;
    record.broker_epoch = epoch;
    record.incarnation_id = Uuid{4, static_cast<std::uint64_t>(epoch)};
    record.rack = std::nullopt;
    record.log_dirs = {Uuid{9, 8}, Uuid{9, 7}};
    return record;
}

wire::BrokerRegistrationChangeRecord broker_change(std::int32_t id, std::int64_t epoch) {
    wire::BrokerRegistrationChangeRecord record;
    record.broker_id = id;
    record.broker_epoch = epoch;
    return record;
}

wire::ConfigRecord config(std::int8_t type, const std::string& resource, const char* value) {
    wire::ConfigRecord record;
    record.resource_type = type;
    record.resource_name = resource;
    record.name = "retention.ms";
    record.value = value == nullptr ? std::nullopt : std::optional<std::string>(value);
    return record;
}

class Image : public testing::Test {
  protected:
    void apply(const wire::MetadataRecord& record) { image.apply(record, Offset(next++), delta); }

    MetadataImage image;
    MetadataDelta delta;
    std::int64_t next = 0;
};

TEST_F(Image, AChangeRaisesThePartitionEpochAndANamedLeaderTheLeaderEpoch) {
    apply(topic("orders", kOrders));
    apply(partition(kOrders, 0));
    wire::PartitionChangeRecord shrink = change(kOrders0);
    shrink.isr = {1, 3};
    apply(shrink);
    const PartitionRegistration* now = image.partition(kOrders0);
    EXPECT_EQ(to_broker_ids({1, 3}), now->isr);
    EXPECT_EQ(LeaderEpoch(0), now->leader_epoch);
    EXPECT_EQ(PartitionEpoch(1), now->partition_epoch);

    wire::PartitionChangeRecord same_leader = change(kOrders0);
    same_leader.leader = 1;
    apply(same_leader);
    EXPECT_EQ(LeaderEpoch(1), now->leader_epoch);
    EXPECT_EQ(PartitionEpoch(2), now->partition_epoch);

    wire::PartitionChangeRecord nobody = change(kOrders0);
    nobody.leader = -1;
    nobody.leader_recovery_state = 1;
    apply(nobody);
    EXPECT_FALSE(now->leader);
    EXPECT_EQ(LeaderEpoch(2), now->leader_epoch);
    EXPECT_EQ(LeaderRecoveryState::Recovering, now->recovery);
    EXPECT_EQ((std::vector<Uuid>{{9, 1}, {9, 2}, {9, 3}}), now->directories);
    EXPECT_EQ(Uuid({9, 2}), now->directory_of(BrokerId(2)));
    EXPECT_FALSE(now->directory_of(BrokerId(4)));
    EXPECT_EQ(Offset(4), image.last_offset());
}

TEST_F(Image, APartitionWithoutDirectoriesHasUnknownOnes) {
    apply(topic("orders", kOrders));
    wire::PartitionRecord old = partition(kOrders, 0);
    old.directories.clear();
    apply(old);
    EXPECT_EQ(std::vector<Uuid>(3, kMigratingDirectory), image.partition(kOrders0)->directories);
}

TEST_F(Image, TheDeltaKeepsWhatWasBeforeTheFirstChange) {
    apply(topic("orders", kOrders));
    apply(partition(kOrders, 0));
    ASSERT_TRUE(delta.partitions.contains(kOrders0));
    EXPECT_FALSE(delta.partitions.at(kOrders0));
    EXPECT_EQ("orders", delta.topics_created.at(kOrders));

    delta.clear();
    wire::PartitionChangeRecord shrink = change(kOrders0);
    shrink.isr = {1, 3};
    apply(shrink);
    shrink.isr = {1};
    apply(shrink);
    EXPECT_EQ(to_broker_ids({1, 2, 3}), delta.partitions.at(kOrders0)->isr);
    EXPECT_EQ(1U, delta.partitions.size());
}

TEST_F(Image, ADeletedTopicTakesItsPartitionsAndConfigsAlong) {
    apply(topic("orders", kOrders));
    apply(partition(kOrders, 0));
    apply(partition(kOrders, 1));
    apply(config(2, "orders", "5"));
    delta.clear();
    wire::RemoveTopicRecord removed;
    removed.topic_id = kOrders;
    apply(removed);
    EXPECT_EQ(nullptr, image.topic("orders"));
    EXPECT_EQ(nullptr, image.partition(TopicPartition{"orders", PartitionIndex(1)}));
    EXPECT_FALSE(image.topic_config("orders", BrokerId(1), "retention.ms"));
    EXPECT_EQ(2U, delta.partitions.size());
    EXPECT_TRUE(delta.partitions.at(kOrders0));
    EXPECT_EQ("orders", delta.topics_deleted.at(kOrders));
    // The name is free again.
    apply(topic("orders", Uuid{1, 2}));
    EXPECT_EQ(Uuid({1, 2}), image.topic("orders")->id);
}

TEST_F(Image, ABrokerIsActiveWhileNeitherFencedNorLeaving) {
    apply(broker(1, 0));
    EXPECT_FALSE(image.is_active(BrokerId(1)));
    auto unfence = broker_change(1, 0);
    unfence.fenced = -1;
    apply(unfence);
    EXPECT_TRUE(image.is_active(BrokerId(1)));
    auto leave = broker_change(1, 0);
    leave.in_controlled_shutdown = 1;
    apply(leave);
    EXPECT_FALSE(image.is_active(BrokerId(1)));
    EXPECT_FALSE(image.broker(BrokerId(1))->fenced);
    // A new incarnation starts over.
    apply(broker(1, 3));
    EXPECT_FALSE(image.broker(BrokerId(1))->in_controlled_shutdown);
    EXPECT_EQ(Offset(3), image.broker(BrokerId(1))->register_offset);
    EXPECT_EQ(std::set<BrokerId>{BrokerId(1)}, delta.brokers);
    EXPECT_FALSE(image.is_active(BrokerId(2)));
}

TEST_F(Image, ADirectoryIsOnlineIfListedOrNotYetKnown) {
    apply(broker(1, 0));
    const BrokerRegistration* known = image.broker(BrokerId(1));
    EXPECT_EQ((std::vector<Uuid>{{9, 7}, {9, 8}}), known->directories);
    EXPECT_TRUE(known->has_online_directory({9, 8}));
    EXPECT_FALSE(known->has_online_directory({9, 9}));
    EXPECT_TRUE(known->has_online_directory(kUnassignedDirectory));
    EXPECT_TRUE(known->has_online_directory(kMigratingDirectory));
    EXPECT_FALSE(known->has_online_directory(kLostDirectory));
    auto lost = broker_change(1, 0);
    lost.log_dirs = {Uuid{9, 7}};
    apply(lost);
    EXPECT_FALSE(known->has_online_directory({9, 8}));
}

TEST_F(Image, ATopicsConfigComesBeforeTheClusters) {
    apply(config(4, "", "7"));
    EXPECT_EQ("7", image.topic_config("orders", BrokerId(1), "retention.ms"));
    apply(config(2, "orders", "5"));
    EXPECT_EQ("5", image.topic_config("orders", BrokerId(1), "retention.ms"));
    EXPECT_EQ("7", image.topic_config("other", BrokerId(1), "retention.ms"));
    apply(config(2, "orders", nullptr));
    EXPECT_EQ("7", image.topic_config("orders", BrokerId(1), "retention.ms"));
    EXPECT_TRUE(image.configs({ConfigResourceType::Topic, "orders"}).empty());
    EXPECT_EQ(2U, delta.configs.size());
}

TEST_F(Image, ContradictionsAreBugs) {
    apply(topic("orders", kOrders));
    EXPECT_THROW(apply(topic("orders", Uuid{1, 2})), InternalBug);
    EXPECT_THROW(apply(change(kOrders0)), InternalBug);
    EXPECT_THROW(apply(partition(Uuid{3, 3}, 0)), InternalBug);
    EXPECT_THROW(apply(broker_change(1, 0)), InternalBug);
    apply(broker(1, 5));
    EXPECT_THROW(apply(broker_change(1, 4)), InternalBug);
    EXPECT_THROW(image.apply(wire::NoOpRecord{}, Offset(0)), InternalBug);
}

}  // namespace
}  // namespace bsim
