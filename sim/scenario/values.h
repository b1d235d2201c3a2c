#pragma once
// Scalars of a document as values. Every reader returns nullopt for what shape.h has refused (or
// for nullptr: an absent member), so that the builders can go on and find further errors.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sim/base/ratio.h"
#include "sim/base/time.h"
#include "sim/model/dist.h"
#include "sim/model/ids.h"
#include "sim/scenario/json.h"
#include "sim/scenario/scenario.h"

namespace bsim {

// A member; nullptr if there is no object or no such member.
const JsonNode* member(const JsonNode* object, std::string_view name);

std::optional<std::string_view> text_of(const JsonNode* node);
// A number that is whole, whether written 3, 3.0 or 3e0.
std::optional<std::int64_t> integer_of(const JsonNode* node);
std::optional<SimDuration> duration_of(const JsonNode* node);
std::optional<LatencyDist> dist_of(const JsonNode* node);
std::optional<std::int64_t> size_of(const JsonNode* node);
std::optional<SimDuration> signed_duration_of(const JsonNode* node);
// Parts per million.
std::optional<Ratio> drift_of(const JsonNode* node);
std::optional<std::int64_t> bit_rate_of(const JsonNode* node);
// A number from 0 to 1, and one more than 0.
std::optional<Ratio> probability_of(const JsonNode* node);
std::optional<Ratio> factor_of(const JsonNode* node);
// A decimal id from 0 to 2^31-1 without leading zeros, as keys have it.
std::optional<BrokerId> node_id_of(std::string_view text);

inline constexpr std::size_t kNameMax = 100;  // bytes of either
bool is_id(std::string_view text);
bool is_name(std::string_view text);
inline constexpr std::string_view kNameForm =
    "letters, digits, dots, dashes and underscores, 100 at most, beginning with none of . and -";

}  // namespace bsim
