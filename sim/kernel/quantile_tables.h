#pragma once
// Quantiles of the standard exponential and normal laws, 32 fractional bits, at the knots i/1024.
// Made by scripts/generate_quantiles.py, which says how the ends are treated.

#include <array>
#include <cstdint>

namespace bsim {

extern const std::array<std::int64_t, 1024> kExponentialQuantiles;
extern const std::array<std::int64_t, 1025> kNormalQuantiles;

}  // namespace bsim
