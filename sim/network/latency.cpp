#include "sim/network/latency.h"

#include <variant>

#include "sim/base/overloaded.h"

namespace bsim {

LatencySampler::LatencySampler(const LatencyDist& dist) : law_(law(dist)) {}

LatencySampler::Law LatencySampler::law(const LatencyDist& dist) {
    return std::visit(
        Overloaded{[](const auto& d) { return Law(d); },
                   [](const LognormalDist& d) { return Law(LognormalSampler(d.median, d.p99)); }},
        dist);
}

SimDuration LatencySampler::sample(RngStream& rng) const {
    return std::visit(
        Overloaded{
            [](const ConstantDist& d) { return d.value; },
            [&](const UniformDist& d) { return SimDuration(rng.between(d.min.ns(), d.max.ns())); },
            [&](const ExponentialDist& d) { return sample_exponential(rng, d.mean); },
            [&](const LognormalSampler& d) { return d.sample(rng); }},
        law_);
}

SimDuration LatencySampler::typical() const {
    return std::visit(Overloaded{[](const ConstantDist& d) { return d.value; },
                                 [](const UniformDist& d) { return (d.min + d.max) / 2; },
                                 [](const ExponentialDist& d) { return d.mean; },
                                 [](const LognormalSampler& d) { return d.median(); }},
                      law_);
}

}  // namespace bsim
