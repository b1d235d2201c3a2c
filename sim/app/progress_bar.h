#pragma once
// The progress of a run on a terminal, redrawn in place on stderr:
//   sim 18.4s/60s ▕███       ▏ 212k ev/s

#include <chrono>
#include <cstdint>

#include "sim/base/time.h"

namespace bsim {

class ProgressBar {
  public:
    // Draws nothing unless `shown`.
    ProgressBar(bool shown, SimTime end);
    void update(SimTime now, std::uint64_t events);
    // Clears the line.
    void finish();

  private:
    bool shown_;
    SimTime end_;
    bool drawn_ = false;
    std::chrono::steady_clock::time_point started_;
    std::chrono::steady_clock::time_point last_draw_;
};

}  // namespace bsim
