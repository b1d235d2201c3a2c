#include "sim/scenario/sliding_quantile.h"

#include <algorithm>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace bsim {
namespace {

SimTime at(std::int64_t ns) {
    return SimTime(ns);
}

TEST(SlidingQuantile, IsTheValueAtTheNearestRank) {
    SlidingQuantile median(500);
    EXPECT_EQ(median.value(), std::nullopt);
    median.add(at(1), SimDuration(30));
    EXPECT_EQ(median.value(), SimDuration(30));
    median.add(at(2), SimDuration(10));
    EXPECT_EQ(median.value(), SimDuration(10));
    median.add(at(3), SimDuration(20));
    EXPECT_EQ(median.value(), SimDuration(20));
    EXPECT_EQ(median.oldest(), at(1));
    median.forget(at(1));
    EXPECT_EQ(median.value(), SimDuration(10));
    median.forget(at(3));
    EXPECT_EQ(median.value(), std::nullopt);
    EXPECT_EQ(median.oldest(), std::nullopt);
}

// The dumb twin sorts what is in the window.
TEST(SlidingQuantile, AgreesWithSortingTheWindow) {
    for (const std::int32_t permille : {1, 500, 750, 950, 990, 999, 1000}) {
        std::mt19937_64 rng(static_cast<std::uint64_t>(permille));
        SlidingQuantile quantile(permille);
        std::vector<std::pair<std::int64_t, std::int64_t>> all;
        std::int64_t now = 0;
        const std::int64_t window = 300;
        for (int round = 0; round < 4000; ++round) {
            now += static_cast<std::int64_t>(rng() % 4);
            const auto value = static_cast<std::int64_t>(rng() % 50);
            quantile.add(at(now), SimDuration(value));
            all.emplace_back(now, value);
            quantile.forget(at(now - window));
            std::vector<std::int64_t> left;
            for (const auto& [came, each] : all) {
                if (came > now - window)
                    left.push_back(each);
            }
            std::sort(left.begin(), left.end());
            const std::size_t rank =
                (left.size() * static_cast<std::size_t>(permille) + 999) / 1000;
            ASSERT_EQ(quantile.value(), SimDuration(left[rank - 1]))
                << permille << " at round " << round;
        }
    }
}

}  // namespace
}  // namespace bsim
