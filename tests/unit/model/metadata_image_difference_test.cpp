// Going to a snapshot's image tells the same differences as going there record by record.

#include <gtest/gtest.h>

#include "sim/model/metadata_image.h"

namespace bsim {
namespace {

constexpr Uuid kTopic{7, 1};
constexpr Uuid kOther{7, 2};

wire::MetadataRecord topic(const Uuid& id, const std::string& name) {
    wire::TopicRecord record;
    record.topic_id = id;
    record.name = name;
    return record;
}

wire::MetadataRecord partition(const Uuid& id, std::int32_t index, std::int32_t leader) {
    wire::PartitionRecord record;
    record.topic_id = id;
    record.partition_id = index;
    record.replicas = {1, 2};
    record.isr = {1, 2};
    record.leader = leader;
    return record;
}

class ImageDifference : public testing::Test {
  protected:
    ImageDifference() {
        for (const auto& record : {topic(kTopic, "t"), partition(kTopic, 0, 1)})
            former.apply(record, take_offset());
        now = former;
    }
    void apply(const wire::MetadataRecord& record) { now.apply(record, take_offset(), stepwise); }
    Offset take_offset() {
        const Offset taken = next;
        next = next + 1;
        return taken;
    }
    MetadataDelta at_once() const {
        const MetadataImage loaded = MetadataImage::of_snapshot(now.to_records(), next);
        MetadataDelta delta;
        loaded.add_difference_from(former, delta);
        return delta;
    }

    Offset next;
    MetadataImage former;
    MetadataImage now;
    MetadataDelta stepwise;
};

TEST_F(ImageDifference, NothingBetweenEqualImages) {
    const MetadataDelta delta = at_once();
    EXPECT_TRUE(delta.partitions.empty() && delta.topics_created.empty() &&
                delta.topics_deleted.empty() && delta.brokers.empty() && delta.configs.empty());
}

TEST_F(ImageDifference, NamesChangedNewAndDeletedPartitions) {
    wire::PartitionChangeRecord change;
    change.topic_id = kTopic;
    change.partition_id = 0;
    change.leader = 2;
    apply(change);
    apply(topic(kOther, "u"));
    apply(partition(kOther, 0, 1));
    EXPECT_EQ(at_once().partitions, stepwise.partitions);
    EXPECT_EQ(at_once().topics_created, stepwise.topics_created);

    wire::RemoveTopicRecord remove;
    remove.topic_id = kTopic;
    apply(remove);
    EXPECT_EQ(at_once().partitions, stepwise.partitions);
    EXPECT_EQ(at_once().topics_deleted, stepwise.topics_deleted);
}

TEST_F(ImageDifference, KeepsTheOlderRegistrationThatTheDeltaKnows) {
    MetadataDelta delta;
    const TopicIdPartition tp{kTopic, PartitionIndex(0)};
    delta.partitions.emplace(tp, std::nullopt);  // new since the last publish
    MetadataImage{}.add_difference_from(former, delta);
    EXPECT_EQ(delta.partitions.at(tp), std::nullopt);
}

TEST_F(ImageDifference, NamesBrokersAndConfigs) {
    wire::RegisterBrokerRecord broker;
    broker.broker_id = 4;
    apply(broker);
    wire::ConfigRecord config;
    config.resource_type = 2;
    config.resource_name = "t";
    config.name = "min.insync.replicas";
    config.value = "2";
    apply(config);
    EXPECT_EQ(at_once().brokers, stepwise.brokers);
    EXPECT_EQ(at_once().configs, stepwise.configs);
}

}  // namespace
}  // namespace bsim
