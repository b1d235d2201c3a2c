#include "sim/metrics/latency_histogram.h"

#include <algorithm>
#include <bit>

#include "sim/base/check.h"

namespace bsim::metrics {

namespace {

constexpr int kBits = 7;
constexpr std::size_t kPerDoubling = std::size_t{1} << kBits;

std::size_t bucket_of(std::uint64_t value) {
    const auto width = std::bit_width(value);
    const auto shift = width > kBits + 1 ? static_cast<std::size_t>(width - kBits - 1) : 0;
    return kPerDoubling * shift + static_cast<std::size_t>(value >> shift);
}

std::uint64_t last_of(std::size_t bucket) {
    if (bucket < 2 * kPerDoubling)
        return bucket;
    const std::size_t shift = bucket / kPerDoubling - 1;
    const std::uint64_t leading = bucket - kPerDoubling * shift;
    return ((leading + 1) << shift) - 1;
}

}  // namespace

void LatencyHistogram::add(SimDuration d) {
    const std::int64_t ns = std::max<std::int64_t>(d.ns(), 0);
    const std::size_t bucket = bucket_of(static_cast<std::uint64_t>(ns));
    if (bucket >= buckets_.size())
        buckets_.resize(bucket + 1);
    ++buckets_[bucket];
    ++count_;
    sum_ += ns;
    max_ = std::max(max_, ns);
}

SimDuration LatencyHistogram::quantile(std::int64_t permille) const {
    BSIM_CHECK(permille > 0 && permille <= 1000);
    // Split, so that no count of values can overflow.
    const std::int64_t rank = count_ / 1000 * permille + (count_ % 1000 * permille + 999) / 1000;
    std::int64_t below = 0;
    for (std::size_t bucket = 0; bucket < buckets_.size(); ++bucket) {
        below += buckets_[bucket];
        if (below >= rank) {
            const std::uint64_t last = last_of(bucket);
            return SimDuration(
                static_cast<std::int64_t>(std::min(last, static_cast<std::uint64_t>(max_))));
        }
    }
    return SimDuration(max_);
}

}  // namespace bsim::metrics
