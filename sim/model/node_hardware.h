#pragma once
// The machine under a node, as a scenario writes it: disk, clock and processor.

#include <cstdint>
#include <optional>

#include "sim/base/ratio.h"
#include "sim/base/time.h"
#include "sim/model/dist.h"

namespace bsim {

// What a device adds to each operation that reaches it; none: the device model's own latency.
struct DiskSpec {
    std::optional<LatencyDist> read;
    std::optional<LatencyDist> write;
    std::optional<LatencyDist> fsync;
    std::optional<std::int64_t> capacity_bytes;  // none: never full
    std::int32_t log_dirs = 1;
    bool operator==(const DiskSpec&) const = default;
};

// The wall clock against simulated time: wall(t) = t + skew + t * drift_ppm / 1,000,000.
struct ClockSpec {
    SimDuration skew;
    Ratio drift_ppm;
    bool operator==(const ClockSpec&) const = default;
};

// `cpu` is the speed of the processor: 2 does the same work in half of the time.
struct HardwareSpec {
    DiskSpec disk;
    ClockSpec clock;
    Ratio cpu = {1, 1};
    bool operator==(const HardwareSpec&) const = default;
};

}  // namespace bsim
