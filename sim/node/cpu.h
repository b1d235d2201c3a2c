#pragma once
// The processor under a process, as its threads meet it.
//
// Work: a cost (time on the reference machine, see request_costs.h) takes cost / speed * slowdown.
// Speed is the machine's (HardwareSpec.cpu), the slowdown a fault's.
//
// Jitter: what passes between the moment at which an idle thread of a JVM gets something to do and
// that at which it does it: waking up, waiting for a processor, a safepoint, cold caches and code
// that is interpreted. A thread that finds its next work waiting pays none. It is lognormal, does
// not grow with the slowdown, and is cut off where a user would speak of a pause (gc-pause):
//
//   thread                                            median     99th percentile   at most
//   busy ones: network, request handler, fetcher       40 us          1.5 ms         20 ms
//   rarely run: Raft client, event queues             300 us           20 ms         50 ms
//
// The second row brings the simulated election after the loss of an active controller to the
// measured share of split votes (18 of 20 on a quiet machine with two processors): both followers
// time out 2 s after they took the last answer in, so that one of them comes first only if its
// thread took the answer in earlier by more than a vote takes.
//
// Code that a process has not run yet costs more: the JVM loads its classes and interprets it. The
// first request of each API in a life of the process pays it, 15 ms in the median and 150 ms at the
// 99th percentile, times the slowdown. It brings the simulated preferred election with one
// controller, which passes a broker and the controller for the first time, to the measured spread
// (44 to 589 ms).
//
// A stopped process (SIGSTOP) finds its caches cold and pages taken by others when it may go on:
// 2 ms in the median, 30 ms at the 99th percentile, a second that it stood still. Measured on a
// loaded machine: back in the ISR 157 to 192 ms after 10 s, 1.15 to 2.7 s after 50 s, of which one
// is the fetcher's backoff. A garbage collection knows no such thing.
//
// There is no model of cores: threads do not compete for them. A process is slowed only where it
// has threads with costs: its request pipelines, Raft thread, event queues and fetchers.

#include <optional>
#include <vector>

#include "sim/base/ratio.h"
#include "sim/base/time.h"
#include "sim/kernel/rng.h"
#include "sim/kernel/sampler.h"

namespace bsim {

class Cpu {
  public:
    // The reference machine, without jitter.
    Cpu() = default;
    // Requires speed > 0.
    Cpu(Ratio speed, RngStream jitter);

    SimDuration work(SimDuration cost) const;
    // Draws what an idle thread waits before it begins.
    SimDuration wake_busy_thread() { return draw(busy_, milliseconds(20)); }
    SimDuration wake_rare_thread() { return draw(rare_, milliseconds(50)); }

    // Draws what code costs when it runs for the first time.
    SimDuration first_run() { return work(draw(first_run_, milliseconds(500))); }
    // Draws what a process needs to come to itself that stood still so long.
    SimDuration thaw(SimDuration stopped);

    // Slowdowns multiply; each end_slow() takes back one begin_slow() with the same factor.
    void begin_slow(Ratio factor) { slowdowns_.push_back(factor); }
    void end_slow(Ratio factor);

  private:
    SimDuration draw(const LognormalSampler& sampler, SimDuration most);

    Ratio speed_{1, 1};
    std::vector<Ratio> slowdowns_;
    std::optional<RngStream> jitter_;
    LognormalSampler busy_{microseconds(40), microseconds(1500)};
    LognormalSampler rare_{microseconds(300), milliseconds(20)};
    LognormalSampler first_run_{milliseconds(15), milliseconds(150)};
    LognormalSampler thaw_a_second_{milliseconds(2), milliseconds(30)};
};

}  // namespace bsim
