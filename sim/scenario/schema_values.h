#pragma once
// The part of schema.cpp that is about single values: what may stand under a key, and the
// definitions that several keys share. schema_enums.cpp lists words by the same names.

#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "sim/scenario/fields.h"

namespace bsim {

nlohmann::ordered_json schema_of(const Field& field);
// Definitions by name, of all that is no Shape.
nlohmann::ordered_json shared_definitions();
// An array of the words.
nlohmann::ordered_json schema_words(const std::vector<std::string_view>& words);

// "broker_config"
std::string_view config_name(ConfigKind kind);
inline constexpr ConfigKind kConfigKinds[] = {ConfigKind::Broker, ConfigKind::Topic,
                                              ConfigKind::Producer, ConfigKind::Consumer};
std::vector<std::string_view> names_of_dists();
std::vector<std::string_view> names_of_faults();

}  // namespace bsim
