#include "sim/scenario/nearest.h"

#include <algorithm>
#include <fmt/format.h>
#include <vector>

namespace bsim {
namespace {

constexpr std::size_t kWordMax = 100;     // longer ones are no slip of the pen
constexpr std::size_t kWordsMax = 2'000;  // more are not looked through
constexpr std::size_t kBeginningMin = 4;

// "restart" for restart_after.
std::optional<std::string_view> only_one_begun_by(std::string_view word,
                                                  std::span<const std::string_view> words) {
    std::optional<std::string_view> found;
    for (const std::string_view candidate : words) {
        if (word.size() < kBeginningMin || !candidate.starts_with(word)) {
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
    std::optional<std::string_view> best;
    std::size_t best_distance = 0;
    if (word.size() > kWordMax) {
        return std::nullopt;
    }
    words = words.first(std::min(words.size(), kWordsMax));
    for (const std::string_view candidate : words) {
        const std::size_t longer = std::max(word.size(), candidate.size());
        const std::size_t limit = std::max<std::size_t>(longer / 3, 1);
        if (candidate.size() > word.size() + limit || word.size() > candidate.size() + limit) {
            continue;
        }
        const std::size_t distance = edit_distance(word, candidate);
        const bool shares = distance < std::min(word.size(), candidate.size());
        if (distance <= limit && shares && (!best || distance < best_distance)) {
            best = candidate;
            best_distance = distance;
        }
    }
    return best ? best : only_one_begun_by(word, words);
}

std::string listed(std::span<const std::string_view> words, std::size_t in_all) {
    constexpr std::size_t kMost = 24;
    if (in_all <= kMost) {
        return fmt::format("{}", fmt::join(words, ", "));
    }
    return fmt::format("{}, … ({} in all)", fmt::join(words.first(kMost), ", "), in_all);
}

}  // namespace bsim
