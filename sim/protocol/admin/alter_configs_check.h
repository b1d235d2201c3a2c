#pragma once
// What a broker refuses of an IncrementalAlterConfigs request before it forwards the rest to the
// controller: resources and keys that stand twice, missing values, settings of another broker, and
// settings of brokers that are unknown to be dynamic or have no legal value.
//
// DEVIATION: the limits that Kafka puts on one step of a thread pool's size are not checked.
// Source: ConfigAdminManager.preprocess, DynamicBrokerConfig.validate.

#include <optional>
#include <string>
#include <vector>

#include "sim/model/ids.h"
#include "sim/wire/messages/incremental_alter_configs_request.h"
#include "sim/wire/messages/incremental_alter_configs_response.h"

namespace bsim::admin {

// Per resource of the request, in its order: why it is refused, nothing if it is not.
using ConfigRefusals = std::vector<std::optional<std::string>>;

ConfigRefusals check_alter_configs(const wire::IncrementalAlterConfigsRequest& request,
                                   BrokerId self);

// The request without the refused resources.
wire::IncrementalAlterConfigsRequest without_refused(
    const wire::IncrementalAlterConfigsRequest& request, const ConfigRefusals& refusals);

// The refusals (INVALID_REQUEST) and the controller's answers, in the order of the request.
wire::IncrementalAlterConfigsResponse with_refused(
    const wire::IncrementalAlterConfigsRequest& request,
    const ConfigRefusals& refusals,
    const wire::IncrementalAlterConfigsResponse& answered);

}  // namespace bsim::admin
