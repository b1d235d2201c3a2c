#pragma once
// Numbers 0..keys-1 of which number k comes with a probability in proportion to 1 / (k+1)^exponent.
// Integers only: the same draws on every compiler and CPU.

#include <cstdint>
#include <vector>

#include "sim/base/ratio.h"
#include "sim/kernel/rng.h"

namespace bsim {

class ZipfSampler {
  public:
    static constexpr std::int64_t kMostKeys = 1'000'000;  // the table takes 8 bytes for each

    // 1 <= keys <= kMostKeys, exponent > 0. A weight is exact within 2^-20 of itself, or 2^-40 of
    // the greatest one.
    ZipfSampler(std::int64_t keys, Ratio exponent);
    // One draw.
    std::uint64_t sample(RngStream& rng) const;

  private:
    std::vector<std::uint64_t> up_to_;  // sum of the weights of this key and those before
};

}  // namespace bsim
