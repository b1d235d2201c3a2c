// Registration of brokers and controllers, and the end of a registration.
// Source: ClusterControlManager.registerBroker, registerController;
// ReplicationControlManager.unregisterBroker.

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "sim/protocol/controller/leader_and_isr.h"
#include "sim/protocol/controller/operation.h"

namespace bsim::controller {
namespace {

using wire::ErrorCode;

std::optional<ErrorCode> check_directories(const ControllerState& state,
                                           const wire::BrokerRegistrationRequest& request) {
    if (request.log_dirs.empty())
        return ErrorCode::InvalidRegistration;
    std::set<Uuid> seen;
    for (const Uuid& directory : request.log_dirs) {
        if (is_reserved_directory(directory) || !seen.insert(directory).second) {
            return ErrorCode::InvalidRegistration;
        }
        const auto owner = state.owner_of_directory(directory);
        if (owner && *owner != BrokerId(request.broker_id))
            return ErrorCode::InvalidRegistration;
    }
    return std::nullopt;
}

// Every level that the cluster has settled on must lie in the range that the broker supports. A
// feature that the broker does not name it supports at level 0 only, metadata.version at 1 only.
std::optional<ErrorCode> check_features(const ControllerState& state,
                                        const wire::BrokerRegistrationRequest& request) {
    struct Range {
        std::int16_t min;
        std::int16_t max;
    };
    std::map<std::string, Range> supported;
    for (const auto& feature : request.features) {
        supported[feature.name] = {feature.min_supported_version, feature.max_supported_version};
    }
    supported.try_emplace("metadata.version", Range{1, 1});
    std::map<std::string, std::int16_t> finalized(state.image().features().begin(),
                                                  state.image().features().end());
    finalized["metadata.version"] = state.image().metadata_version();
    for (const auto& [name, range] : supported)
        finalized.try_emplace(name, std::int16_t{0});
    for (const auto& [name, level] : finalized) {
        const auto range = supported.find(name);
        const Range allowed = range == supported.end() ? Range{0, 0} : range->second;
        if (level < allowed.min || level > allowed.max)
            return ErrorCode::UnsupportedVersion;
    }
    return std::nullopt;
}

template <class Endpoint, class Listeners>
std::vector<Endpoint> copy_listeners(const Listeners& listeners) {
    std::vector<Endpoint> made;
    for (const auto& each : listeners) {
        Endpoint& endpoint = made.emplace_back();
        endpoint.name = each.name;
        endpoint.host = each.host;
        endpoint.port = each.port;
        endpoint.security_protocol = each.security_protocol;
    }
    return made;
}

template <class Feature, class Features>
std::vector<Feature> copy_features(const Features& features) {
    std::vector<Feature> made;
    for (const auto& each : features) {
        Feature& feature = made.emplace_back();
        feature.name = each.name;
        feature.min_supported_version = each.min_supported_version;
        feature.max_supported_version = each.max_supported_version;
    }
    return made;
}

std::optional<ErrorCode> refuse(const OperationContext& context,
                                const ControllerState& state,
                                const wire::BrokerRegistrationRequest& request) {
    if (request.cluster_id != state.config().cluster_id)
        return ErrorCode::InconsistentClusterId;
    const BrokerId id(request.broker_id);
    const BrokerRegistration* existing = state.image().broker(id);
    // While another process of this id may be alive, its successor has to wait.
    if (existing != nullptr && existing->incarnation != request.incarnation_id &&
        state.heartbeats().has_valid_session(context.now, id)) {
        return ErrorCode::DuplicateBrokerRegistration;
    }
    if (request.is_migrating_zk_broker)
        return ErrorCode::BrokerIdNotRegistered;
    if (const auto error = check_directories(state, request))
        return error;
    return check_features(state, request);
}

}  // namespace

OperationResult register_broker(const OperationContext& context,
                                const ControllerState& state,
                                const wire::BrokerRegistrationRequest& request) {
    if (const auto error = refuse(context, state, request))
        return OperationResult::refusal(*error);

    using Record = wire::RegisterBrokerRecord;
    Record record;
    record.broker_id = request.broker_id;
    record.incarnation_id = request.incarnation_id;
    record.rack = request.rack;
    record.end_points = copy_listeners<Record::BrokerEndpoint>(request.listeners);
    record.features = copy_features<Record::BrokerFeature>(request.features);
    record.log_dirs = request.log_dirs;

    const BrokerRegistration* existing = state.image().broker(BrokerId(request.broker_id));
    if (existing != nullptr && existing->incarnation == request.incarnation_id) {
        record.broker_epoch = existing->epoch.value();
        record.fenced = existing->fenced;
        record.in_controlled_shutdown = existing->in_controlled_shutdown;
    } else {
        // A new incarnation starts fenced. Its partitions' ISRs stay as they are: removing it from
        // them after an unclean shutdown needs ELR.
        record.broker_epoch = context.next_offset.value();
        record.fenced = true;
    }
    wire::BrokerRegistrationResponse response;
    response.broker_epoch = record.broker_epoch;

    OperationResult result;
    result.response = std::move(response);
    result.atomic = true;
    result.sessions_changed = true;
    result.add(std::move(record));
    return result;
}

OperationResult register_controller(const wire::ControllerRegistrationRequest& request) {
    using Record = wire::RegisterControllerRecord;
    Record record;
    record.controller_id = request.controller_id;
    record.incarnation_id = request.incarnation_id;
    record.zk_migration_ready = request.zk_migration_ready;
    record.end_points = copy_listeners<Record::ControllerEndpoint>(request.listeners);
    record.features = copy_features<Record::ControllerFeature>(request.features);

    wire::ControllerRegistrationResponse response;
    response.error_message = std::nullopt;
    OperationResult result;
    result.response = std::move(response);
    result.atomic = true;
    result.add(std::move(record));
    return result;
}

OperationResult unregister_broker(const ControllerState& state,
                                  const wire::UnregisterBrokerRequest& request) {
    const BrokerId id(request.broker_id);
    const BrokerRegistration* registration = state.image().broker(id);
    if (registration == nullptr) {
        return OperationResult::refusal(ErrorCode::BrokerIdNotRegistered);
    }
    OperationResult result;
    update_leaders_and_isrs(state, {id, std::nullopt, ChangeReason::BrokerUnregistered},
                            state.isrs().with_broker_in_isr(id), result);
    wire::UnregisterBrokerRecord record;
    record.broker_id = request.broker_id;
    record.broker_epoch = registration->epoch.value();
    result.add(std::move(record), {ChangeReason::BrokerUnregistered, FenceReason::Unregistered});
    wire::UnregisterBrokerResponse response;
    response.error_message = std::nullopt;
    result.response = std::move(response);
    return result;
}

}  // namespace bsim::controller
