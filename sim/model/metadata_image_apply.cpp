// How one record alters the image.

#include <algorithm>
#include <variant>

#include "sim/base/check.h"
#include "sim/model/metadata_image.h"

namespace bsim {
namespace {

template <class WireEndpoints>
std::vector<Endpoint> to_endpoints(const WireEndpoints& listed) {
    std::vector<Endpoint> made;
    for (const auto& each : listed) {
        made.push_back({each.name, each.host, each.port, each.security_protocol});
    }
    return made;
}

template <class WireFeatures>
std::vector<FeatureRange> to_features(const WireFeatures& listed) {
    std::vector<FeatureRange> made;
    for (const auto& each : listed) {
        made.push_back({each.name, each.min_supported_version, each.max_supported_version});
    }
    return made;
}

std::vector<Uuid> sorted(std::vector<Uuid> ids) {
    std::sort(ids.begin(), ids.end());
    return ids;
}

}  // namespace

struct MetadataImage::Applier {
    MetadataImage& image;
    Offset offset;
    MetadataDelta& delta;

    void operator()(const wire::RegisterBrokerRecord& r) {
        const BrokerId id(r.broker_id);
        image.brokers_[id] = BrokerRegistration{id,
                                                BrokerEpoch(r.broker_epoch),
                                                r.incarnation_id,
                                                to_endpoints(r.end_points),
                                                to_features(r.features),
                                                r.rack,
                                                r.fenced,
                                                r.in_controlled_shutdown,
                                                sorted(r.log_dirs),
                                                offset};
        delta.brokers.insert(id);
    }

    void operator()(const wire::UnregisterBrokerRecord& r) {
        registration(r.broker_id, r.broker_epoch);
        image.brokers_.erase(BrokerId(r.broker_id));
    }

    void operator()(const wire::BrokerRegistrationChangeRecord& r) {
        BrokerRegistration& changed = registration(r.broker_id, r.broker_epoch);
        if (r.fenced != 0)
            changed.fenced = r.fenced > 0;
        if (r.in_controlled_shutdown != 0)
            changed.in_controlled_shutdown = true;
        if (!r.log_dirs.empty())
            changed.directories = sorted(r.log_dirs);
    }

    void operator()(const wire::FenceBrokerRecord& r) { registration(r.id, r.epoch).fenced = true; }

    void operator()(const wire::UnfenceBrokerRecord& r) {
        registration(r.id, r.epoch).fenced = false;
    }

    void operator()(const wire::RegisterControllerRecord& r) {
        image.controllers_[BrokerId(r.controller_id)] = ControllerRegistration{
            r.incarnation_id, to_endpoints(r.end_points), to_features(r.features)};
    }

    void operator()(const wire::TopicRecord& r) {
        BSIM_CHECK(image.topic_ids_.emplace(r.name, r.topic_id).second);
        BSIM_CHECK(image.topics_.emplace(r.topic_id, TopicImage{r.name, r.topic_id, {}}).second);
        delta.topics_created.emplace(r.topic_id, r.name);
    }

    void operator()(const wire::RemoveTopicRecord& r) {
        const auto at = image.topics_.find(r.topic_id);
        BSIM_CHECK(at != image.topics_.end());
        for (const auto& [index, partition] : at->second.partitions) {
            delta.partitions.try_emplace(TopicIdPartition{r.topic_id, index}, partition);
        }
        delta.topics_deleted.emplace(r.topic_id, at->second.name);
        image.configs_.erase({ConfigResourceType::Topic, at->second.name});
        image.topic_ids_.erase(at->second.name);
        image.topics_.erase(at);
    }

    void operator()(const wire::PartitionRecord& r) {
        const TopicIdPartition tp{r.topic_id, PartitionIndex(r.partition_id)};
        auto& partitions = topic(r.topic_id).partitions;
        const auto known = partitions.find(tp.partition);
        if (known == partitions.end()) {
            delta.partitions.try_emplace(tp, std::nullopt);
        } else {
            delta.partitions.try_emplace(tp, known->second);
        }
        partitions.insert_or_assign(tp.partition, PartitionRegistration::from(r));
    }

    void operator()(const wire::PartitionChangeRecord& r) {
        const TopicIdPartition tp{r.topic_id, PartitionIndex(r.partition_id)};
        auto& partitions = topic(r.topic_id).partitions;
        const auto known = partitions.find(tp.partition);
        BSIM_CHECK(known != partitions.end());
        PartitionRegistration next = known->second.merge(r);
        delta.partitions.try_emplace(tp, std::move(known->second));
        known->second = std::move(next);
    }

    void operator()(const wire::ConfigRecord& r) {
        const ConfigResource resource{static_cast<ConfigResourceType>(r.resource_type),
                                      r.resource_name};
        if (r.value) {
            image.configs_[resource][r.name] = *r.value;
        } else if (const auto at = image.configs_.find(resource); at != image.configs_.end()) {
            at->second.erase(r.name);
            if (at->second.empty())
                image.configs_.erase(at);
        }
        delta.configs.insert(resource);
    }

    void operator()(const wire::FeatureLevelRecord& r) {
        if (r.feature_level == 0) {
            image.features_.erase(r.name);
        } else {
            image.features_[r.name] = r.feature_level;
        }
        delta.features_changed = true;
    }

    void operator()(const wire::ProducerIdsRecord& r) {
        BSIM_CHECK(r.next_producer_id > image.next_producer_id_.value());
        image.next_producer_id_ = ProducerId(r.next_producer_id);
    }

    // The log is KRaft's own from its first record, so the migration state is always "none"; the
    // only transaction is the bootstrap's, and the controller appends that as one batch.
    void operator()(const wire::ZkMigrationStateRecord&) {}
    void operator()(const wire::BeginTransactionRecord&) {}
    void operator()(const wire::EndTransactionRecord&) {}
    void operator()(const wire::AbortTransactionRecord&) {}
    void operator()(const wire::NoOpRecord&) {}

    // Security and quotas are not part of the simulated cluster.
    void operator()(const wire::AccessControlEntryRecord&) {}
    void operator()(const wire::RemoveAccessControlEntryRecord&) {}
    void operator()(const wire::UserScramCredentialRecord&) {}
    void operator()(const wire::RemoveUserScramCredentialRecord&) {}
    void operator()(const wire::DelegationTokenRecord&) {}
    void operator()(const wire::RemoveDelegationTokenRecord&) {}
    void operator()(const wire::ClientQuotaRecord&) {}

    BrokerRegistration& registration(std::int32_t id, std::int64_t epoch) {
        const auto at = image.brokers_.find(BrokerId(id));
        BSIM_CHECK(at != image.brokers_.end());
        BSIM_CHECK(at->second.epoch == BrokerEpoch(epoch));
        delta.brokers.insert(at->first);
        return at->second;
    }

    TopicImage& topic(const Uuid& id) {
        const auto at = image.topics_.find(id);
        BSIM_CHECK(at != image.topics_.end());
        return at->second;
    }
};

void MetadataImage::apply(const wire::MetadataRecord& record, Offset offset, MetadataDelta& delta) {
    BSIM_CHECK(!last_offset_ || *last_offset_ <= offset);
    std::visit(Applier{*this, offset, delta}, record);
    last_offset_ = offset;
}

}  // namespace bsim
