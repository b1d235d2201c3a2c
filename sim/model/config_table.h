#pragma once
// How the rows of the setting tables are written; for the config_table_*.cpp files alone.

#include <span>

#include "sim/model/config_def.h"

namespace bsim::config_rows {

using T = ConfigType;
inline constexpr auto Acts = ConfigEffect::Acts;
inline constexpr auto NoEffect = ConfigEffect::NoEffect;
inline constexpr auto Derived = ConfigEffect::Derived;
inline constexpr std::nullopt_t kNone = std::nullopt;

constexpr ConfigRule any() {
    return {};
}
constexpr ConfigRule range(std::string_view min, std::string_view max) {
    return {ConfigRule::Kind::Range, min, max, {}};
}
constexpr ConfigRule range_or_minus_one(std::string_view min, std::string_view max) {
    return {ConfigRule::Kind::RangeOrMinusOne, min, max, {}};
}
constexpr ConfigRule one_of(std::string_view words) {
    return {ConfigRule::Kind::OneOf, {}, {}, words};
}
constexpr ConfigRule no_case(std::string_view words) {
    return {ConfigRule::Kind::OneOfNoCase, {}, {}, words};
}
constexpr ConfigRule list_of(std::string_view words) {
    return {ConfigRule::Kind::ListOf, {}, {}, words};
}
constexpr ConfigRule non_empty() {
    return {ConfigRule::Kind::NonEmpty, {}, {}, {}};
}
constexpr ConfigRule metadata_version() {
    return {ConfigRule::Kind::MetadataVersion, {}, {}, {}};
}
constexpr ConfigRule throttled_replicas() {
    return {ConfigRule::Kind::ThrottledReplicas, {}, {}, {}};
}

std::span<const ConfigDef> broker_rows();
std::span<const ConfigDef> broker_far_rows();
std::span<const ConfigDef> topic_rows();
std::span<const ConfigDef> producer_rows();
std::span<const ConfigDef> consumer_rows();
std::span<const ConfigDef> client_security_rows();

}  // namespace bsim::config_rows
