#include "sim/protocol/admin/alter_configs_check.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <map>
#include <set>
#include <utility>

#include "sim/model/config_def.h"
#include "sim/model/dynamic_config.h"
#include "sim/wire/error_code.h"

namespace bsim::admin {
namespace {

using Request = wire::IncrementalAlterConfigsRequest;
using Response = wire::IncrementalAlterConfigsResponse;

constexpr std::int8_t kTopic = 2;
constexpr std::int8_t kBroker = 4;
constexpr std::int8_t kDelete = 1;
constexpr std::int8_t kLastOperation = 3;

std::optional<std::string> check_broker(const Request::AlterConfigsResource& resource,
                                        BrokerId self) {
    if (!resource.resource_name.empty()) {
        std::int32_t id = -1;
        const char* const end = resource.resource_name.data() + resource.resource_name.size();
        const auto parsed = std::from_chars(resource.resource_name.data(), end, id);
        if (parsed.ec != std::errc{} || parsed.ptr != end)
            return fmt::format("'{}' is no node id", resource.resource_name);
        if (BrokerId(id) != self)
            return fmt::format("this is broker {}, not {}", self.value(), id);
    }
    for (const auto& config : resource.configs) {
        if (config.config_operation < 0 || config.config_operation > kLastOperation)
            return "unknown operation";
        if (!is_dynamic_broker_config(config.name))
            return fmt::format("'{}' cannot be changed dynamically", config.name);
        const ConfigDef* def = find_config(ConfigKind::Broker, config.name);
        if (def == nullptr || !config.value)
            continue;
        if (const auto problem = check_config_value(*def, *config.value))
            return problem->message;
    }
    return std::nullopt;
}

std::optional<std::string> check_one(const Request::AlterConfigsResource& resource, BrokerId self) {
    std::set<std::string> names;
    for (const auto& config : resource.configs) {
        if (!names.insert(config.name).second)
            return fmt::format("'{}' stands twice", config.name);
    }
    for (const auto& config : resource.configs) {
        if (config.config_operation != kDelete && !config.value)
            return fmt::format("'{}' has no value", config.name);
    }
    if (resource.resource_type == kBroker)
        return check_broker(resource, self);
    if (resource.resource_type != kTopic)
        return "unknown type of resource";
    return std::nullopt;
}

}  // namespace

ConfigRefusals check_alter_configs(const wire::IncrementalAlterConfigsRequest& request,
                                   BrokerId self) {
    std::map<std::pair<std::int8_t, std::string>, int> times;
    for (const auto& resource : request.resources)
        ++times[{resource.resource_type, resource.resource_name}];
    ConfigRefusals refusals;
    for (const auto& resource : request.resources) {
        const bool twice = times[{resource.resource_type, resource.resource_name}] > 1;
        refusals.push_back(twice ? std::optional<std::string>("a resource may appear only once")
                                 : check_one(resource, self));
    }
    return refusals;
}

wire::IncrementalAlterConfigsRequest without_refused(
    const wire::IncrementalAlterConfigsRequest& request, const ConfigRefusals& refusals) {
    Request rest;
    rest.validate_only = request.validate_only;
    for (std::size_t i = 0; i < refusals.size(); ++i) {
        if (!refusals[i])
            rest.resources.push_back(request.resources[i]);
    }
    return rest;
}

wire::IncrementalAlterConfigsResponse with_refused(
    const wire::IncrementalAlterConfigsRequest& request,
    const ConfigRefusals& refusals,
    const wire::IncrementalAlterConfigsResponse& answered) {
    Response merged;
    for (std::size_t i = 0; i < refusals.size(); ++i) {
        const auto& asked = request.resources[i];
        if (!refusals[i]) {
            for (const auto& answer : answered.responses) {
                if (answer.resource_type == asked.resource_type &&
                    answer.resource_name == asked.resource_name)
                    merged.responses.push_back(answer);
            }
            continue;
        }
        auto& refused = merged.responses.emplace_back();
        refused.error_code = static_cast<std::int16_t>(wire::ErrorCode::InvalidRequest);
        refused.error_message = refusals[i];
        refused.resource_type = asked.resource_type;
        refused.resource_name = asked.resource_name;
    }
    return merged;
}

}  // namespace bsim::admin
