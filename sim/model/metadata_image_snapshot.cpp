// The image as the records of a snapshot.

#include "sim/model/metadata_image.h"

namespace bsim {
namespace {

template <class Record, class WireEndpoint, class WireFeature, class Registration>
void put_endpoints_and_features(const Registration& from, Record& to) {
    for (const Endpoint& each : from.endpoints) {
        WireEndpoint endpoint;
        endpoint.name = each.name;
        endpoint.host = each.host;
        endpoint.port = each.port;
        endpoint.security_protocol = each.security_protocol;
        to.end_points.push_back(std::move(endpoint));
    }
    for (const FeatureRange& each : from.features) {
        WireFeature feature;
        feature.name = each.name;
        feature.min_supported_version = each.min;
        feature.max_supported_version = each.max;
        to.features.push_back(std::move(feature));
    }
}

wire::RegisterBrokerRecord to_record(const BrokerRegistration& broker) {
    wire::RegisterBrokerRecord record;
    record.broker_id = broker.id.value();
    record.incarnation_id = broker.incarnation;
    record.broker_epoch = broker.epoch.value();
    record.rack = broker.rack;
    record.fenced = broker.fenced;
    record.in_controlled_shutdown = broker.in_controlled_shutdown;
    record.log_dirs = broker.directories;
    put_endpoints_and_features<wire::RegisterBrokerRecord,
                               wire::RegisterBrokerRecord::BrokerEndpoint,
                               wire::RegisterBrokerRecord::BrokerFeature>(broker, record);
    return record;
}

wire::RegisterControllerRecord to_record(BrokerId id, const ControllerRegistration& controller) {
    wire::RegisterControllerRecord record;
    record.controller_id = id.value();
    record.incarnation_id = controller.incarnation;
    put_endpoints_and_features<wire::RegisterControllerRecord,
                               wire::RegisterControllerRecord::ControllerEndpoint,
                               wire::RegisterControllerRecord::ControllerFeature>(controller,
                                                                                  record);
    return record;
}

}  // namespace

std::vector<wire::VersionedRecord> MetadataImage::to_records() const {
    std::vector<wire::VersionedRecord> out;
    for (const auto& [name, level] : features_) {
        wire::FeatureLevelRecord record;
        record.name = name;
        record.feature_level = level;
        out.push_back(wire::versioned(std::move(record)));
    }
    if (!features_.empty())
        out.push_back(wire::versioned(wire::ZkMigrationStateRecord{}));
    for (const auto& [id, broker] : brokers_)
        out.push_back(wire::versioned(to_record(broker)));
    for (const auto& [id, controller] : controllers_) {
        out.push_back(wire::versioned(to_record(id, controller)));
    }
    for (const auto& [id, topic] : topics_) {
        wire::TopicRecord record;
        record.name = topic.name;
        record.topic_id = id;
        out.push_back(wire::versioned(std::move(record)));
        for (const auto& [index, partition] : topic.partitions) {
            out.push_back(wire::versioned(partition.to_record({id, index})));
        }
    }
    for (const auto& [resource, configs] : configs_) {
        for (const auto& [name, value] : configs) {
            wire::ConfigRecord record;
            record.resource_type = static_cast<std::int8_t>(resource.type);
            record.resource_name = resource.name;
            record.name = name;
            record.value = value;
            out.push_back(wire::versioned(std::move(record)));
        }
    }
    if (next_producer_id_.value() > 0) {
        wire::ProducerIdsRecord record;
        record.broker_id = -1;
        record.broker_epoch = -1;
        record.next_producer_id = next_producer_id_.value();
        out.push_back(wire::versioned(std::move(record)));
    }
    return out;
}

MetadataImage MetadataImage::of_snapshot(std::span<const wire::VersionedRecord> records,
                                         Offset end) {
    MetadataImage image;
    for (const wire::VersionedRecord& each : records)
        image.apply(each.record, end + -1);
    return image;
}

void MetadataImage::add_difference_from(const MetadataImage& former, MetadataDelta& delta) const {
    for (const auto& [id, topic] : former.topics_) {
        if (!topics_.contains(id))
            delta.topics_deleted.emplace(id, topic.name);
        // What the delta knows already of a partition is older, and stays.
        for (const auto& [index, before] : topic.partitions) {
            const PartitionRegistration* now = partition(TopicIdPartition{id, index});
            if (now == nullptr || *now != before)
                delta.partitions.emplace(TopicIdPartition{id, index}, before);
        }
    }
    for (const auto& [id, topic] : topics_) {
        if (!former.topics_.contains(id))
            delta.topics_created.emplace(id, topic.name);
        for (const auto& [index, now] : topic.partitions) {
            if (former.partition(TopicIdPartition{id, index}) == nullptr)
                delta.partitions.emplace(TopicIdPartition{id, index}, std::nullopt);
        }
    }
    const auto note_changed = [](const auto& from, const auto& to, auto& changed) {
        for (const auto& [key, value] : from) {
            const auto other = to.find(key);
            if (other == to.end() || other->second != value)
                changed.insert(key);
        }
    };
    note_changed(former.brokers_, brokers_, delta.brokers);
    note_changed(brokers_, former.brokers_, delta.brokers);
    note_changed(former.configs_, configs_, delta.configs);
    note_changed(configs_, former.configs_, delta.configs);
    delta.features_changed = delta.features_changed || former.features_ != features_;
}

}  // namespace bsim
