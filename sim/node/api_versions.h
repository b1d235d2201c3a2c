#pragma once
// What a node says of itself: the APIs and features that it supports, its listeners.

#include <array>
#include <cstdint>
#include <string_view>

#include "sim/wire/message.h"

namespace bsim {

enum class NodeKind { Broker, Controller };

inline constexpr std::int32_t kBrokerPort = 9092;
inline constexpr std::uint16_t kControllerPort = 9093;

struct SupportedFeature {
    std::string_view name;
    std::int16_t min;
    std::int16_t max;
};
// As Kafka 3.9 registers them.
inline constexpr std::array<SupportedFeature, 2> kSupportedFeatures{
    {{"kraft.version", 0, 1}, {"metadata.version", 1, 21}}};

wire::ApiVersionsResponse api_versions_response(NodeKind kind);

}  // namespace bsim
