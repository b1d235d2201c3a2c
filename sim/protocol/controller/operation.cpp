#include "sim/protocol/controller/operation.h"

#include <utility>

namespace bsim::controller {
namespace {

template <class Response>
Response with_error(wire::ErrorCode error) {
    Response response;
    response.error_code = static_cast<std::int16_t>(error);
    return response;
}

struct ErrorResponse {
    wire::ErrorCode error;

    ControllerResponse operator()(const wire::BrokerRegistrationRequest&) const {
        return with_error<wire::BrokerRegistrationResponse>(error);
    }
    ControllerResponse operator()(const wire::BrokerHeartbeatRequest&) const {
        return with_error<wire::BrokerHeartbeatResponse>(error);
    }
    ControllerResponse operator()(const wire::ControllerRegistrationRequest&) const {
        auto response = with_error<wire::ControllerRegistrationResponse>(error);
        response.error_message = std::nullopt;
        return response;
    }
    ControllerResponse operator()(const wire::AlterPartitionRequest&) const {
        return with_error<wire::AlterPartitionResponse>(error);
    }
    ControllerResponse operator()(const wire::CreateTopicsRequest& request) const {
        wire::CreateTopicsResponse response;
        for (const auto& topic : request.topics) {
            auto& result = response.topics.emplace_back();
            result.name = topic.name;
            result.error_code = static_cast<std::int16_t>(error);
            result.error_message = std::nullopt;
        }
        return response;
    }
    ControllerResponse operator()(const wire::CreatePartitionsRequest& request) const {
        wire::CreatePartitionsResponse response;
        for (const auto& topic : request.topics) {
            auto& result = response.results.emplace_back();
            result.name = topic.name;
            result.error_code = static_cast<std::int16_t>(error);
        }
        return response;
    }
    ControllerResponse operator()(const wire::DeleteTopicsRequest& request) const {
        wire::DeleteTopicsResponse response;
        const auto refuse = [&](std::optional<std::string> name, const Uuid& id) {
            auto& result = response.responses.emplace_back();
            result.name = std::move(name);
            result.topic_id = id;
            result.error_code = static_cast<std::int16_t>(error);
        };
        for (const auto& topic : request.topics)
            refuse(topic.name, topic.topic_id);
        for (const auto& name : request.topic_names)
            refuse(name, Uuid{});
        return response;
    }
    ControllerResponse operator()(const wire::ElectLeadersRequest& request) const {
        auto response = with_error<wire::ElectLeadersResponse>(error);
        if (!request.topic_partitions)
            return response;
        for (const auto& topic : *request.topic_partitions) {
            auto& results = response.replica_election_results.emplace_back();
            results.topic = topic.topic;
            for (const std::int32_t partition : topic.partitions) {
                auto& result = results.partition_result.emplace_back();
                result.partition_id = partition;
                result.error_code = static_cast<std::int16_t>(error);
                result.error_message = std::nullopt;
            }
        }
        return response;
    }
    ControllerResponse operator()(const wire::AllocateProducerIdsRequest&) const {
        return with_error<wire::AllocateProducerIdsResponse>(error);
    }
    ControllerResponse operator()(const wire::UnregisterBrokerRequest&) const {
        auto response = with_error<wire::UnregisterBrokerResponse>(error);
        response.error_message = std::nullopt;
        return response;
    }
    ControllerResponse operator()(const wire::AlterPartitionReassignmentsRequest& request) const {
        auto response = with_error<wire::AlterPartitionReassignmentsResponse>(error);
        response.error_message = std::nullopt;
        for (const auto& topic : request.topics) {
            auto& results = response.responses.emplace_back();
            results.name = topic.name;
            for (const auto& partition : topic.partitions) {
                auto& result = results.partitions.emplace_back();
                result.partition_index = partition.partition_index;
                result.error_code = static_cast<std::int16_t>(error);
                result.error_message = std::nullopt;
            }
        }
        return response;
    }
    ControllerResponse operator()(const wire::IncrementalAlterConfigsRequest& request) const {
        wire::IncrementalAlterConfigsResponse response;
        for (const auto& resource : request.resources) {
            auto& result = response.responses.emplace_back();
            result.error_code = static_cast<std::int16_t>(error);
            result.error_message = std::nullopt;
            result.resource_type = resource.resource_type;
            result.resource_name = resource.resource_name;
        }
        return response;
    }
    ControllerResponse operator()(const wire::AssignReplicasToDirsRequest&) const {
        return with_error<wire::AssignReplicasToDirsResponse>(error);
    }
};

}  // namespace

void OperationResult::add(wire::MetadataRecord record, RecordNote note) {
    records.push_back(wire::versioned(std::move(record)));
    notes.push_back(note);
}

OperationResult OperationResult::refusal(wire::ErrorCode error) {
    OperationResult result;
    result.refused = error;
    return result;
}

ControllerResponse error_response(const ControllerRequest& request, wire::ErrorCode error) {
    return std::visit(ErrorResponse{error}, request);
}

std::optional<wire::ErrorCode> check_broker_epoch(const ControllerState& state,
                                                  std::int32_t broker,
                                                  std::int64_t epoch) {
    const BrokerRegistration* registration = state.image().broker(BrokerId(broker));
    if (registration == nullptr || registration->epoch != BrokerEpoch(epoch)) {
        return wire::ErrorCode::StaleBrokerEpoch;
    }
    return std::nullopt;
}

std::string_view name(ChangeReason reason) {
    switch (reason) {
        case ChangeReason::Created:
            return "created";
        case ChangeReason::BrokerFenced:
            return "fenced";
        case ChangeReason::BrokerUnfenced:
            return "unfenced";
        case ChangeReason::ControlledShutdown:
            return "controlled-shutdown";
        case ChangeReason::BrokerUnregistered:
            return "unregistered";
        case ChangeReason::AlterPartition:
            return "alter-partition";
        case ChangeReason::PreferredElection:
            return "preferred-election";
        case ChangeReason::UncleanElection:
            return "unclean-election";
        case ChangeReason::Reassignment:
            return "reassignment";
        case ChangeReason::DirectoryFailure:
            return "directory-failure";
        case ChangeReason::DirectoryAssigned:
            return "directory-assigned";
        case ChangeReason::Replayed:
            return "replayed";
    }
    return "";
}

std::string_view name(FenceReason reason) {
    switch (reason) {
        case FenceReason::SessionExpired:
            return "session-expired";
        case FenceReason::ShutDown:
            return "shut-down";
        case FenceReason::Requested:
            return "requested";
        case FenceReason::Unregistered:
            return "unregistered";
    }
    return "";
}

}  // namespace bsim::controller
