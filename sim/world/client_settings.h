#pragma once
// A scenario's client configuration as the client protocols take it.

#include <string>
#include <vector>

#include "sim/model/config.h"
#include "sim/node/record_content.h"
#include "sim/protocol/client/settings.h"

namespace bsim {

// `name` is the client id unless the configuration gives one.
client::ProducerSettings producer_settings(const ProducerConfig& config,
                                           const std::string& name,
                                           const std::vector<client::Endpoint>& bootstrap);
// `producer` is its place among the producers of the scenario.
RecordForm record_form(const ProducerConfig& config,
                       std::int32_t value_bytes,
                       std::int32_t producer);

// `truncation_check` is a switch of the scenario, no setting of Kafka's.
client::ConsumerSettings consumer_settings(const ConsumerConfig& config,
                                           const std::string& name,
                                           const std::vector<client::Endpoint>& bootstrap,
                                           bool truncation_check);

// For ConsumerSettings::group. The configuration's group.instance.id is that of every instance;
// whoever starts several gives each its own.
client::GroupSettings group_settings(const ConsumerConfig& config, const std::string& group_id);

}  // namespace bsim
