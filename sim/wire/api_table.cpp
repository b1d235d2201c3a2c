#include "sim/wire/api_table.h"

#include "sim/base/check.h"

namespace bsim::wire {

const ApiInfo& api_info(ApiKey key) {
    const auto at = static_cast<std::size_t>(key);
    BSIM_CHECK(at < kApiTable.size());
    return kApiTable[at];
}

std::string_view name(ApiKey key) {
    return api_info(key).name;
}

std::int16_t latest_stable_version(ApiKey key) {
    return api_info(key).latest_stable_version;
}

bool is_flexible(ApiKey key, std::int16_t version) {
    return version >= api_info(key).first_flexible_version;
}

std::int16_t request_header_version(ApiKey key, std::int16_t version) {
    if (key == ApiKey::ControlledShutdown && version == 0)
        return 0;
    return is_flexible(key, version) ? 2 : 1;
}

std::int16_t response_header_version(ApiKey key, std::int16_t version) {
    if (key == ApiKey::ApiVersions)
        return 0;
    return is_flexible(key, version) ? 1 : 0;
}

}  // namespace bsim::wire
