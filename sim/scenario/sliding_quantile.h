#pragma once
// The quantile of the values of a window that moves on, exact, by nearest rank: of n values it is
// the one that stands at place ceil(n * permille / 1000) in ascending order. A value costs O(log n)
// when it comes and when it goes; reading costs nothing.

#include <cstdint>
#include <deque>
#include <optional>
#include <set>

#include "sim/base/time.h"

namespace bsim {

class SlidingQuantile {
  public:
    // 0 < permille <= 1000.
    explicit SlidingQuantile(std::int32_t permille) : permille_(permille) {}

    // Times must not fall.
    void add(SimTime now, SimDuration value);
    // Takes out what came at `until` or earlier.
    void forget(SimTime until);

    std::optional<SimDuration> value() const;  // nullopt: the window is empty
    std::optional<SimTime> oldest() const;

  private:
    struct Entry {
        SimTime came;
        SimDuration value;
    };
    void balance();

    std::int32_t permille_;
    std::deque<Entry> entries_;
    std::multiset<SimDuration> low_;  // the least ones, as many as the rank says
    std::multiset<SimDuration> high_;
};

}  // namespace bsim
