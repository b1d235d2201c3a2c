#pragma once
// The processor under a process, as its threads meet it: turns a cost (work on the reference
// machine, see request_costs.h) into the time that it takes here,
//
//   time = cost / speed * slowdown + jitter
//
// Speed is the machine's (HardwareSpec.cpu), the slowdown a fault's. The jitter is what passes
// between the moment at which a thread of a JVM could go on and that at which it does: wake-up by
// the operating system, a safepoint, a young collection, code that is not compiled yet. It is
// lognormal: half of the events wait less than 60 us, one in a hundred longer than 4 ms, which is
// what brings the simulated election after the loss of an active controller to the measured share
// of split votes (18 of 20 on a quiet machine with two processors) and a handful of hops to the
// tail latencies of small clusters. It does not grow with the slowdown.
//
// There is no model of cores: threads do not compete for them. A process is slowed only where it
// has threads with costs: its request pipeline, Raft thread, event queues and fetchers.

#include <optional>
#include <vector>

#include "sim/base/ratio.h"
#include "sim/base/time.h"
#include "sim/kernel/rng.h"
#include "sim/kernel/sampler.h"

namespace bsim {

inline constexpr SimDuration kJitterMedian = microseconds(60);
inline constexpr SimDuration kJitterP99 = milliseconds(4);

class Cpu {
  public:
    // The reference machine, without jitter.
    Cpu() = default;
    // Requires speed > 0.
    Cpu(Ratio speed, RngStream jitter);

    // Draws the jitter.
    SimDuration time(SimDuration cost);

    // Slowdowns multiply; each end_slow() takes back one begin_slow() with the same factor.
    void begin_slow(Ratio factor) { slowdowns_.push_back(factor); }
    void end_slow(Ratio factor);

  private:
    Ratio speed_{1, 1};
    std::vector<Ratio> slowdowns_;
    std::optional<RngStream> jitter_;
    LognormalSampler sampler_{kJitterMedian, kJitterP99};
};

}  // namespace bsim
