#include "sim/sweep/seed_list.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <optional>

namespace bsim {
namespace {

constexpr std::uint64_t kSeedEnd = 1ULL << 53U;  // exact in every JSON reader

std::optional<std::uint64_t> seed_of(std::string_view text) {
    std::uint64_t seed = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seed);
    const bool whole = error == std::errc{} && end == text.data() + text.size();
    return whole && seed < kSeedEnd ? std::optional(seed) : std::nullopt;
}

}  // namespace

Result<std::vector<std::uint64_t>, std::string> parse_seed_list(std::string_view text) {
    std::vector<std::uint64_t> seeds;
    for (std::size_t from = 0; from <= text.size();) {
        const std::size_t comma = std::min(text.find(',', from), text.size());
        const std::string_view part = text.substr(from, comma - from);
        from = comma + 1;
        const std::size_t dots = part.find("..");
        const bool range = dots != std::string_view::npos;
        const auto first = seed_of(part.substr(0, dots));
        const auto last = range ? seed_of(part.substr(dots + 2)) : first;
        if (!first || !last) {
            return Err{
                fmt::format("seeds \"{}\" are no number below 2^53 and no range such as "
                            "1..100",
                            part)};
        }
        if (*last < *first)
            return Err{fmt::format("seeds \"{}\" run backwards", part)};
        if (*last - *first >= kSeedsMax - seeds.size())
            return Err{fmt::format("seeds \"{}\" are more than {}", text, kSeedsMax)};
        for (std::uint64_t seed = *first; seed <= *last; ++seed)
            seeds.push_back(seed);
    }
    std::sort(seeds.begin(), seeds.end());
    seeds.erase(std::unique(seeds.begin(), seeds.end()), seeds.end());
    return seeds;
}

std::string seed_list_text(const std::vector<std::uint64_t>& seeds) {
    std::string text;
    for (std::size_t i = 0; i < seeds.size();) {
        std::size_t last = i;
        while (last + 1 < seeds.size() && seeds[last + 1] == seeds[last] + 1)
            ++last;
        text += fmt::format("{}{}", text.empty() ? "" : ",", seeds[i]);
        if (last > i)
            text += fmt::format("..{}", seeds[last]);
        i = last + 1;
    }
    return text;
}

}  // namespace bsim
