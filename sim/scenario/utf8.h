#pragma once
// UTF-8, strictly: no overlong forms, no surrogates, nothing beyond U+10FFFF.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace bsim {

// Bytes of the character that begins at `at`; 0 if none does.
std::size_t utf8_length(std::string_view text, std::size_t at);
void utf8_append(std::string& out, std::uint32_t code_point);
// Characters of a valid text.
std::size_t utf8_count(std::string_view text);
// Columns of a terminal that a valid text takes: two for each wide character of East Asia and each
// emoji, none for a mark that combines with the character before it.
std::size_t utf8_width(std::string_view text);
// The bytes of the first `characters` characters (the whole text if it has fewer).
std::size_t utf8_prefix(std::string_view text, std::size_t characters);

}  // namespace bsim
