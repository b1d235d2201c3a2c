#pragma once
// A distribution of durations as a scenario writes it: what is drawn from, not how. All parameters
// are whole nanoseconds; drawing (with integers only) is the kernel's business.
//
// Promised by whoever makes one from a scenario: every parameter is at least 1 ns, min <= max, and
// median <= p99.

#include <variant>

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

using LatencyDist = std::variant<ConstantDist, UniformDist, ExponentialDist, LognormalDist>;

}  // namespace bsim
