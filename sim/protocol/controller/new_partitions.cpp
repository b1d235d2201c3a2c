#include "sim/protocol/controller/new_partitions.h"

#include <algorithm>
#include <fmt/format.h>
#include <string>
#include <utility>

#include "sim/protocol/rules/placement.h"

namespace bsim::controller {
namespace {

using wire::ErrorCode;
using Topic = wire::CreateTopicsRequest::CreatableTopic;

// The ISR of a new partition is those of its replicas that are active, the leader its first.
// nullopt if there is none.
std::optional<PartitionRegistration> new_partition(const ControllerState& state,
                                                   std::vector<BrokerId> replicas) {
    PartitionRegistration partition;
    for (const BrokerId replica : replicas) {
        partition.directories.push_back(state.default_directory(replica));
        if (state.image().is_active(replica))
            partition.isr.push_back(replica);
    }
    if (partition.isr.empty())
        return std::nullopt;
    partition.leader = partition.isr.front();
    partition.replicas = std::move(replicas);
    return partition;
}

Result<NewPartitions, ApiError> as_assigned(const ControllerState& state, const Topic& asked) {
    if (asked.replication_factor != -1 || asked.num_partitions != -1) {
        return Err{ApiError{ErrorCode::InvalidRequest,
                            "replicas are assigned by hand, so the numbers of replicas and "
                            "partitions must be -1"}};
    }
    NewPartitions made;
    std::size_t replicas = 0;
    for (const auto& each : asked.assignments) {
        const auto bad = [&](std::string what) {
            return Err{ApiError{ErrorCode::InvalidReplicaAssignment,
                                fmt::format("partition {}: {}", each.partition_index, what)}};
        };
        if (made.contains(PartitionIndex(each.partition_index)))
            return bad("assigned twice");
        const std::vector<BrokerId> assignment = to_broker_ids(each.broker_ids);
        if (const auto error = check_assignment(state, assignment, replicas))
            return Err{*error};
        replicas = assignment.size();
        auto partition = new_partition(state, assignment);
        if (!partition)
            return bad("every assigned broker is fenced or shutting down");
        made.emplace(PartitionIndex(each.partition_index), std::move(*partition));
    }
    std::int32_t expected = 0;
    for (const auto& [index, partition] : made) {
        if (index.value() != expected++) {
            return Err{ApiError{ErrorCode::InvalidReplicaAssignment,
                                "partitions are not numbered 0, 1, 2, ..."}};
        }
    }
    return made;
}

Result<NewPartitions, ApiError> place(const OperationContext& context,
                                      const ControllerState& state,
                                      PlacementSize size,
                                      std::int32_t first) {
    std::vector<UsableBroker> brokers;
    for (const auto& [id, fenced] : state.heartbeats().usable()) {
        brokers.push_back({id, state.image().broker(id)->rack, fenced});
    }
    auto placed = place_striped(brokers, size, context.draws);
    if (!placed) {
        return Err{ApiError{ErrorCode::InvalidReplicationFactor, placed.error().why}};
    }
    NewPartitions made;
    for (std::vector<BrokerId>& replicas : *placed) {
        auto partition = new_partition(state, std::move(replicas));
        if (!partition) {
            return Err{ApiError{ErrorCode::InvalidReplicationFactor,
                                "every broker is fenced or shutting down"}};
        }
        made.emplace(PartitionIndex(first++), std::move(*partition));
    }
    return made;
}

}  // namespace

std::optional<ApiError> check_assignment(const ControllerState& state,
                                         const std::vector<BrokerId>& assignment,
                                         std::size_t replicas) {
    const auto bad = [](std::string what) {
        return ApiError{ErrorCode::InvalidReplicaAssignment, std::move(what)};
    };
    if (assignment.empty())
        return bad("an assignment names no broker");
    for (const BrokerId broker : assignment) {
        if (state.image().broker(broker) == nullptr) {
            return bad(fmt::format("broker {} is not registered", broker.value()));
        }
        if (std::count(assignment.begin(), assignment.end(), broker) > 1) {
            return bad(fmt::format("broker {} is assigned twice", broker.value()));
        }
    }
    if (replicas != 0 && assignment.size() != replicas) {
        return bad(
            fmt::format("{} replicas where other partitions have {}", assignment.size(), replicas));
    }
    return std::nullopt;
}

Result<NewPartitions, ApiError> new_partitions(const OperationContext& context,
                                               const ControllerState& state,
                                               const Topic& asked) {
    if (!asked.assignments.empty())
        return as_assigned(state, asked);
    if (asked.replication_factor < -1 || asked.replication_factor == 0) {
        return Err{ApiError{ErrorCode::InvalidReplicationFactor,
                            "the replication factor is neither positive nor -1"}};
    }
    if (asked.num_partitions < -1 || asked.num_partitions == 0) {
        return Err{ApiError{ErrorCode::InvalidPartitions,
                            "the number of partitions is neither positive nor -1"}};
    }
    PlacementSize size;
    size.partitions =
        asked.num_partitions == -1 ? state.config().num_partitions : asked.num_partitions;
    size.replication_factor = asked.replication_factor == -1
                                  ? state.config().default_replication_factor
                                  : asked.replication_factor;
    return place(context, state, size, 0);
}

Result<NewPartitions, ApiError> more_partitions(
    const OperationContext& context,
    const ControllerState& state,
    const wire::CreatePartitionsRequest::CreatePartitionsTopic& asked) {
    const TopicImage* topic = state.image().topic(asked.name);
    if (topic == nullptr) {
        return Err{ApiError{ErrorCode::UnknownTopicOrPartition, "there is no such topic"}};
    }
    const auto present = static_cast<std::int32_t>(topic->partitions.size());
    if (asked.count <= present) {
        return Err{ApiError{ErrorCode::InvalidPartitions,
                            fmt::format("the topic has {} partitions already", present)}};
    }
    const std::size_t replicas = topic->partitions.begin()->second.replicas.size();
    if (!asked.assignments) {
        return place(context, state, {asked.count - present, static_cast<std::int32_t>(replicas)},
                     present);
    }
    const auto bad = [](std::string what) {
        return Err{ApiError{ErrorCode::InvalidReplicaAssignment, std::move(what)}};
    };
    if (asked.assignments->size() != static_cast<std::size_t>(asked.count - present)) {
        return bad(fmt::format("{} assignments for {} new partitions", asked.assignments->size(),
                               asked.count - present));
    }
    NewPartitions made;
    for (const auto& each : *asked.assignments) {
        const std::vector<BrokerId> assignment = to_broker_ids(each.broker_ids);
        if (const auto error = check_assignment(state, assignment, replicas))
            return Err{*error};
        auto partition = new_partition(state, assignment);
        if (!partition)
            return bad("every assigned broker is fenced or shutting down");
        made.emplace(PartitionIndex(present + static_cast<std::int32_t>(made.size())),
                     std::move(*partition));
    }
    return made;
}

}  // namespace bsim::controller
