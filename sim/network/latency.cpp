#include "sim/network/latency.h"

#include <variant>

#include "sim/base/overloaded.h"

namespace bsim {

LatencySampler::LatencySampler(const LatencyDist& dist) : dist_(dist) {
    if (const auto* lognormal = std::get_if<LognormalDist>(&dist_)) {
        lognormal_.emplace(lognormal->median, lognormal->p99);
    }
}

SimDuration LatencySampler::sample(RngStream& rng) const {
    return std::visit(
        Overloaded{
            [](const ConstantDist& d) { return d.value; },
            [&](const UniformDist& d) { return SimDuration(rng.between(d.min.ns(), d.max.ns())); },
            [&](const ExponentialDist& d) { return sample_exponential(rng, d.mean); },
            [&](const LognormalDist&) { return lognormal_->sample(rng); }},
        dist_);
}

SimDuration LatencySampler::typical() const {
    return std::visit(Overloaded{[](const ConstantDist& d) { return d.value; },
                                 [](const UniformDist& d) { return (d.min + d.max) / 2; },
                                 [](const ExponentialDist& d) { return d.mean; },
                                 [](const LognormalDist& d) { return d.median; }},
                      dist_);
}

}  // namespace bsim
