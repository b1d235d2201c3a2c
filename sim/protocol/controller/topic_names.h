#pragma once
// Legal topic names. Source: org.apache.kafka.common.internals.Topic.

#include <optional>
#include <string>
#include <string_view>

namespace bsim::controller {

inline constexpr std::string_view kClusterMetadataTopic = "__cluster_metadata";

// What is wrong with the name; nullopt if it is legal.
std::optional<std::string> invalid_topic_name(std::string_view name);

}  // namespace bsim::controller
