#include "sim/protocol/kraft/candidate.h"

#include <algorithm>

#include "sim/base/check.h"

namespace bsim::kraft {

SimDuration candidate_backoff(std::int32_t retries, std::uint64_t draw, SimDuration max) {
    BSIM_CHECK(retries > 0);
    // Past 2^20 the product would overflow Kafka's int, hence its cap.
    const std::uint64_t range = std::uint64_t{2}
                                << static_cast<unsigned>(std::min(20, retries - 1));
    return std::min(milliseconds(100) * static_cast<std::int64_t>(draw % range), max);
}

}  // namespace bsim::kraft
