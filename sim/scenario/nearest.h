#pragma once
// "Did you mean ...?": the nearest of the legal words by edit distance.

#include <optional>
#include <span>
#include <string_view>

namespace bsim {

// Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment), in
// bytes.
std::size_t edit_distance(std::string_view a, std::string_view b);

// The first of the nearest words, if it is near enough that it was likely meant: a third of the
// longer word's length at most, and never as much as the whole word. Else the one that begins with
// the word, if it is alone in that.
std::optional<std::string_view> nearest(std::string_view word,
                                        std::span<const std::string_view> words);

}  // namespace bsim
