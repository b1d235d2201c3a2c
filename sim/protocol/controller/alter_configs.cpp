// Changes of the dynamic settings of topics and brokers.
// Source: ConfigurationControlManager.incrementalAlterConfigs, ControllerConfigurationValidator;
// ControllerApis.handleIncrementalAlterConfigs.

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "sim/base/java_order.h"
#include "sim/model/config_def.h"
#include "sim/protocol/controller/new_partitions.h"
#include "sim/protocol/controller/operation.h"
#include "sim/protocol/controller/topic_names.h"

namespace bsim::controller {
namespace {

using wire::ErrorCode;
using Request = wire::IncrementalAlterConfigsRequest;

enum class ConfigOperation : std::int8_t { Set = 0, Delete = 1, Append = 2, Subtract = 3 };

// Elements between commas, the empty ones left out.
std::vector<std::string> elements(std::string_view text) {
    std::vector<std::string> parts;
    while (!text.empty()) {
        const auto comma = text.find(',');
        if (comma != 0)
            parts.emplace_back(text.substr(0, comma));
        text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
    }
    return parts;
}

std::string join(const std::vector<std::string>& parts) {
    std::string text;
    for (const std::string& part : parts)
        text += (text.empty() ? "" : ",") + part;
    return text;
}

// The value that an operation on a list leaves.
std::string with_elements(std::vector<std::string> parts,
                          ConfigOperation operation,
                          const std::string& named) {
    for (std::string& element : elements(named)) {
        const auto at = std::find(parts.begin(), parts.end(), element);
        if (operation == ConfigOperation::Subtract) {
            if (at != parts.end())
                parts.erase(at);
        } else if (at == parts.end()) {
            parts.push_back(std::move(element));
        }
    }
    return join(parts);
}

ConfigKind kind_of(ConfigResourceType type) {
    return type == ConfigResourceType::Topic ? ConfigKind::Topic : ConfigKind::Broker;
}

Result<std::optional<std::string>, ApiError> new_value(const ConfigResource& resource,
                                                       const ConfigMap& present,
                                                       const Request::AlterableConfig& asked) {
    const auto operation = static_cast<ConfigOperation>(asked.config_operation);
    if (operation == ConfigOperation::Delete)
        return std::optional<std::string>{};
    if (operation == ConfigOperation::Set)
        return asked.value;
    const ConfigDef* def = find_config(kind_of(resource.type), asked.name);
    if (def == nullptr || def->type != ConfigType::List) {
        return Err{ApiError{ErrorCode::InvalidConfig,
                            fmt::format("'{}' is not a list to add to or take from", asked.name)}};
    }
    const auto at = present.find(asked.name);
    const std::string_view old =
        at == present.end() ? def->default_value.value_or("") : std::string_view(at->second);
    return std::optional(with_elements(elements(old), operation, asked.value.value_or("")));
}

std::optional<ApiError> check_broker_name(const std::string& name) {
    if (name.empty())
        return std::nullopt;  // all brokers
    std::int32_t id = -1;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), id);
    if (error == std::errc{} && end == name.data() + name.size() && id >= 0)
        return std::nullopt;
    return ApiError{ErrorCode::InvalidRequest, fmt::format("'{}' is no broker id", name)};
}

// The settings as they would stand, and that there is such a resource. A broker's own values were
// checked by the broker that forwarded the request.
std::optional<ApiError> check(const ControllerState& state,
                              const ConfigResource& resource,
                              const ConfigMap& values) {
    if (resource.type == ConfigResourceType::Broker) {
        if (auto error = check_broker_name(resource.name))
            return error;
        if (resource.name.empty())
            return std::nullopt;
        const BrokerId node(std::stoi(resource.name));
        if (state.image().broker(node) != nullptr || state.image().controllers().contains(node))
            return std::nullopt;
        return ApiError{ErrorCode::BrokerIdNotRegistered,
                        fmt::format("there is no node {}", resource.name)};
    }
    if (resource.name.empty())
        return ApiError{ErrorCode::InvalidRequest, "there are no settings for all topics"};
    if (auto why = invalid_topic_name(resource.name))
        return ApiError{ErrorCode::InvalidTopicException, std::move(*why)};
    for (const ConfigProblem& problem : check_config(ConfigKind::Topic, values)) {
        if (problem.kind != ConfigProblem::Kind::NotBuilt)
            return ApiError{ErrorCode::InvalidConfig, problem.message};
    }
    if (state.image().topic(resource.name) == nullptr)
        return ApiError{ErrorCode::UnknownTopicOrPartition, "there is no such topic"};
    return std::nullopt;
}

// All changes of one resource, or none. A broker is told of a value that it has already, too, so
// that it loads files again that the value names (KAFKA-14136).
std::optional<ApiError> alter_one(const ControllerState& state,
                                  const ConfigResource& resource,
                                  const Request::AlterConfigsResource& asked,
                                  OperationResult& result) {
    const ConfigMap& present = state.image().configs(resource);
    ConfigMap values = present;
    std::map<std::string, const Request::AlterableConfig*> last_of;
    std::vector<std::optional<std::string>> names;
    for (const auto& config : asked.configs) {
        if (last_of.insert_or_assign(config.name, &config).second)
            names.emplace_back(config.name);
    }
    std::vector<wire::ConfigRecord> records;
    for (const std::size_t i : java_hash_map_order(names)) {
        const Request::AlterableConfig& config = *last_of.at(*names[i]);
        auto value = new_value(resource, present, config);
        if (!value)
            return value.error();
        const auto old = present.find(config.name);
        const bool same =
            old == present.end() ? !value->has_value() : std::optional(old->second) == *value;
        if (same && resource.type != ConfigResourceType::Broker)
            continue;
        if (*value) {
            values[config.name] = **value;
        } else {
            values.erase(config.name);
        }
        auto& record = records.emplace_back();
        record.resource_type = static_cast<std::int8_t>(resource.type);
        record.resource_name = resource.name;
        record.name = config.name;
        record.value = std::move(*value);
    }
    if (auto error = check(state, resource, values))
        return error;
    for (wire::ConfigRecord& record : records)
        result.add(std::move(record));
    return std::nullopt;
}

}  // namespace

OperationResult alter_configs(const ControllerState& state,
                              const wire::IncrementalAlterConfigsRequest& request) {
    OperationResult result;
    wire::IncrementalAlterConfigsResponse response;
    std::map<std::pair<std::int8_t, std::string>, int> times_asked;
    for (const auto& asked : request.resources)
        ++times_asked[{asked.resource_type, asked.resource_name}];
    for (const auto& asked : request.resources) {
        const ConfigResource resource{static_cast<ConfigResourceType>(asked.resource_type),
                                      asked.resource_name};
        std::optional<ApiError> error;
        if (resource.type != ConfigResourceType::Topic &&
            resource.type != ConfigResourceType::Broker) {
            error = ApiError{ErrorCode::InvalidRequest, "unknown type of resource"};
        } else if (times_asked[{asked.resource_type, asked.resource_name}] > 1) {
            error = ApiError{ErrorCode::InvalidRequest, "the resource is named more than once"};
        } else {
            error = alter_one(state, resource, asked, result);
        }
        auto& answered = response.responses.emplace_back();
        answered.resource_type = asked.resource_type;
        answered.resource_name = asked.resource_name;
        answered.error_message = std::nullopt;
        if (error) {
            answered.error_code = static_cast<std::int16_t>(error->code);
            answered.error_message = std::move(error->message);
        }
    }
    if (result.records.size() > static_cast<std::size_t>(state.config().max_records_per_batch))
        return OperationResult::refusal(ErrorCode::PolicyViolation);
    if (request.validate_only) {
        result.records.clear();
        result.notes.clear();
    }
    result.atomic = true;
    result.response = std::move(response);
    return result;
}

}  // namespace bsim::controller
