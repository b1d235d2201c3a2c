#include "sim/protocol/kraft/follower.h"

namespace bsim::kraft {

SimDuration successor_backoff(std::size_t position, std::size_t count, SimDuration max) {
    if (position == 0)
        return SimDuration{};
    if (position >= count)
        return max;
    // Whole milliseconds, as Kafka shifts them: max 1000 with 4 successors gives 0, 125, 250, 500.
    const std::int64_t base_ms = max.ms() >> (count - 1);
    return std::min(max, milliseconds(base_ms << (position - 1)));
}

}  // namespace bsim::kraft
