#include "sim/node/wall_clock.h"

#include <algorithm>

#include "sim/base/check.h"

namespace bsim {
namespace {

std::int64_t floor_divide(std::int64_t value, std::int64_t by) {
    const std::int64_t quotient = value / by;
    return quotient * by > value ? quotient - 1 : quotient;
}

SimDuration drifted(SimDuration elapsed, Ratio ppm) {
    const auto wide = static_cast<__int128>(elapsed.ns()) * ppm.numerator /
                      (static_cast<__int128>(ppm.denominator) * 1'000'000);
    return SimDuration(static_cast<std::int64_t>(wide));
}

}  // namespace

WallClock::WallClock(const ClockSpec& spec) : shift_(spec.skew) {
    if (spec.drift_ppm.numerator != 0)
        begin_drift(SimTime(), spec.drift_ppm);
}

WallMs WallClock::at(SimTime now) const {
    const SimTime shown = freezes_ > 0 ? frozen_at_ : now;
    std::int64_t ns = shown.ns() + shift_.ns();
    for (const Drift& drift : drifts_)
        ns += drifted(shown - std::min(drift.since, shown), drift.ppm).ns();
    return WallMs(kWallEpochMs + floor_divide(ns, 1'000'000));
}

void WallClock::end_drift(Ratio ppm) {
    const auto one = std::find_if(drifts_.begin(), drifts_.end(),
                                  [&](const Drift& drift) { return drift.ppm == ppm; });
    BSIM_CHECK(one != drifts_.end());
    drifts_.erase(one);
}

void WallClock::freeze(SimTime now) {
    if (freezes_++ == 0)
        frozen_at_ = now;
}

void WallClock::thaw() {
    BSIM_CHECK(freezes_ > 0);
    --freezes_;
}

}  // namespace bsim
