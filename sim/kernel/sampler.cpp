#include "sim/kernel/sampler.h"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>

#include "sim/base/check.h"
#include "sim/kernel/quantile_tables.h"

namespace bsim {
namespace {

constexpr unsigned kFraction = 32;
constexpr unsigned kIndexBits = 10;
constexpr std::uint64_t kLastKnot = (1U << kIndexBits) - 1;
// Standard normal quantile of 0.99 (2.3263478740…), 32 fractional bits.
constexpr std::int64_t kZ99 = 9991588038;
// ln 1024, 32 fractional bits: what one pass through the exponential's tail adds.
constexpr std::int64_t kLn1024 = 29770444718;

// (a * b) >> 32 for a signed b; what does not fit becomes the nearest that does.
std::int64_t multiply(std::int64_t a, std::int64_t b) {
    constexpr __int128 kMost = std::numeric_limits<std::int64_t>::max();
    const __int128 product = (static_cast<__int128>(a) * b) >> kFraction;
    return static_cast<std::int64_t>(std::clamp(product, -kMost, kMost));
}

// 2^(2^-i) for i = 1..32, with 63 fractional bits, found by repeated integer square roots.
std::array<std::uint64_t, 32> make_roots() {
    std::array<std::uint64_t, 32> roots{};
    unsigned __int128 square = static_cast<unsigned __int128>(1) << 127U;  // 2.0, 126 bits
    for (auto& root : roots) {
        unsigned __int128 low = static_cast<unsigned __int128>(1) << 63U;
        unsigned __int128 high = low << 1U;
        while (high - low > 1) {
            const unsigned __int128 mid = (low + high) / 2;
            (mid * mid <= square ? low : high) = mid;
        }
        root = static_cast<std::uint64_t>(low);
        square = low << 63U;
    }
    return roots;
}

}  // namespace

std::uint64_t exp2_fixed(std::uint64_t scale, std::int64_t exponent) {
    static const std::array<std::uint64_t, 32> roots = make_roots();
    std::uint64_t mantissa = 1ULL << 63U;
    const auto fraction = static_cast<std::uint32_t>(exponent);
    for (unsigned i = 0; i < kFraction; ++i) {
        if ((fraction >> (kFraction - 1 - i) & 1U) == 0)
            continue;
        mantissa = static_cast<std::uint64_t>(
            (static_cast<unsigned __int128>(mantissa) * roots[i]) >> 63U);
    }
    const std::int64_t whole = exponent >> kFraction;
    const unsigned __int128 product = static_cast<unsigned __int128>(mantissa) * scale;
    const std::int64_t shift = 63 - whole;
    constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (shift >= 127)
        return 0;
    if (shift < 0)
        return kMost;
    const unsigned __int128 value = product >> static_cast<unsigned>(shift);
    return value > kMost ? kMost : static_cast<std::uint64_t>(value);
}

std::int64_t log2_ratio_fixed(std::uint64_t a, std::uint64_t b) {
    BSIM_CHECK(a > 0 && b > 0);
    const auto width_a = static_cast<int>(std::bit_width(a));
    const auto width_b = static_cast<int>(std::bit_width(b));
    std::int64_t whole = width_a - width_b;
    // x = a / b scaled into [1/2, 2), then into [1, 2), with 62 fractional bits.
    auto x = (static_cast<unsigned __int128>(a << (64 - width_a)) << 62U) / (b << (64 - width_b));
    constexpr auto kOne = static_cast<unsigned __int128>(1) << 62U;
    if (x < kOne) {
        x <<= 1U;
        --whole;
    }
    std::int64_t result = whole << kFraction;
    for (unsigned i = 1; i <= kFraction; ++i) {
        x = (x * x) >> 62U;
        if (x >= 2 * kOne) {
            x >>= 1U;
            result += std::int64_t{1} << (kFraction - i);
        }
    }
    return result;
}

SimDuration sample_exponential(RngStream& rng, SimDuration mean) {
    std::uint64_t u = rng.bits();
    std::int64_t standard = 0;
    // In the last cell the law starts anew, from the bits that are left.
    while (u >> (64 - kIndexBits) == kLastKnot && u << kIndexBits != 0) {
        standard += kLn1024;
        u <<= kIndexBits;
    }
    const std::uint64_t cell = u >> (64 - kIndexBits);
    const std::int64_t low = kExponentialQuantiles[cell];
    const std::int64_t high = cell == kLastKnot ? low : kExponentialQuantiles[cell + 1];
    const auto within = static_cast<std::int64_t>(u << kIndexBits >> kFraction);
    standard += low + multiply(high - low, within);
    return SimDuration(multiply(mean.ns(), standard));
}

LognormalSampler::LognormalSampler(SimDuration median, SimDuration p99) : median_(median) {
    BSIM_CHECK(median.ns() > 0 && median <= p99);
    const std::int64_t log2_spread = log2_ratio_fixed(static_cast<std::uint64_t>(p99.ns()),
                                                      static_cast<std::uint64_t>(median.ns()));
    log2_sigma_ =
        static_cast<std::int64_t>((static_cast<__int128>(log2_spread) << kFraction) / kZ99);
}

SimDuration LognormalSampler::sample(RngStream& rng) const {
    const std::uint64_t u = rng.bits();
    const std::uint64_t cell = u >> (64 - kIndexBits);
    const auto within = static_cast<std::int64_t>(u << kIndexBits >> kFraction);
    const std::int64_t low = kNormalQuantiles[cell];
    const std::int64_t z = low + multiply(kNormalQuantiles[cell + 1] - low, within);
    const std::uint64_t value =
        exp2_fixed(static_cast<std::uint64_t>(median_.ns()), multiply(log2_sigma_, z));
    return SimDuration(static_cast<std::int64_t>(value));
}

}  // namespace bsim
