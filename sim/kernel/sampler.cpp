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

// log2 e, 32 fractional bits.
constexpr std::int64_t kLog2E = 6196328019;

// (a * b) >> 32 for a signed b; what does not fit becomes the nearest that does.
std::int64_t multiply(std::int64_t a, std::int64_t b) {
    constexpr __int128 kMost = std::numeric_limits<std::int64_t>::max();
    const __int128 product = (static_cast<__int128>(a) * b) >> kFraction;
    return static_cast<std::int64_t>(std::clamp(product, -kMost, kMost));
}

// 2^(2^-i) for i = 1..32, with 63 fractional bits, found by repeated integer square roots.
constexpr std::array<std::uint64_t, kFraction> make_roots() {
    std::array<std::uint64_t, kFraction> roots{};
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
constexpr std::array<std::uint64_t, kFraction> kRoots = make_roots();

constexpr std::uint64_t multiply_mantissas(std::uint64_t a, std::uint64_t b) {
    return static_cast<std::uint64_t>((static_cast<unsigned __int128>(a) * b) >> 63U);
}

// 2^(fraction / 2^32) with 63 fractional bits, a factor for each bit that is set. Its roundings
// belong to what exp2_fixed promises.
constexpr std::uint64_t mantissa_bit_by_bit(std::uint32_t fraction) {
    std::uint64_t mantissa = 1ULL << 63U;
    for (unsigned i = 0; i < kFraction; ++i) {
        if ((fraction >> (kFraction - 1 - i) & 1U) != 0)
            mantissa = multiply_mantissas(mantissa, kRoots[i]);
    }
    return mantissa;
}

// The same for each value of each byte of the fraction, the highest byte first.
using BytePowers = std::array<std::array<std::uint64_t, 256>, 4>;
constexpr BytePowers make_byte_powers() {
    BytePowers powers{};
    for (std::uint32_t at = 0; at < powers.size(); ++at) {
        for (std::uint32_t byte = 0; byte < powers[at].size(); ++byte)
            powers[at][byte] = mantissa_bit_by_bit(byte << (kFraction - 8 * (at + 1)));
    }
    return powers;
}
constexpr BytePowers kBytePowers = make_byte_powers();

// mantissa_bit_by_bit, to within kMantissaError: both lie below the true product of the same roots,
// by less than one unit for each rounding (at most 35), and what follows a rounding less than
// doubles it.
constexpr std::uint64_t kMantissaError = 128;
std::uint64_t mantissa_byte_by_byte(std::uint32_t fraction) {
    std::uint64_t mantissa = kBytePowers[0][fraction >> 24U];
    mantissa = multiply_mantissas(mantissa, kBytePowers[1][fraction >> 16U & 255U]);
    mantissa = multiply_mantissas(mantissa, kBytePowers[2][fraction >> 8U & 255U]);
    return multiply_mantissas(mantissa, kBytePowers[3][fraction & 255U]);
}

// mantissa * scale >> shift; what does not fit becomes the greatest that does. shift < 127.
std::uint64_t scale_down(std::uint64_t mantissa, std::uint64_t scale, unsigned shift) {
    constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    const auto value = (static_cast<unsigned __int128>(mantissa) * scale) >> shift;
    return value > kMost ? kMost : static_cast<std::uint64_t>(value);
}

}  // namespace

// Four factors from tables in place of 32 behind branches that nobody can predict: 10 ns, not 115.
// Only where their error could show, which of durations up to hours is rare, are the 32 taken.
std::uint64_t exp2_fixed(std::uint64_t scale, std::int64_t exponent) {
    const std::int64_t exact_shift = 63 - (exponent >> kFraction);
    if (exact_shift >= 127)
        return 0;
    if (exact_shift < 0)
        return static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    const auto shift = static_cast<unsigned>(exact_shift);
    const auto fraction = static_cast<std::uint32_t>(exponent);
    const std::uint64_t close = mantissa_byte_by_byte(fraction);
    const std::uint64_t low = scale_down(close - kMantissaError, scale, shift);
    if (low == scale_down(close + kMantissaError, scale, shift))
        return low;
    return scale_down(mantissa_bit_by_bit(fraction), scale, shift);
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

namespace {

// With 32 fractional bits.
std::int64_t standard_exponential(RngStream& rng) {
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
    return standard + low + multiply(high - low, within);
}

std::int64_t standard_normal(RngStream& rng) {
    const std::uint64_t u = rng.bits();
    const std::uint64_t cell = u >> (64 - kIndexBits);
    const auto within = static_cast<std::int64_t>(u << kIndexBits >> kFraction);
    const std::int64_t low = kNormalQuantiles[cell];
    return low + multiply(kNormalQuantiles[cell + 1] - low, within);
}

}  // namespace

SimDuration sample_exponential(RngStream& rng, SimDuration mean) {
    return SimDuration(multiply(mean.ns(), standard_exponential(rng)));
}

SimDuration sample_normal(RngStream& rng, SimDuration mean, SimDuration stddev) {
    return mean + SimDuration(multiply(stddev.ns(), standard_normal(rng)));
}

LognormalSampler::LognormalSampler(SimDuration median, SimDuration p99) : median_(median) {
    BSIM_CHECK(median.ns() > 0 && median <= p99);
    const std::int64_t log2_spread = log2_ratio_fixed(static_cast<std::uint64_t>(p99.ns()),
                                                      static_cast<std::uint64_t>(median.ns()));
    log2_sigma_ =
        static_cast<std::int64_t>((static_cast<__int128>(log2_spread) << kFraction) / kZ99);
}

SimDuration LognormalSampler::sample(RngStream& rng) const {
    const std::uint64_t value = exp2_fixed(static_cast<std::uint64_t>(median_.ns()),
                                           multiply(log2_sigma_, standard_normal(rng)));
    return SimDuration(static_cast<std::int64_t>(value));
}

ParetoSampler::ParetoSampler(SimDuration min, Ratio shape)
    : min_(min), inverse_shape_{shape.denominator, shape.numerator} {
    BSIM_CHECK(min.ns() >= 0 && shape.numerator > 0);
}

// The logarithm of a Pareto draw is an exponential one.
SimDuration ParetoSampler::sample(RngStream& rng) const {
    return times_two_to(multiply(standard_exponential(rng), kLog2E));
}

SimDuration ParetoSampler::exceeded_once_in(std::uint64_t exceeded) const {
    return times_two_to(log2_ratio_fixed(exceeded, 1));
}

SimDuration ParetoSampler::times_two_to(std::int64_t exponent) const {
    constexpr __int128 kMost = std::numeric_limits<std::int64_t>::max();
    const __int128 shaped =
        static_cast<__int128>(exponent) * inverse_shape_.numerator / inverse_shape_.denominator;
    const auto value = exp2_fixed(static_cast<std::uint64_t>(min_.ns()),
                                  static_cast<std::int64_t>(std::min(shaped, kMost)));
    return SimDuration(static_cast<std::int64_t>(value));
}

}  // namespace bsim
