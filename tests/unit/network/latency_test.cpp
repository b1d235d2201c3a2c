#include "sim/network/latency.h"

#include <algorithm>
#include <variant>

#include <gtest/gtest.h>

namespace bsim {
namespace {

constexpr int kDraws = 20'000;

TEST(Latency, DrawsStayWithinMinAndMax) {
    const NormalDist normal{milliseconds(2), milliseconds(5), microseconds(500), milliseconds(9)};
    const ParetoDist pareto{milliseconds(1), Ratio{1, 2}, milliseconds(50)};
    for (const LatencyDist& dist : {LatencyDist(normal), LatencyDist(pareto)}) {
        const LatencySampler sampler(dist);
        RngStream rng(1);
        SimDuration least = seconds(1);
        SimDuration most;
        for (int i = 0; i < kDraws; ++i) {
            least = std::min(least, sampler.sample(rng));
            most = std::max(most, sampler.sample(rng));
        }
        const bool is_normal = std::holds_alternative<NormalDist>(dist);
        EXPECT_EQ(most, is_normal ? normal.max : pareto.max);
        if (is_normal) {
            EXPECT_EQ(least, normal.min);
        } else {
            EXPECT_NEAR(static_cast<double>(least.ns()), 1e6, 1e4);
        }
        EXPECT_FALSE(sampler.is_constant());
    }
}

TEST(Latency, ANormalOneWithoutBoundsIsNeverNegative) {
    const LatencySampler sampler(NormalDist{milliseconds(1), milliseconds(1), {}, kNoLongest});
    RngStream rng(2);
    int none = 0;
    for (int i = 0; i < kDraws; ++i) {
        const SimDuration one = sampler.sample(rng);
        ASSERT_GE(one, SimDuration(0));
        none += one == SimDuration(0) ? 1 : 0;
    }
    EXPECT_NEAR(none, 0.1587 * kDraws, 0.02 * kDraws);
}

TEST(Latency, FewDrawsAreLongerThanNearlyTheLongest) {
    const SimDuration ms = milliseconds(1);
    for (const LatencyDist& dist :
         {LatencyDist(ConstantDist{ms}), LatencyDist(UniformDist{ms, ms * 3}),
          LatencyDist(ExponentialDist{ms}), LatencyDist(LognormalDist{ms, ms * 9}),
          LatencyDist(NormalDist{ms * 4, ms, {}, kNoLongest}),
          LatencyDist(ParetoDist{ms, Ratio{3, 2}, kNoLongest}),
          LatencyDist(ParetoDist{ms, Ratio{1, 4}, ms * 7})}) {
        const LatencySampler sampler(dist);
        RngStream rng(3);
        int longer = 0;
        int below = 0;
        for (int i = 0; i < kDraws; ++i) {
            const SimDuration one = sampler.sample(rng);
            longer += one > sampler.nearly_longest() ? 1 : 0;
            below += one <= sampler.typical() ? 1 : 0;
        }
        EXPECT_LE(longer, kDraws * 12 / 1000) << dist.index();
        EXPECT_GE(below, kDraws * 4 / 10) << dist.index();
    }
}

}  // namespace
}  // namespace bsim
