#include "sim/scenario/nearest.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>
#include <vector>

namespace bsim {
namespace {

constexpr std::size_t kWordMax = 100;     // longer ones are no slip of the pen
constexpr std::size_t kWordsMax = 2'000;  // more are not looked through
constexpr std::size_t kBeginningMin = 4;

bool is_separator(char c) {
    return c == '_' || c == '-' || c == '.' || c == ' ';
}
char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string lower(std::string_view word) {
    std::string out(word);
    std::transform(out.begin(), out.end(), out.begin(), [](char c) { return lower(c); });
    return out;
}

// The same but for upper case and separators?
bool equal_plain(std::string_view a, std::string_view b) {
    std::size_t i = 0;
    std::size_t j = 0;
    while (true) {
        while (i < a.size() && is_separator(a[i])) {
            ++i;
        }
        while (j < b.size() && is_separator(b[j])) {
            ++j;
        }
        if (i == a.size() || j == b.size()) {
            return i == a.size() && j == b.size();
        }
        if (lower(a[i++]) != lower(b[j++])) {
            return false;
        }
    }
}

// What is left of a word when it does not matter how it is joined: "restartAfter", "RESTART-AFTER".
std::string plain(std::string_view word) {
    std::string out = lower(word);
    std::erase_if(out, is_separator);
    return out;
}

// The word that is the same but for upper case and separators.
std::optional<std::string_view> same(std::string_view word,
                                     std::span<const std::string_view> words) {
    if (std::all_of(word.begin(), word.end(), is_separator)) {
        return std::nullopt;
    }
    const auto at = std::find_if(words.begin(), words.end(), [&](std::string_view candidate) {
        return candidate != word && equal_plain(candidate, word);
    });
    return at == words.end() ? std::nullopt : std::optional(*at);
}

// "restart" for restart_after.
std::optional<std::string_view> only_one_begun_by(std::string_view word,
                                                  std::span<const std::string_view> words) {
    std::optional<std::string_view> found;
    // Joined in another way only if it is joined at all: "none" does not begin NON_EMPTY_GROUP.
    const bool joined = std::any_of(word.begin(), word.end(), is_separator);
    const std::string beginning = joined ? plain(word) : lower(word);
    for (const std::string_view candidate : words) {
        const std::string text = joined ? plain(candidate) : lower(candidate);
        if (beginning.size() < kBeginningMin || !text.starts_with(beginning)) {
            continue;
        }
        if (found) {
            return std::nullopt;
        }
        found = candidate;
    }
    return found;
}

// "replication" for replication_factor or replicationFactor: the longest word that stands whole at
// the beginning.
std::optional<std::string_view> longest_at_beginning(std::string_view word,
                                                     std::span<const std::string_view> words) {
    std::optional<std::string_view> found;
    const std::string text = lower(word);
    for (const std::string_view candidate : words) {
        if (candidate.size() < kBeginningMin || candidate.size() >= word.size() ||
            !text.starts_with(lower(candidate))) {
            continue;
        }
        const char next = word[candidate.size()];
        const bool whole = is_separator(next) || (lower(next) != next && lower(word[0]) == word[0]);
        if (whole && (!found || candidate.size() > found->size())) {
            found = candidate;
        }
    }
    return found;
}

// "acked-records-durable" for durable: the only word of which it is a whole part.
std::optional<std::string_view> only_one_with_part(std::string_view word,
                                                   std::span<const std::string_view> words) {
    std::optional<std::string_view> found;
    const std::string part = lower(word);
    for (const std::string_view candidate : words) {
        const std::string text = lower(candidate);
        const std::size_t at = part.size() < kBeginningMin ? text.npos : text.find(part);
        if (at == text.npos || (at > 0 && !is_separator(text[at - 1])) ||
            (at + part.size() < text.size() && !is_separator(text[at + part.size()]))) {
            continue;
        }
        if (found) {
            return std::nullopt;
        }
        found = candidate;
    }
    return found;
}

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before(b.size() + 1);
    std::vector<std::size_t> last(b.size() + 1);
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) {
        last[j] = j;
    }
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + change});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                row[j] = std::min(row[j], before[j - 2] + 1);
            }
        }
        std::swap(before, last);
        std::swap(last, row);
    }
    return last[b.size()];
}

std::optional<std::string_view> nearest(std::string_view word,
                                        std::span<const std::string_view> words) {
    if (word.size() > kWordMax) {
        return std::nullopt;
    }
    words = words.first(std::min(words.size(), kWordsMax));
    if (const auto found = same(word, words)) {
        return found;
    }
    std::optional<std::string_view> best;
    std::pair<std::size_t, std::size_t> best_distance;  // whatever the case, and exactly
    const std::string text = lower(word);
    for (const std::string_view candidate : words) {
        const std::size_t longer = std::max(word.size(), candidate.size());
        const std::size_t limit = std::max<std::size_t>(longer / 3, 1);
        if (candidate.size() > word.size() + limit || word.size() > candidate.size() + limit) {
            continue;
        }
        const std::size_t distance = edit_distance(text, lower(candidate));
        const bool shares = distance < std::min(word.size(), candidate.size());
        if (distance > limit || !shares || (best && distance > best_distance.first)) {
            continue;
        }
        const std::pair exactly{distance, edit_distance(word, candidate)};
        if (!best || exactly < best_distance) {
            best = candidate;
            best_distance = exactly;
        }
    }
    best = best ? best : only_one_begun_by(word, words);
    best = best ? best : longest_at_beginning(word, words);
    return best ? best : only_one_with_part(word, words);
}

std::string listed(std::span<const std::string_view> words, std::size_t in_all) {
    constexpr std::size_t kMost = 24;
    if (in_all <= kMost) {
        return fmt::format("{}", fmt::join(words, ", "));
    }
    return fmt::format("{}, … ({} in all)", fmt::join(words.first(kMost), ", "), in_all);
}

}  // namespace bsim
