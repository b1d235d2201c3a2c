#pragma once
// What a consumer's application takes for a record, and what makes it slower.

#include <optional>
#include <utility>
#include <vector>

#include "sim/base/ratio.h"
#include "sim/kernel/rng.h"
#include "sim/model/dist.h"
#include "sim/network/latency.h"

namespace bsim {

// `factor` multiplies the time, `latency` is added to it.
struct WorkSlowness {
    Ratio factor = {1, 1};
    std::optional<LatencyDist> latency;
    bool operator==(const WorkSlowness&) const = default;
};

class RecordWork {
  public:
    // Without `usual`: no time. `draws` is for this, `slow_draws` for what slownesses add.
    RecordWork(const std::optional<LatencyDist>& usual, RngStream draws, RngStream slow_draws);

    SimDuration draw();
    bool is_slow() const { return !slow_.empty(); }
    void begin_slow(const WorkSlowness& slowness);
    // Takes back one begin_slow() with the same value.
    void end_slow(const WorkSlowness& slowness);

  private:
    struct Slow {
        WorkSlowness what;
        std::optional<LatencySampler> latency;
    };
    std::optional<LatencySampler> usual_;
    RngStream draws_;
    RngStream slow_draws_;
    std::vector<Slow> slow_;
};

}  // namespace bsim
