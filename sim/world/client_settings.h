#pragma once
// A scenario's client configuration as the client protocols take it.

#include <string>
#include <vector>

#include "sim/model/config.h"
#include "sim/protocol/client/settings.h"

namespace bsim {

// `name` is the client id unless the configuration gives one.
client::ProducerSettings producer_settings(const ProducerConfig& config,
                                           const std::string& name,
                                           const std::vector<client::Endpoint>& bootstrap);

// `truncation_check` is a switch of the scenario, no setting of Kafka's.
client::ConsumerSettings consumer_settings(const ConsumerConfig& config,
                                           const std::string& name,
                                           const std::vector<client::Endpoint>& bootstrap,
                                           bool truncation_check);

}  // namespace bsim
