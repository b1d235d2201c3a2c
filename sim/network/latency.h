#pragma once
// Draws from a LatencyDist. Integers only, see kernel/sampler.h.

#include <optional>

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
    bool is_constant() const { return std::holds_alternative<ConstantDist>(dist_); }

  private:
    LatencyDist dist_;
    std::optional<LognormalSampler> lognormal_;  // prepared, as it costs a logarithm
};

}  // namespace bsim
