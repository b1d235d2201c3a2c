#pragma once
// The progress of a run on a terminal, redrawn in place on stderr:
//   sim 18.4s/60s ▕███       ▏ 212k ev/s  1 fault  0 violations

#include <chrono>
#include <cstdint>
#include <string>

#include "sim/base/time.h"

namespace bsim {

// How far a run has come.
struct RunProgress {
    SimTime now;
    std::uint64_t events = 0;      // of the kernel
    std::uint64_t faults = 0;      // that have fired
    std::uint64_t violations = 0;  // that checkers have found; those that are expected too
};

// The line without control characters. `columns` is the terminal's width: the bar gives way to the
// figures, and the line fills at most all columns but the last.
std::string progress_line(const RunProgress& progress,
                          SimTime end,
                          std::chrono::milliseconds elapsed,
                          std::int64_t columns);

class ProgressBar {
  public:
    // Draws nothing unless `shown`.
    ProgressBar(bool shown, SimTime end);
    void update(const RunProgress& progress);
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
