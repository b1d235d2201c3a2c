#pragma once
// The seeds of a sweep as a user writes them: "7", "1..10000", "1,5,9..12".

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/result.h"

namespace bsim {

inline constexpr std::uint64_t kSeedsMax = 10'000'000;

// Ascending, each once. The error is a sentence that quotes what is wrong.
Result<std::vector<std::uint64_t>, std::string> parse_seed_list(std::string_view text);

// The shortest such text for ascending seeds: "1..4,9". Empty for none.
std::string seed_list_text(const std::vector<std::uint64_t>& seeds);

}  // namespace bsim
