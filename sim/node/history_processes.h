#pragma once
// Process numbers of the history: a process has at most one operation open, so whoever opens one
// takes the smallest number that is free, and gives it back when the outcome is known. A number
// whose operation has an unknown outcome is never given back, as Jepsen's histories want it.

#include <cstdint>
#include <set>

namespace bsim {

class HistoryProcesses {
  public:
    std::int32_t take() {
        if (free_.empty())
            return next_++;
        return free_.extract(free_.begin()).value();
    }
    void give_back(std::int32_t process) { free_.insert(process); }

  private:
    std::set<std::int32_t> free_;
    std::int32_t next_ = 0;
};

}  // namespace bsim
