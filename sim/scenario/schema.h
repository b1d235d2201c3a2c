#pragma once
// The scenario format as a JSON Schema (draft-07), made from the tables that the loader checks
// documents against: fields.h, key_rules.h, fault_kinds.h, dist_kinds.h, switch_table.h and
// Kafka's settings.
//
// Promised: what the schema refuses, the loader refuses; what the loader refuses for its structure
// (as against its meaning), the schema refuses. Parts of the format that are not built yet are in
// the schema; the loader checks them and then refuses them as not built.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "sim/scenario/scenario.h"

namespace bsim {

nlohmann::ordered_json scenario_schema(const Vocabulary& vocabulary);

// The words that are legal at some place of a scenario. Names: "fault", "check", "event", ...; and
// those of fields with words, alone ("mode") or with their object ("fault.mode").
std::optional<std::vector<std::string>> enum_values(std::string_view name,
                                                    const Vocabulary& vocabulary);
std::vector<std::string> enum_names();

}  // namespace bsim
