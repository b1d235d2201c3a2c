#pragma once
// Counts durations in buckets that widen with the value, so that quantiles cost neither memory nor
// time by the number of values. Integers only.
//
// Buckets: one a nanosecond below 256 ns, then 128 for each doubling. A quantile is the upper end
// of the bucket that holds the value of its rank (nearest-rank, from 1), at most the maximum: never
// below the true value, and above it by less than 1/128 of it. The maximum and the sum are exact;
// the sum must stay within 292 years.
// Source of the layout: HdrHistogram.

#include <cstdint>
#include <vector>

#include "sim/base/time.h"

namespace bsim::metrics {

class LatencyHistogram {
  public:
    // Negative durations count as 0.
    void add(SimDuration d);

    std::int64_t count() const { return count_; }
    SimDuration sum() const { return SimDuration(sum_); }
    // Of 0 < permille <= 1000; 0 ns without values.
    SimDuration quantile(std::int64_t permille) const;

  private:
    std::vector<std::int64_t> buckets_;  // as many as the greatest value so far needs
    std::int64_t count_ = 0;
    std::int64_t sum_ = 0;
    std::int64_t max_ = 0;
};

}  // namespace bsim::metrics
