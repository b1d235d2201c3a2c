#pragma once
// What is legal under a key, in words, for the "expected:" of diagnostics.

#include <span>
#include <string>
#include <string_view>

#include "sim/scenario/fields.h"
#include "sim/scenario/scenario.h"

namespace bsim {

std::string form_of(const Field& field, const Vocabulary& vocabulary);
// "a, b, c" of words that single spaces separate.
std::string with_commas(std::string_view words);
// The words; the first three and where to see the others if there are many. `name` is what
// `brokersim schema --enum` calls them.
std::string short_list(std::span<const std::string_view> words, std::string_view name);
// "\"a\", \"b\" or \"c\""
std::string quoted_choice(std::span<const std::string_view> words);

}  // namespace bsim
