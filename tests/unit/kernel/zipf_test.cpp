#include "sim/kernel/zipf.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

namespace bsim {
namespace {

std::vector<int> drawn(const ZipfSampler& sampler, std::size_t keys, int draws) {
    RngStream rng(7);
    std::vector<int> seen(keys);
    for (int i = 0; i < draws; ++i)
        ++seen.at(sampler.sample(rng));
    return seen;
}

TEST(Zipf, EachKeyComesInProportionToOneOverItsRank) {
    constexpr int kDraws = 300'000;
    for (const Ratio exponent : {Ratio{1, 1}, Ratio{1, 2}, Ratio{3, 2}}) {
        const double s =
            static_cast<double>(exponent.numerator) / static_cast<double>(exponent.denominator);
        double sum = 0;
        for (int rank = 1; rank <= 50; ++rank)
            sum += std::pow(rank, -s);
        const auto seen = drawn(ZipfSampler(50, exponent), 50, kDraws);
        for (int rank = 1; rank <= 50; ++rank) {
            const double expected = kDraws * std::pow(rank, -s) / sum;
            EXPECT_NEAR(seen[static_cast<std::size_t>(rank - 1)], expected, 6 * std::sqrt(expected))
                << "exponent " << s << ", rank " << rank;
        }
    }
}

TEST(Zipf, NoKeyIsOutOfReach) {
    const ZipfSampler one(1, {1, 1});
    EXPECT_EQ(drawn(one, 1, 10), std::vector<int>{10});
    // So steep that all but the first key have the least weight.
    const auto steep = drawn(ZipfSampler(3, {1000, 1}), 3, 1000);
    EXPECT_EQ(steep[0], 1000);
    const ZipfSampler most(ZipfSampler::kMostKeys, {1, 1});
    RngStream rng(1);
    for (int i = 0; i < 1000; ++i)
        EXPECT_LT(most.sample(rng), static_cast<std::uint64_t>(ZipfSampler::kMostKeys));
}

TEST(Zipf, OneDrawIsTakenForEachKey) {
    const ZipfSampler sampler(1000, {1, 1});
    RngStream a(3);
    RngStream b(3);
    std::uint64_t sum = 0;
    for (std::uint64_t key = 1; key <= 1000; ++key)
        sum += (std::uint64_t{1} << 40U) / key;
    for (int i = 0; i < 100; ++i) {
        sampler.sample(a);
        b.below(sum);
    }
    EXPECT_EQ(a.bits(), b.bits());
}

}  // namespace
}  // namespace bsim
