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
    // Is every draw typical()?
    bool is_constant() const { return std::holds_alternative<ConstantDist>(law_); }

  private:
    // The lognormal one is prepared, as that costs a logarithm.
    using Law = std::variant<ConstantDist, UniformDist, ExponentialDist, LognormalSampler>;
    static Law law(const LatencyDist& dist);

    Law law_;
};

}  // namespace bsim
