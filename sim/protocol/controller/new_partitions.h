#pragma once
// The registrations of partitions about to be created: placed by the controller, or as the request
// says. Source: ReplicationControlManager.createTopic, validateManualPartitionAssignment.

#include <map>
#include <string>
#include <vector>

#include "sim/base/result.h"
#include "sim/protocol/controller/operation.h"

namespace bsim::controller {

struct ApiError {
    wire::ErrorCode code = wire::ErrorCode::None;
    std::string message;
};

using NewPartitions = std::map<PartitionIndex, PartitionRegistration>;

Result<NewPartitions, ApiError> new_partitions(
    const OperationContext& context,
    const ControllerState& state,
    const wire::CreateTopicsRequest::CreatableTopic& asked);

// The partitions that bring the topic to `asked.count`.
Result<NewPartitions, ApiError> more_partitions(
    const OperationContext& context,
    const ControllerState& state,
    const wire::CreatePartitionsRequest::CreatePartitionsTopic& asked);

// Registered brokers, each once, and as many as `replicas` unless that is 0.
std::optional<ApiError> check_assignment(const ControllerState& state,
                                         const std::vector<BrokerId>& assignment,
                                         std::size_t replicas);

}  // namespace bsim::controller
