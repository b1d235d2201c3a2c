#pragma once
// A distribution of durations as a scenario writes it: what is drawn from, not how. All parameters
// are whole nanoseconds; drawing (with integers only) is the kernel's business.
//
// Promised by whoever makes one from a scenario: every parameter is at least 1 ns, min <= max, and
// median <= p99. Only where a bound was left out may `min` be zero.

#include <cstdint>
#include <limits>
#include <variant>

#include "sim/base/ratio.h"
#include "sim/base/time.h"

namespace bsim {

struct ConstantDist {
    SimDuration value;
    bool operator==(const ConstantDist&) const = default;
};

// Every whole nanosecond from min to max, both included, is equally likely.
struct UniformDist {
    SimDuration min;
    SimDuration max;
    bool operator==(const UniformDist&) const = default;
};

struct ExponentialDist {
    SimDuration mean;
    bool operator==(const ExponentialDist&) const = default;
};

// exp(N(mu, sigma)): half of the draws lie below median, 99 in 100 below p99.
struct LognormalDist {
    SimDuration median;
    SimDuration p99;
    bool operator==(const LognormalDist&) const = default;
};

constexpr SimDuration kNoLongest{std::numeric_limits<std::int64_t>::max()};

// N(mean, stddev); a draw outside of min to max becomes the nearer of the two.
struct NormalDist {
    SimDuration mean;
    SimDuration stddev;
    SimDuration min;
    SimDuration max = kNoLongest;
    bool operator==(const NormalDist&) const = default;
};

// Longer than x, for x >= min, with the probability (min / x)^shape; a draw above max becomes max.
struct ParetoDist {
    SimDuration min;
    Ratio shape = {1, 1};  // > 0
    SimDuration max = kNoLongest;
    bool operator==(const ParetoDist&) const = default;
};

using LatencyDist =
    std::variant<ConstantDist, UniformDist, ExponentialDist, LognormalDist, NormalDist, ParetoDist>;

}  // namespace bsim
