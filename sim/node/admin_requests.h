#pragma once
// Requests of an administrator, as kafka-topics, kafka-configs, kafka-reassign-partitions,
// kafka-leader-election and kafka-cluster make them, ready for AdminNode::call().

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/model/config_def.h"
#include "sim/model/ids.h"
#include "sim/wire/messages/alter_partition_reassignments_request.h"
#include "sim/wire/messages/create_partitions_request.h"
#include "sim/wire/messages/create_topics_request.h"
#include "sim/wire/messages/delete_topics_request.h"
#include "sim/wire/messages/elect_leaders_request.h"
#include "sim/wire/messages/incremental_alter_configs_request.h"
#include "sim/wire/messages/unregister_broker_request.h"

namespace bsim {

using Assignment = std::vector<std::vector<BrokerId>>;  // replicas of each partition, from 0 on

struct NewTopic {
    std::string name;
    // Either these two (absent: the controller's defaults) ...
    std::optional<std::int32_t> partitions;
    std::optional<std::int16_t> replication;
    // ... or this.
    std::optional<Assignment> assignment;
    ConfigMap settings;
};
wire::CreateTopicsRequest create_topic_request(const NewTopic& topic);

wire::DeleteTopicsRequest delete_topic_request(const std::string& topic);

// `count`: how many there shall be; `assignment`: of the new ones, if not left to the controller.
wire::CreatePartitionsRequest add_partitions_request(const std::string& topic,
                                                     std::int32_t count,
                                                     const std::optional<Assignment>& assignment);

// No value: back to the default.
using ConfigChanges = std::map<std::string, std::optional<std::string>>;
wire::IncrementalAlterConfigsRequest topic_configs_request(const std::string& topic,
                                                           const ConfigChanges& changes);
// No broker: for all of them.
wire::IncrementalAlterConfigsRequest broker_configs_request(std::optional<BrokerId> broker,
                                                            const ConfigChanges& changes);

// No replicas: calls the reassignment of that partition off.
using Reassignments = std::map<PartitionIndex, std::optional<std::vector<BrokerId>>>;
wire::AlterPartitionReassignmentsRequest reassign_request(const std::string& topic,
                                                          const Reassignments& moves);

enum class ElectionType : std::int8_t { Preferred = 0, Unclean = 1 };
wire::ElectLeadersRequest elect_leaders_request(ElectionType type,
                                                const std::string& topic,
                                                const std::vector<PartitionIndex>& partitions);

wire::UnregisterBrokerRequest unregister_broker_request(BrokerId broker);

}  // namespace bsim
