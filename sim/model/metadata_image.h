#pragma once
// MetadataImage: what a prefix of __cluster_metadata says of the cluster: features, broker and
// controller registrations, topics, partitions, configs, the next producer id. A value with
// deterministic order; brokers publish it, the controller decides by it.
//
// apply() takes one record after the other, in log order; a record that contradicts the image (a
// change of an unknown partition, say) is a bug of ours and checked, as Kafka calls it a fatal
// fault. Who wants to know what changed since the last look passes a MetadataDelta and empties it
// when it has published.
//
// Source: org.apache.kafka.image.MetadataImage and the replay() methods of
// ClusterControlManager, ReplicationControlManager, ConfigurationControlManager.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sim/base/uuid.h"
#include "sim/model/config_def.h"
#include "sim/model/ids.h"
#include "sim/model/metadata_image_partition.h"
#include "sim/wire/metadata_record.h"

namespace bsim {

struct Endpoint {
    std::string name;  // of the listener
    std::string host;
    std::uint16_t port = 0;
    std::int16_t security_protocol = 0;

    bool operator==(const Endpoint&) const = default;
};

struct FeatureRange {
    std::string name;
    std::int16_t min = 0;
    std::int16_t max = 0;

    bool operator==(const FeatureRange&) const = default;
};

struct BrokerRegistration {
    BrokerId id;
    BrokerEpoch epoch;  // offset of the RegisterBrokerRecord of this incarnation
    Uuid incarnation;   // of the process
    std::vector<Endpoint> endpoints;
    std::vector<FeatureRange> features;
    std::optional<std::string> rack;
    bool fenced = true;
    bool in_controlled_shutdown = false;
    std::vector<Uuid> directories;  // online log directories, sorted
    Offset register_offset;  // of the last RegisterBrokerRecord; differs from epoch once amended

    bool operator==(const BrokerRegistration&) const = default;
    bool is_active() const { return !fenced && !in_controlled_shutdown; }
    bool has_online_directory(const Uuid& id) const;
};

struct ControllerRegistration {
    Uuid incarnation;
    std::vector<Endpoint> endpoints;
    std::vector<FeatureRange> features;

    bool operator==(const ControllerRegistration&) const = default;
};

struct TopicImage {
    std::string name;
    Uuid id;
    std::map<PartitionIndex, PartitionRegistration> partitions;

    bool operator==(const TopicImage&) const = default;
};

enum class ConfigResourceType : std::int8_t { Topic = 2, Broker = 4 };

struct ConfigResource {
    ConfigResourceType type = ConfigResourceType::Topic;
    std::string name;  // a Broker resource with an empty name holds for the whole cluster

    auto operator<=>(const ConfigResource&) const = default;
};

// What changed since the delta was empty. What a partition or broker is now stands in the image.
struct MetadataDelta {
    // The registration before the first change; nullopt if the partition is new. A partition that
    // the image no longer has was deleted.
    std::map<TopicIdPartition, std::optional<PartitionRegistration>> partitions;
    std::map<Uuid, std::string> topics_created;
    std::map<Uuid, std::string> topics_deleted;
    std::set<BrokerId> brokers;
    std::set<ConfigResource> configs;
    bool features_changed = false;

    void clear() { *this = MetadataDelta{}; }
};

class MetadataImage {
  public:
    void apply(const wire::MetadataRecord& record, Offset offset);
    void apply(const wire::MetadataRecord& record, Offset offset, MetadataDelta& delta);

    // Offset of the last record applied; nullopt for the empty image.
    std::optional<Offset> last_offset() const { return last_offset_; }

    const std::map<BrokerId, BrokerRegistration>& brokers() const { return brokers_; }
    const BrokerRegistration* broker(BrokerId id) const;
    // Registered, neither fenced nor in controlled shutdown.
    bool is_active(BrokerId id) const;

    const std::map<BrokerId, ControllerRegistration>& controllers() const { return controllers_; }

    const std::map<Uuid, TopicImage>& topics() const { return topics_; }
    const std::map<std::string, Uuid>& topic_ids() const { return topic_ids_; }
    const TopicImage* topic(const Uuid& id) const;
    const TopicImage* topic(const std::string& name) const;
    const PartitionRegistration* partition(const TopicIdPartition& tp) const;
    const PartitionRegistration* partition(const TopicPartition& tp) const;

    const ConfigMap& configs(const ConfigResource& resource) const;
    // A config set on the topic, else for this node, else for all nodes, else nullopt.
    std::optional<std::string> topic_config(const std::string& topic,
                                            BrokerId node,
                                            const std::string& key) const;

    const std::map<std::string, std::int16_t>& features() const { return features_; }
    // Level of metadata.version; 1 if no record named it yet.
    std::int16_t metadata_version() const;
    ProducerId next_producer_id() const { return next_producer_id_; }

    // The records of a snapshot: applied to an empty image they give an equal one, but for offsets
    // of registrations. Kafka's order: features, brokers and controllers, topics, configs, producer
    // ids.
    std::vector<wire::VersionedRecord> to_records() const;
    // The image that a snapshot of all records below `end` stands for.
    static MetadataImage of_snapshot(std::span<const wire::VersionedRecord> records, Offset end);
    // Adds to `delta` what one sees who goes from `former` to this image.
    void add_difference_from(const MetadataImage& former, MetadataDelta& delta) const;

    bool operator==(const MetadataImage&) const = default;

  private:
    struct Applier;

    std::map<BrokerId, BrokerRegistration> brokers_;
    std::map<BrokerId, ControllerRegistration> controllers_;
    std::map<Uuid, TopicImage> topics_;
    std::map<std::string, Uuid> topic_ids_;
    std::map<ConfigResource, ConfigMap> configs_;
    std::map<std::string, std::int16_t> features_;
    ProducerId next_producer_id_{0};
    std::optional<Offset> last_offset_;
};

}  // namespace bsim
