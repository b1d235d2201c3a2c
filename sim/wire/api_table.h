#pragma once
// What a node needs to know of each RPC: its versions, where it is served, and the versions of the
// headers that frame it. The table is generated from sim/wire/schema.
// Source: KIP-482 (flexible versions and header versions), KIP-511 (ApiVersions).

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "sim/wire/api_key.h"

namespace bsim::wire {

struct ApiInfo {
    ApiKey key = ApiKey::Produce;
    std::string_view name;  // "Fetch"
    std::int16_t min_version = 0;
    std::int16_t max_version = 0;
    // The newest version that a 3.9.1 node offers unless unstable versions are enabled. Below
    // min_version if all are unstable.
    std::int16_t latest_stable_version = 0;
    std::int16_t deprecated_up_to = -1;       // versions up to this one are deprecated
    std::int16_t first_flexible_version = 0;  // max_version + 1 if none is flexible
    bool on_broker = false;                   // a KRaft broker serves it
    bool on_controller = false;               // a KRaft controller serves it
    bool on_zk_broker = false;                // a broker under ZooKeeper serves it
};

inline constexpr std::size_t kApiCount = 88;
extern const std::array<ApiInfo, kApiCount> kApiTable;  // at its number

const ApiInfo& api_info(ApiKey key);
std::string_view name(ApiKey key);
std::int16_t latest_stable_version(ApiKey key);
bool is_flexible(ApiKey key, std::int16_t version);

// Request header: 0 without client id (ControlledShutdown v0 alone), 1, and 2 for flexible bodies.
std::int16_t request_header_version(ApiKey key, std::int16_t version);
// Response header: 1 for flexible bodies, otherwise 0; always 0 for ApiVersions, whose reader does
// not know yet which version the other side speaks.
std::int16_t response_header_version(ApiKey key, std::int16_t version);

}  // namespace bsim::wire
