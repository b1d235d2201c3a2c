#pragma once
// Settings of brokers that Kafka lets an administrator change while the brokers run, and what they
// come to for topics. A setting may be given for all brokers (the broker resource with an empty
// name) or for one; the latter wins, then the former, then what the node was started with.
//
// DEVIATION: of these settings the simulator acts on those that are defaults of topic settings;
// sizes of thread pools, connection limits and the like are recorded in the metadata and ignored.
// Source: DynamicBrokerConfig, DynamicLogConfig, ServerTopicConfigSynonyms (3.9).

#include <optional>
#include <string_view>

#include "sim/model/config.h"

namespace bsim {

// False for a name of Kafka's table that only a restart can change. A name that is not in the table
// counts as dynamic: Kafka keeps it for plug-ins.
bool is_dynamic_broker_config(std::string_view name);

// The broker setting that is the default of a topic setting; of several, as log.retention.ms and
// log.retention.hours, the one that goes before the others.
std::optional<std::string_view> broker_default_of(std::string_view topic_setting);

// What topics without settings of their own get on a node. `node` is what it was started with.
TopicConfig dynamic_topic_defaults(const TopicConfig& node,
                                   const ConfigMap& all_brokers,
                                   const ConfigMap& this_broker);

}  // namespace bsim
