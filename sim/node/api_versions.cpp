#include "sim/node/api_versions.h"

#include <string>

#include "sim/wire/api_table.h"

namespace bsim {

wire::ApiVersionsResponse api_versions_response(NodeKind kind) {
    wire::ApiVersionsResponse response;
    for (const wire::ApiInfo& api : wire::kApiTable) {
        const bool served = kind == NodeKind::Broker ? api.on_broker : api.on_controller;
        if (!served || api.latest_stable_version < api.min_version)
            continue;
        auto& out = response.api_keys.emplace_back();
        out.api_key = static_cast<std::int16_t>(api.key);
        out.min_version = api.min_version;
        out.max_version = api.latest_stable_version;
    }
    for (const SupportedFeature& feature : kSupportedFeatures) {
        auto& out = response.supported_features.emplace_back();
        out.name = std::string(feature.name);
        out.min_version = feature.min;
        out.max_version = feature.max;
    }
    return response;
}

}  // namespace bsim
