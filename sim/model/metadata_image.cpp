#include "sim/model/metadata_image.h"

#include <algorithm>

#include "sim/base/check.h"

namespace bsim {

bool BrokerRegistration::has_online_directory(const Uuid& directory) const {
    if (directory == kUnassignedDirectory || directory == kMigratingDirectory)
        return true;
    if (directory == kLostDirectory)
        return false;
    // A broker registered before directories had ids names none: believed to be online.
    if (directories.empty())
        return true;
    return std::binary_search(directories.begin(), directories.end(), directory);
}

const BrokerRegistration* MetadataImage::broker(BrokerId id) const {
    const auto at = brokers_.find(id);
    return at == brokers_.end() ? nullptr : &at->second;
}

bool MetadataImage::is_active(BrokerId id) const {
    const BrokerRegistration* registration = broker(id);
    return registration != nullptr && registration->is_active();
}

const TopicImage* MetadataImage::topic(const Uuid& id) const {
    const auto at = topics_.find(id);
    return at == topics_.end() ? nullptr : &at->second;
}

const TopicImage* MetadataImage::topic(const std::string& name) const {
    const auto at = topic_ids_.find(name);
    return at == topic_ids_.end() ? nullptr : topic(at->second);
}

const PartitionRegistration* MetadataImage::partition(const TopicIdPartition& tp) const {
    const TopicImage* found = topic(tp.topic_id);
    if (found == nullptr)
        return nullptr;
    const auto at = found->partitions.find(tp.partition);
    return at == found->partitions.end() ? nullptr : &at->second;
}

const PartitionRegistration* MetadataImage::partition(const TopicPartition& tp) const {
    const auto id = topic_ids_.find(tp.topic);
    if (id == topic_ids_.end())
        return nullptr;
    return partition(TopicIdPartition{id->second, tp.partition});
}

const ConfigMap& MetadataImage::configs(const ConfigResource& resource) const {
    static const ConfigMap kNone;
    const auto at = configs_.find(resource);
    return at == configs_.end() ? kNone : at->second;
}

std::optional<std::string> MetadataImage::topic_config(const std::string& topic,
                                                       BrokerId node,
                                                       const std::string& key) const {
    const ConfigResource order[] = {{ConfigResourceType::Topic, topic},
                                    {ConfigResourceType::Broker, std::to_string(node.value())},
                                    {ConfigResourceType::Broker, ""}};
    for (const ConfigResource& resource : order) {
        const ConfigMap& set = configs(resource);
        const auto at = set.find(key);
        if (at != set.end())
            return at->second;
    }
    return std::nullopt;
}

std::int16_t MetadataImage::metadata_version() const {
    const auto at = features_.find("metadata.version");
    return at == features_.end() ? std::int16_t{1} : at->second;
}

void MetadataImage::apply(const wire::MetadataRecord& record, Offset offset) {
    MetadataDelta unread;
    apply(record, offset, unread);
}

}  // namespace bsim
