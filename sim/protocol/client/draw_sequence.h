#pragma once
// Random numbers as data.
//
// A step of a client is handed one drawn number of 64 bits. DrawSequence spreads it into as many
// as the step turns out to need, so that the shell draws exactly once a step, whatever the client
// decides.

#include <cstdint>

#include "sim/base/backoff.h"
#include "sim/base/time.h"

namespace bsim::client {

class DrawSequence {
  public:
    explicit DrawSequence(std::uint64_t drawn) : state_(drawn) {}

    std::uint64_t next();
    // In [0, bound). Requires bound > 0.
    std::int32_t below(std::int32_t bound);

  private:
    std::uint64_t state_;
};

// The backoffs and connection timeouts of Kafka's clients are all spread by a fifth (KIP-580).
// DEVIATION: Kafka throws the dice anew each time it looks whether a backoff is over; here they are
// thrown once for each backoff. The span of the jitter is the same.
inline ExponentialBackoff client_backoff(SimDuration initial, SimDuration max) {
    return {initial, max, 200};
}

}  // namespace bsim::client
