#pragma once
// How Kafka reads the text of a setting. For sim/model/config*.cpp alone.
// Source: ConfigDef.parseType.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace bsim::config_parse {

// Without leading and trailing characters up to U+0020, as String.trim has it.
std::string_view trim(std::string_view text);
std::optional<bool> boolean(std::string_view text);
// Long.parseLong: a sign, then decimal digits.
std::optional<std::int64_t> integer(std::string_view text);
// Elements between commas, without the white space around them; no elements in an empty text.
std::vector<std::string_view> list(std::string_view text);
bool equal_ignoring_case(std::string_view a, std::string_view b);

}  // namespace bsim::config_parse
