#pragma once
// Draws from a LatencyDist. Integers only, see kernel/sampler.h.

#include <variant>

#include "sim/kernel/rng.h"
#include "sim/kernel/sampler.h"
#include "sim/model/dist.h"

namespace bsim {

class LatencySampler {
  public:
    explicit LatencySampler(const LatencyDist& dist);

    SimDuration sample(RngStream& rng) const;
    // A value in the middle of the distribution, to compare routes by.
    SimDuration typical() const;
    // A value that few draws exceed: one in a hundred, or none.
    SimDuration nearly_longest() const;
    // Is every draw typical()?
    bool is_constant() const { return std::holds_alternative<ConstantDist>(law_); }

  private:
    // Two are prepared: a lognormal one costs a logarithm.
    struct Lognormal {
        LognormalSampler draw;
        SimDuration p99;
    };
    struct Pareto {
        ParetoSampler draw;
        SimDuration max;
    };
    using Law =
        std::variant<ConstantDist, UniformDist, ExponentialDist, Lognormal, NormalDist, Pareto>;
    static Law law(const LatencyDist& dist);

    Law law_;
};

}  // namespace bsim
