#pragma once
// What the active controller knows: the uncommitted image, indexes into it, and the sessions of
// brokers. Operations read it; only apply() changes the image and its indexes.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "sim/base/time.h"
#include "sim/model/metadata_image.h"
#include "sim/protocol/controller/broker_heartbeats.h"
#include "sim/protocol/controller/brokers_to_isrs.h"
#include "sim/protocol/controller/controller_config.h"

namespace bsim::controller {

class ControllerState {
  public:
    explicit ControllerState(ControllerConfig config);

    // Starts over from what is committed; every broker gets a fresh session.
    void activate(SimTime now, const MetadataImage& committed);
    void apply(SimTime now, const wire::MetadataRecord& record, Offset offset);

    const ControllerConfig& config() const { return config_; }
    const MetadataImage& image() const { return image_; }
    const BrokersToIsrs& isrs() const { return isrs_; }
    BrokerHeartbeats& heartbeats() { return heartbeats_; }
    const BrokerHeartbeats& heartbeats() const { return heartbeats_; }
    // Partitions whose leader is not their first replica.
    const std::set<TopicIdPartition>& imbalanced() const { return imbalanced_; }
    const std::set<TopicIdPartition>& in_directory(const Uuid& directory) const;
    // An existing topic whose name differs only in '.' and '_'; nullptr if there is none. The name
    // itself counts.
    const std::string* colliding_topic(const std::string& name) const;
    std::optional<BrokerId> owner_of_directory(const Uuid& directory) const;

    bool unclean_election_enabled(const std::string& topic) const;
    // Active, and the directory that holds its replica is online.
    bool may_lead(const PartitionRegistration& partition, BrokerId broker) const;
    // Directory of a new replica: the broker's only one, else unassigned.
    Uuid default_directory(BrokerId broker) const;

  private:
    void index(const MetadataDelta& delta);
    void index_broker_directories(BrokerId broker, const std::vector<Uuid>& before);
    void track_sessions(SimTime now, const wire::MetadataRecord& record);

    ControllerConfig config_;
    MetadataImage image_;
    BrokersToIsrs isrs_;
    BrokerHeartbeats heartbeats_;
    std::set<TopicIdPartition> imbalanced_;
    std::map<Uuid, std::set<TopicIdPartition>> directories_;
    std::map<Uuid, BrokerId> directory_owners_;
    std::map<std::string, std::set<std::string>> names_with_collision_chars_;
};

}  // namespace bsim::controller
