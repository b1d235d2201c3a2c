#pragma once
// Integer samplers over a random stream: the same draws on every compiler and CPU, because only
// integer arithmetic and checked-in quantile tables take part (ARCHITECTURE §5).

#include <cstdint>

#include "sim/base/ratio.h"
#include "sim/base/time.h"
#include "sim/kernel/rng.h"

namespace bsim {

// Exponential with this mean. Piecewise linear between 1,024 quantiles; the tail has no bound but
// the bits of one draw (36 means).
SimDuration sample_exponential(RngStream& rng, SimDuration mean);

// Lognormal from its median and its 99th percentile (0 < median <= p99).
class LognormalSampler {
  public:
    LognormalSampler(SimDuration median, SimDuration p99);
    SimDuration sample(RngStream& rng) const;
    SimDuration median() const { return median_; }

  private:
    SimDuration median_;
    // sigma / ln 2, 32 fractional bits: the power of two that one standard deviation is worth.
    std::int64_t log2_sigma_;
};

// Pareto: at least `min`, longer than x with the probability (min / x)^shape. Requires min >= 0 and
// shape > 0.
class ParetoSampler {
  public:
    ParetoSampler(SimDuration min, Ratio shape);
    SimDuration sample(RngStream& rng) const;
    // What one draw in `exceeded` is longer than. Requires exceeded >= 1.
    SimDuration exceeded_once_in(std::uint64_t exceeded) const;

  private:
    SimDuration times_two_to(std::int64_t exponent) const;

    SimDuration min_;
    Ratio inverse_shape_;
};

// Normal with this mean; the draws of a wide one may be negative.
SimDuration sample_normal(RngStream& rng, SimDuration mean, SimDuration stddev);

// 2^x and log2(a/b) in fixed point with 32 fractional bits; exact to a few units of the last place.
std::uint64_t exp2_fixed(std::uint64_t scale, std::int64_t exponent);
std::int64_t log2_ratio_fixed(std::uint64_t a, std::uint64_t b);

}  // namespace bsim
