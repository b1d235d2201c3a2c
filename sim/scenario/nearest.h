#pragma once
// "Did you mean ...?": the nearest of the legal words by edit distance.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bsim {

// Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment), in
// bytes.
std::size_t edit_distance(std::string_view a, std::string_view b);

// The word that is the same but for upper case and separators. Else the first of the nearest, if it
// is near enough that it was likely meant: a third of the longer word's length at most, whatever
// the case, and never as much as the whole word. Else the one that begins with the word, if it is
// alone in that; else the longest that the word begins with ("replication" for replicationFactor);
// else the only one that has the word as a whole part ("acked-records-durable" for durable).
// Of very many words only the first are looked through.
std::optional<std::string_view> nearest(std::string_view word,
                                        std::span<const std::string_view> words);

// Keys of a map or elements of a set, as far as they are looked through.
template <class Names>
std::vector<std::string_view> words_among(const Names& names) {
    constexpr std::size_t kMost = 2'000;
    std::vector<std::string_view> words;
    for (const auto& name : names) {
        if constexpr (requires { name.first; }) {
            words.push_back(name.first);
        } else {
            words.push_back(name);
        }
        if (words.size() == kMost) {
            break;
        }
    }
    return words;
}

// The nearest among those; empty if none is near.
template <class Names>
std::string nearest_of(std::string_view word, const Names& names) {
    return std::string(nearest(word, words_among(names)).value_or(""));
}

// "a, b, c"; of very many words the first, and how many there are.
std::string listed(std::span<const std::string_view> words, std::size_t in_all);
inline std::string listed(std::span<const std::string_view> words) {
    return listed(words, words.size());
}

}  // namespace bsim
