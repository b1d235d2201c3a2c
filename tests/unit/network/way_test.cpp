// One way as a value: what it makes of trains, against a dumb twin that draws from the same
// streams.

#include "sim/network/way.h"

#include <gtest/gtest.h>

namespace bsim {
namespace {

constexpr Ratio kFivePercent{5, 100};

class WayTest : public testing::Test {
  protected:
    void link(const LinkSpec& spec) { topology_.add_link(a_, b_, spec); }
    static Train train(std::int64_t segments, bool again) {
        Train out;
        out.bytes = segments * 1460;
        out.segments = segments;
        out.latency = milliseconds(1);
        out.again = again;
        return out;
    }

    Rng rng_{7, 0};
    Topology topology_;
    Rules rules_;
    HostId a_ = topology_.add_host("a");
    HostId b_ = topology_.add_host("b");
    Way way_{{rng_, topology_, rules_}, a_, b_};
};

TEST_F(WayTest, EachSegmentIsLostByItsOwnDraw) {
    LinkSpec spec;
    spec.loss = IndependentLoss{kFivePercent};
    link(spec);
    RngStream twin = rng_.stream("network/a>b/loss");
    std::int64_t lost = 0;
    for (std::int64_t k = 0; k < 10'000; ++k) {
        const std::int64_t segments = 1 + k % 7;
        std::int64_t missing = 0;
        std::int64_t after = 0;
        for (std::int64_t i = 0; i < segments; ++i) {
            if (twin.chance(kFivePercent)) {
                ++missing;
            } else if (missing > 0) {
                ++after;
            }
        }
        const TrainFate fate = way_.send(train(segments, false));
        ASSERT_EQ(fate.missing, missing);
        ASSERT_EQ(fate.after, after);
        EXPECT_FALSE(fate.corrupted);
        lost += missing;
    }
    EXPECT_EQ(way_.counters.lost_segments, static_cast<std::uint64_t>(lost));
    EXPECT_NEAR(static_cast<double>(lost), 0.05 * 39'997, 4 * 44) << "four standard deviations";
}

TEST_F(WayTest, WhatIsSentAgainDrawsFromAStreamOfItsOwn) {
    LinkSpec spec;
    spec.loss = IndependentLoss{kFivePercent};
    spec.corrupt = kFivePercent;
    link(spec);
    RngStream loss = rng_.stream("network/a>b/loss");
    RngStream corrupt = rng_.stream("network/a>b/corrupt");
    for (int k = 0; k < 2000; ++k) {
        const bool lost = loss.chance(kFivePercent);
        const bool corrupted = corrupt.chance(kFivePercent);
        const TrainFate fate = way_.send(train(1, false));
        ASSERT_EQ(fate.missing, lost || corrupted ? 1 : 0);
        ASSERT_EQ(fate.corrupted, corrupted && !lost);
        way_.send(train(3, true));
    }
    EXPECT_EQ(way_.counters.retransmitted_segments, 6000u);
}

TEST_F(WayTest, ABurstTurnsBetweenTwoStatesBySegment) {
    BurstLoss burst;
    burst.good_to_bad = {1, 20};
    burst.bad_to_good = {1, 3};
    burst.loss_in_good = {1, 100};
    burst.loss_in_bad = {9, 10};
    LinkSpec spec;
    spec.loss = burst;
    link(spec);
    RngStream twin = rng_.stream("network/a>b/loss");
    bool bad = false;
    for (int k = 0; k < 10'000; ++k) {
        if (twin.chance(bad ? burst.bad_to_good : burst.good_to_bad))
            bad = !bad;
        const bool lost = twin.chance(bad ? burst.loss_in_bad : burst.loss_in_good);
        ASSERT_EQ(way_.send(train(1, false)).missing, lost ? 1 : 0) << k;
    }
}

TEST_F(WayTest, ALongTrainDrawsForRunsOfNeighbours) {
    LinkSpec spec;
    spec.loss = IndependentLoss{{1, 2}};
    link(spec);
    const TrainFate fate = way_.send(train(10'000, false));
    EXPECT_EQ(fate.missing % 10, 0) << "1000 runs of 10";
    EXPECT_NEAR(static_cast<double>(fate.missing), 5000, 700);
}

TEST_F(WayTest, APerfectLinkDrawsNothingAndAddsNothing) {
    LinkSpec spec;
    spec.latency = ConstantDist{milliseconds(2)};
    link(spec);
    EXPECT_EQ(way_.draw_latency(false), milliseconds(2));
    const TrainFate fate = way_.send(train(50, false));
    EXPECT_EQ(fate.arrival, SimTime() + milliseconds(1)) << "the latency that was drawn before";
    EXPECT_EQ(fate.missing + fate.copies + fate.after, 0);
}

TEST_F(WayTest, ARuleDrawsFromAStreamThatIsNamedAfterIt) {
    link(LinkSpec{});
    const auto rule = [&](const std::string& name) {
        return PacketRule{
            name, {Ways{{a_}, {b_}, false}}, PacketLoss{IndependentLoss{kFivePercent}}};
    };
    const RuleId other = rules_.add(rule("other"));
    rules_.add(rule("mine"));
    RngStream twin = rng_.stream("network/a>b/loss/mine");
    RngStream second = rng_.stream("network/a>b/loss/other");
    for (int k = 0; k < 2000; ++k) {
        if (k == 1000)
            rules_.take(other);
        const bool by_mine = twin.chance(kFivePercent);
        const bool by_other = k < 1000 && second.chance(kFivePercent);
        ASSERT_EQ(way_.send(train(1, false)).missing, by_mine || by_other ? 1 : 0) << k;
    }
}

TEST_F(WayTest, ChangedLinksAreSeenAndMissingOnesSaid) {
    EXPECT_EQ(way_.draw_latency(false), std::nullopt);
    EXPECT_EQ(way_.verdict(), RuleVerdict::Drop);
    EXPECT_STREQ(way_.why_dropped(), "no route");
    LinkSpec spec;
    spec.latency = ConstantDist{milliseconds(2)};
    const LinkId link = topology_.add_link(a_, b_, spec);
    EXPECT_EQ(way_.verdict(), RuleVerdict::Pass);
    EXPECT_EQ(way_.draw_latency(false), milliseconds(2));
    topology_.set_up(link, false);
    EXPECT_EQ(way_.verdict(), RuleVerdict::Drop);
    const RuleId cut = rules_.add(PartitionRule{{a_}, {b_}, true, RuleVerdict::Jam});
    EXPECT_EQ(way_.verdict(), RuleVerdict::Jam);
    rules_.take(cut);
    EXPECT_EQ(way_.verdict(), RuleVerdict::Drop);
}

TEST_F(WayTest, ABandwidthQueueOrdersWhatWasSentAtOnce) {
    LinkSpec spec;
    spec.bits_per_second = 11'680'000;  // a segment of 1460 bytes in a millisecond
    link(spec);
    for (std::int64_t k = 1; k <= 5; ++k)
        EXPECT_EQ(way_.send(train(2, false)).arrival, SimTime() + milliseconds(2 * k + 1));
}

}  // namespace
}  // namespace bsim
