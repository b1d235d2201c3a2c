#pragma once
// Kafka's exponential backoff: initial x 2^attempts, at most `max`, spread by a jitter and cut to
// whole milliseconds. The random number comes in drawn (uniform over 64 bits).
// Source: org.apache.kafka.common.utils.ExponentialBackoff (its multiplier is always 2).

#include <algorithm>
#include <cstdint>

#include "sim/base/time.h"

namespace bsim {

struct ExponentialBackoff {
    SimDuration initial;
    SimDuration max;
    std::int64_t jitter_permille = 0;  // 200 means x 0.8 .. x 1.2

    // `attempts` counts the failures before this one, from 0. Never more than `max`.
    SimDuration after(std::int64_t attempts, std::uint64_t draw) const {
        if (max <= initial)
            return max;
        std::int64_t term_ms = initial.ms();
        for (std::int64_t i = 0; i < attempts && term_ms < max.ms(); ++i)
            term_ms *= 2;
        term_ms = std::min(term_ms, max.ms());
        // In millionths, fine enough that every millisecond of the spread can be drawn.
        const std::int64_t spread = 2'000 * jitter_permille;
        const std::int64_t factor =
            1'000'000 - 1'000 * jitter_permille +
            (spread == 0 ? 0
                         : static_cast<std::int64_t>(draw % static_cast<std::uint64_t>(spread)));
        return std::min(milliseconds(term_ms * factor / 1'000'000), max);
    }
};

}  // namespace bsim
