#pragma once
// An exact probability or factor: numerator / denominator, read from the decimal's text, so that no
// floating point takes part in a decision.

#include <cstdint>
#include <optional>
#include <string_view>

#include "sim/base/time.h"

namespace bsim {

struct Ratio {
    std::int64_t numerator = 0;
    std::int64_t denominator = 1;

    bool operator==(const Ratio&) const = default;

    // Reads "0.05", "1", "1e-3"; at most 18 significant decimals. nullopt if it is no such number.
    static std::optional<Ratio> parse(std::string_view decimal);
};

// time * by, rounded down; at most a quarter of the greatest time there is. Requires by >= 0.
SimDuration scaled(SimDuration time, Ratio by);

}  // namespace bsim
