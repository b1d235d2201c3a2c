#pragma once
// The wall clock of a node: the simulated epoch plus virtual time. Timestamps of records and
// checkpoint comments read it; timeouts never do.

#include "sim/base/time.h"

namespace bsim {

// Runs start at 2024-01-01T00:00:00Z on every node's calendar.
inline constexpr std::int64_t kWallEpochMs = 1'704'067'200'000;

constexpr WallMs wall_clock(SimTime now) {
    return WallMs(kWallEpochMs + now.ns() / 1'000'000);
}

}  // namespace bsim
