#include "sim/world/nearly_longest.h"

#include "sim/network/latency.h"

namespace bsim {

SimDuration nearly_longest(const LatencyDist& dist) {
    return LatencySampler(dist).nearly_longest();
}

}  // namespace bsim
