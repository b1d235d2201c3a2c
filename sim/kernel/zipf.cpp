#include "sim/kernel/zipf.h"

#include <algorithm>
#include <limits>

#include "sim/base/check.h"
#include "sim/kernel/sampler.h"

namespace bsim {
namespace {

// A million of them fit into 64 bits.
constexpr std::uint64_t kGreatestWeight = 1ULL << 40U;
// 2^-40 and less: the least weight is 1 anyway.
constexpr std::int64_t kMostExponent = std::int64_t{41} << 32U;

// kGreatestWeight / rank^exponent.
std::uint64_t weight(std::uint64_t rank, Ratio exponent) {
    if (exponent.numerator == exponent.denominator)
        return kGreatestWeight / rank;
    const __int128 power = static_cast<__int128>(log2_ratio_fixed(rank, 1)) * exponent.numerator /
                           exponent.denominator;
    if (power > kMostExponent)
        return 0;
    return exp2_fixed(kGreatestWeight, -static_cast<std::int64_t>(power));
}

}  // namespace

ZipfSampler::ZipfSampler(std::int64_t keys, Ratio exponent) {
    BSIM_CHECK(keys >= 1 && keys <= kMostKeys && exponent.numerator > 0);
    std::uint64_t sum = 0;
    up_to_.reserve(static_cast<std::size_t>(keys));
    for (std::int64_t key = 0; key < keys; ++key) {
        sum += std::max<std::uint64_t>(weight(static_cast<std::uint64_t>(key) + 1, exponent), 1);
        up_to_.push_back(sum);
    }
}

std::uint64_t ZipfSampler::sample(RngStream& rng) const {
    const std::uint64_t drawn = rng.below(up_to_.back());
    const auto at = std::upper_bound(up_to_.begin(), up_to_.end(), drawn);
    return static_cast<std::uint64_t>(at - up_to_.begin());
}

}  // namespace bsim
