#include "sim/network/latency.h"

#include <algorithm>
#include <variant>

#include "sim/base/overloaded.h"

namespace bsim {

LatencySampler::LatencySampler(const LatencyDist& dist) : law_(law(dist)) {}

LatencySampler::Law LatencySampler::law(const LatencyDist& dist) {
    return std::visit(Overloaded{[](const auto& d) { return Law(d); },
                                 [](const LognormalDist& d) {
                                     return Law(Lognormal{{d.median, d.p99}, d.p99});
                                 },
                                 [](const ParetoDist& d) {
                                     return Law(Pareto{{d.min, d.shape}, d.max});
                                 }},
                      dist);
}

SimDuration LatencySampler::sample(RngStream& rng) const {
    return std::visit(
        Overloaded{
            [](const ConstantDist& d) { return d.value; },
            [&](const UniformDist& d) { return SimDuration(rng.between(d.min.ns(), d.max.ns())); },
            [&](const ExponentialDist& d) { return sample_exponential(rng, d.mean); },
            [&](const Lognormal& d) { return d.draw.sample(rng); },
            [&](const NormalDist& d) {
                return std::clamp(sample_normal(rng, d.mean, d.stddev), d.min, d.max);
            },
            [&](const Pareto& d) { return std::min(d.draw.sample(rng), d.max); }},
        law_);
}

SimDuration LatencySampler::typical() const {
    return std::visit(
        Overloaded{[](const ConstantDist& d) { return d.value; },
                   [](const UniformDist& d) { return (d.min + d.max) / 2; },
                   [](const ExponentialDist& d) { return d.mean; },
                   [](const Lognormal& d) { return d.draw.median(); },
                   [](const NormalDist& d) { return std::clamp(d.mean, d.min, d.max); },
                   [](const Pareto& d) { return std::min(d.draw.exceeded_once_in(2), d.max); }},
        law_);
}

SimDuration LatencySampler::nearly_longest() const {
    return std::visit(
        Overloaded{
            [](const ConstantDist& d) { return d.value; },
            [](const UniformDist& d) { return d.max; },
            [](const ExponentialDist& d) { return d.mean * 5; },
            [](const Lognormal& d) { return d.p99; },
            [](const NormalDist& d) { return std::clamp(d.mean + d.stddev * 3, d.min, d.max); },
            [](const Pareto& d) { return std::min(d.draw.exceeded_once_in(100), d.max); }},
        law_);
}

}  // namespace bsim
