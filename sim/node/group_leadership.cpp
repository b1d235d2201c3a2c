// What the metadata tells a group coordinator: which partitions of __consumer_offsets its broker
// leads now, and which topics are gone.

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "sim/base/java_order.h"
#include "sim/model/internal_topics.h"
#include "sim/node/group_shell.h"
#include "sim/protocol/group/scala_order.h"

namespace bsim {
namespace {

bool holds(const PartitionRegistration& partition, BrokerId broker) {
    return std::find(partition.replicas.begin(), partition.replicas.end(), broker) !=
           partition.replicas.end();
}

struct JavaOrdered {
    void add(PartitionIndex partition, group::CoordinatorInput input) {
        hashes.push_back(group::topic_partition_hash({std::string(kOffsetsTopic), partition}));
        inputs.push_back(std::move(input));
    }

    std::vector<std::uint32_t> hashes;
    std::vector<group::CoordinatorInput> inputs;
};

}  // namespace

void GroupShell::apply(const MetadataDelta& delta) {
    resign_deleted(delta);
    update_leadership(delta);
    drop_deleted_topics(delta);
}

void GroupShell::resign_deleted(const MetadataDelta& delta) {
    for (const auto& [tp, before] : delta.partitions) {
        const auto deleted = delta.topics_deleted.find(tp.topic_id);
        if (deleted == delta.topics_deleted.end() || deleted->second != kOffsetsTopic)
            continue;
        if (before && before->leader == parts_.self)
            loader_.post(group::Resigned{tp.partition, before->leader_epoch});
    }
}

// Replicas that are gone, then new leaders, then followers, each in the order of a
// java.util.HashMap by TopicPartition: one thread loads the partitions in that order. A follower of
// whatever epoch resigns, also one that never led. Source: TopicDelta.localChanges,
// BrokerMetadataPublisher.updateCoordinator.
void GroupShell::update_leadership(const MetadataDelta& delta) {
    const TopicImage* topic = parts_.image.topic(std::string(kOffsetsTopic));
    if (topic == nullptr)
        return;
    JavaOrdered gone;
    JavaOrdered elected;
    JavaOrdered following;
    for (const auto& [tp, before] : delta.partitions) {
        const PartitionRegistration* now = parts_.image.partition(tp);
        if (tp.topic_id != topic->id || now == nullptr)
            continue;
        if (!holds(*now, parts_.self)) {
            if (before && holds(*before, parts_.self))
                gone.add(tp.partition, group::Resigned{tp.partition, std::nullopt});
        } else if (now->leader == parts_.self) {
            if (!before || before->leader_epoch != now->leader_epoch)
                elected.add(tp.partition, group::Elected{tp.partition, now->leader_epoch});
        } else if (!before || before->partition_epoch != now->partition_epoch) {
            following.add(tp.partition, group::Resigned{tp.partition, now->leader_epoch});
        }
    }
    for (const JavaOrdered* news : {&gone, &elected, &following}) {
        for (const std::size_t i : java_hash_order(news->hashes))
            loader_.post(news->inputs[i]);
    }
}

void GroupShell::drop_deleted_topics(const MetadataDelta& delta) {
    group::PartitionsDeleted deleted;
    for (const auto& [tp, before] : delta.partitions) {
        const auto topic = delta.topics_deleted.find(tp.topic_id);
        if (topic != delta.topics_deleted.end() && before)
            deleted.partitions.push_back({topic->second, tp.partition});
    }
    if (!deleted.partitions.empty())
        input(std::move(deleted), ReplicaManager::InternalWriter::OtherThread);
}

}  // namespace bsim
