#include "sim/metrics/latency_histogram.h"

#include <algorithm>
#include <limits>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace bsim::metrics {
namespace {

TEST(LatencyHistogram, IsExactForOneValueOfAnySize) {
    for (const std::int64_t ns :
         {std::int64_t{0}, std::int64_t{1}, std::int64_t{255}, std::int64_t{256}, std::int64_t{257},
          std::int64_t{1'000'003}, std::numeric_limits<std::int64_t>::max()}) {
        LatencyHistogram histogram;
        histogram.add(SimDuration(ns));
        EXPECT_EQ(histogram.quantile(1), SimDuration(ns));
        EXPECT_EQ(histogram.quantile(1000), SimDuration(ns));
        EXPECT_EQ(histogram.sum(), SimDuration(ns));
    }
}

TEST(LatencyHistogram, TakesNegativeDurationsForZero) {
    LatencyHistogram histogram;
    histogram.add(SimDuration(-5));
    EXPECT_EQ(histogram.count(), 1);
    EXPECT_EQ(histogram.sum(), SimDuration(0));
    EXPECT_EQ(histogram.quantile(1000), SimDuration(0));
}

TEST(LatencyHistogram, RanksLikeASortedList) {
    for (unsigned seed = 1; seed <= 300; ++seed) {
        std::mt19937_64 random(seed);
        LatencyHistogram histogram;
        std::vector<std::int64_t> sorted;
        const std::size_t size = 1 + random() % (seed < 100 ? 5 : 2000);
        for (std::size_t i = 0; i < size; ++i) {
            sorted.push_back(static_cast<std::int64_t>(random() >> (22 + random() % 42)));
            histogram.add(SimDuration(sorted.back()));
        }
        std::sort(sorted.begin(), sorted.end());
        for (const std::int64_t permille : {1, 250, 500, 950, 990, 999, 1000}) {
            const auto n = static_cast<std::int64_t>(size);
            const std::int64_t rank = (n * permille + 999) / 1000;
            const std::int64_t exact = sorted[static_cast<std::size_t>(rank - 1)];
            const std::int64_t told = histogram.quantile(permille).ns();
            ASSERT_GE(told, exact) << "seed " << seed << " permille " << permille;
            ASSERT_LE(told - exact, exact / 128) << "seed " << seed << " permille " << permille;
        }
        ASSERT_EQ(histogram.quantile(1000).ns(), sorted.back()) << "seed " << seed;
    }
}

}  // namespace
}  // namespace bsim::metrics
