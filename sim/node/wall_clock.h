#pragma once
// The wall clock of a machine: the calendar plus what is wrong with it. Timestamps of records and
// checkpoint files, rolling by age and retention read it; timeouts never do, they go by virtual
// time as by the JVM's nanoTime.
//
//   wall(t) = epoch + t + skew + drift * t          (hardware.clock of the scenario)
//           + shifts + drift * (t - its begin)      (faults that are on)
//
// Healing a fault sets the clock right again, at once and in either direction, as a step of ntpd
// does: between two readings a clock may go back.
//
// DEVIATION: Kafka reads System.currentTimeMillis also for timeouts of the Raft client, of its
// network clients and for replica.lag.time.max.ms, so that a jump can fire those; here it cannot.

#include <cstdint>
#include <vector>

#include "sim/base/ratio.h"
#include "sim/base/time.h"
#include "sim/model/node_hardware.h"

namespace bsim {

// Runs start at 2024-01-01T00:00:00Z on the calendar.
inline constexpr std::int64_t kWallEpochMs = 1'704'067'200'000;

// What a clock shows that goes right.
constexpr WallMs wall_clock(SimTime now) {
    return WallMs(kWallEpochMs + now.ns() / 1'000'000);
}

class WallClock {
  public:
    // Goes right.
    WallClock() = default;
    explicit WallClock(const ClockSpec& spec);

    WallMs at(SimTime now) const;

    // Faults; each end_ takes back one begin_ with the same value. A shift ends by its negative.
    void shift(SimDuration by) { shift_ = shift_ + by; }
    void begin_drift(SimTime now, Ratio ppm) { drifts_.push_back({now, ppm}); }
    void end_drift(Ratio ppm);
    // Shows the time of the first freeze until as many thaws have come.
    void freeze(SimTime now);
    void thaw();

  private:
    struct Drift {
        SimTime since;
        Ratio ppm;
    };
    SimDuration shift_;
    std::vector<Drift> drifts_;
    int freezes_ = 0;
    SimTime frozen_at_;
};

}  // namespace bsim
