// Rules laid over live connections: loss with retransmission, reset, jam.

#include <fmt/format.h>

#include "tests/unit/network/network_lab.h"

namespace bsim::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

// Connections are made in the first two milliseconds; the stories begin at the first second, so
// that their times read well.
class Faults : public NetworkLab {
  protected:
    Faults() {
        connection = connected(a, b);
        run_until(seconds(1));
    }
    // Milliseconds since the story began at which frame 1 was dropped.
    std::vector<std::int64_t> drops_ms() const {
        std::vector<std::int64_t> times;
        for (const std::string& line : tapped) {
            if (line.find("dropped 1 to b: partition") != line.npos)
                times.push_back(std::stoll(line) / 1000 - 1000);
        }
        return times;
    }

    Station& a = add_station("a", ConstantDist{milliseconds(1)});
    Station& b = add_station("b", ConstantDist{milliseconds(1)});
    ConnectionId connection;
};

using Times = std::vector<std::int64_t>;

TEST_F(Faults, ADroppedFrameIsSentAgainAfter200MillisecondsAndEachTimeTwiceAsLong) {
    cut(a, b, RuleVerdict::Drop);
    send(connection, a, 1);
    run_until(seconds(1) + milliseconds(6300));
    EXPECT_EQ(drops_ms(), (Times{0, 200, 600, 1400, 3000, 6200}));
    EXPECT_EQ(network.messages_dropped(), 6u);
    EXPECT_EQ(network.messages(), 1u) << "sending again makes no new message";
    EXPECT_THAT(notes, IsEmpty());
}

TEST_F(Faults, TheRetransmissionTimeoutGrowsTo120SecondsAndNoFurther) {
    cut(a, b, RuleVerdict::Drop);
    send(connection, a, 1);
    run_until(seconds(700));
    const Times times = drops_ms();
    ASSERT_EQ(times.size(), 15u);
    EXPECT_EQ(times[9] - times[8], 200 * 256);
    EXPECT_EQ(times[10] - times[9], 200 * 512);
    for (std::size_t i = 11; i < times.size(); ++i)
        EXPECT_EQ(times[i] - times[i - 1], 120'000) << i;
}

TEST_F(Faults, AfterTheCutIsHealedItArrivesWithTheNextRetransmissionAndTheRestBehindIt) {
    const RuleId rule = cut(a, b, RuleVerdict::Drop);
    send(connection, a, 1);
    run_until(seconds(1) + milliseconds(300));
    send(connection, a, 2);
    send(connection, a, 3);
    run_until(seconds(1) + milliseconds(450));
    network.remove_rule(rule);
    run_until(seconds(1) + milliseconds(500));
    send(connection, a, 4);
    run_until(seconds(5));
    EXPECT_THAT(notes, ElementsAre("1601000 b got 1", "1601000 b got 2", "1601000 b got 3",
                                   "1601000 b got 4"));
}

TEST_F(Faults, WhatCameThroughStartsTheTimeoutAnew) {
    const RuleId first = cut(a, b, RuleVerdict::Drop);
    send(connection, a, 9);
    run_until(seconds(1) + milliseconds(1300));
    network.remove_rule(first);
    run_until(seconds(3));
    ASSERT_THAT(take_notes(), ElementsAre("2401000 b got 9"));
    cut(a, b, RuleVerdict::Drop);
    send(connection, a, 1);
    run_until(seconds(4));
    EXPECT_EQ(drops_ms(), (Times{2000, 2200, 2600}));
}

TEST_F(Faults, WhatIsUnderWayWhenTheCutComesStillArrives) {
    send(connection, a, 1);
    cut(a, b, RuleVerdict::Drop);
    run_until(seconds(5));
    EXPECT_THAT(notes, ElementsAre("1001000 b got 1"));
}

TEST_F(Faults, AOneWayCutLetsTheOtherWayThrough) {
    const RuleId rule = cut_one_way(a, b, RuleVerdict::Drop);
    send(connection, a, 1);
    send(connection, b, 2);
    run_until(seconds(1) + milliseconds(100));
    EXPECT_THAT(take_notes(), ElementsAre("1001000 a got 2"));
    network.remove_rule(rule);
    run_until(seconds(2));
    EXPECT_THAT(notes, ElementsAre("1201000 b got 1"));
}

TEST_F(Faults, ACutBetweenOthersIsNotFelt) {
    Station& c = add_station("c", ConstantDist{milliseconds(1)});
    cut(a, c, RuleVerdict::Drop);
    cut(c, b, RuleVerdict::Reject);
    send(connection, a, 1);
    run_until(seconds(2));
    EXPECT_THAT(notes, ElementsAre("1001000 b got 1"));
}

TEST_F(Faults, AConnectionAttemptIntoACutIsRepeatedAfter1And2And4Seconds) {
    const RuleId rule = cut(a, b, RuleVerdict::Drop);
    network.connect(a.id(), b.address());
    run_until(seconds(1) + milliseconds(3500));
    EXPECT_THAT(notes, IsEmpty());
    network.remove_rule(rule);
    run_until(seconds(20));
    EXPECT_THAT(notes, ElementsAre("8001000 b accepted #2", "8002000 a connected #2"));
}

TEST_F(Faults, ARejectedFrameResetsBothEndsAtOnceAndNothingMoreArrives) {
    send(connection, b, 1);
    send(connection, a, 2);
    cut(a, b, RuleVerdict::Reject);
    send(connection, a, 3);
    send(connection, a, 4);
    run_until(seconds(5));
    EXPECT_THAT(notes, ElementsAre("1000000 a reset #1 due to 0", "1000000 b reset #1 due to 0"));
    EXPECT_THAT(tapped, Contains("1000000 a closed with b: reset"));
    EXPECT_THAT(tapped, Contains("1000000 b closed with a: reset"));
    EXPECT_EQ(network.messages(), 3u) << "frame 4 met a closed end";
    send(connection, b, 5);
    run_until(seconds(6));
    EXPECT_EQ(notes.size(), 2u);
}

TEST_F(Faults, ARejectedConnectionAttemptIsRefused) {
    const RuleId rule = cut(a, b, RuleVerdict::Reject);
    network.connect(a.id(), b.address());
    run_until(seconds(2));
    EXPECT_THAT(take_notes(), ElementsAre("1000000 a refused #2"));
    network.remove_rule(rule);
    connected(a, b);
}

TEST_F(Faults, AnIdleConnectionOutlivesAReject) {
    const RuleId rule = cut(a, b, RuleVerdict::Reject);
    run_until(seconds(60));
    network.remove_rule(rule);
    send(connection, a, 1);
    run_until(seconds(61));
    EXPECT_THAT(notes, ElementsAre("60001000 b got 1"));
}

TEST_F(Faults, JammedFramesLoseNothingAndGoOnAtOnceWhenTheRuleIsGone) {
    const RuleId rule = cut(a, b, RuleVerdict::Jam);
    send(connection, a, 1);
    send(connection, b, 2);
    send(connection, a, 3);
    run_until(seconds(1) + milliseconds(1234));
    EXPECT_THAT(notes, IsEmpty());
    network.remove_rule(rule);
    run_until(seconds(5));
    EXPECT_THAT(notes, ElementsAre("2235000 b got 1", "2235000 b got 3", "2235000 a got 2"));
    EXPECT_EQ(network.messages_dropped(), 0u);
    EXPECT_EQ(drops_ms(), Times{});
}

TEST_F(Faults, JammedTwiceItWaitsForBothRules) {
    const RuleId first = cut(a, b, RuleVerdict::Jam);
    const RuleId second = cut(a, b, RuleVerdict::Jam);
    send(connection, a, 1);
    run_until(seconds(1) + milliseconds(50));
    network.remove_rule(first);
    run_until(seconds(1) + milliseconds(110));
    EXPECT_THAT(notes, IsEmpty());
    network.remove_rule(second);
    run_until(seconds(2));
    EXPECT_THAT(notes, ElementsAre("1111000 b got 1"));
}

TEST_F(Faults, TheEndOfAJamElsewhereDoesNotHurryARetransmission) {
    Station& c = add_station("c", ConstantDist{milliseconds(1)});
    cut(a, b, RuleVerdict::Drop);
    const RuleId elsewhere = cut(a, c, RuleVerdict::Jam);
    send(connection, a, 1);
    run_until(seconds(1) + milliseconds(50));
    network.remove_rule(elsewhere);
    run_until(seconds(1) + milliseconds(1500));
    EXPECT_EQ(drops_ms(), (Times{0, 200, 600, 1400}));
}

TEST_F(Faults, AJamThatWasPassedLeavesNoTimerBehindThatHurriesALaterLoss) {
    const RuleId jam = cut(a, b, RuleVerdict::Jam);
    send(connection, a, 9);
    run_until(seconds(1) + milliseconds(50));
    network.remove_rule(jam);
    run_until(seconds(1) + milliseconds(100));
    cut(a, b, RuleVerdict::Drop);
    send(connection, a, 1);
    run_until(seconds(1) + milliseconds(1600));
    EXPECT_EQ(drops_ms(), (Times{100, 300, 700, 1500}));
}

TEST_F(Faults, TheRuleThatWasAddedFirstDecides) {
    const RuleId drop = cut(a, b, RuleVerdict::Drop);
    cut(a, b, RuleVerdict::Reject);
    send(connection, a, 1);
    run_until(seconds(1) + milliseconds(100));
    EXPECT_EQ(drops_ms(), Times{0});
    EXPECT_THAT(notes, IsEmpty());
    network.remove_rule(drop);
    run_until(seconds(2));
    EXPECT_THAT(notes, ElementsAre("1200000 a reset #1 due to 0", "1200000 b reset #1 due to 0"));
}

TEST_F(Faults, RemovingARuleTwiceIsHarmless) {
    const RuleId rule = cut(a, b, RuleVerdict::Jam);
    const RuleId kept = cut(a, b, RuleVerdict::Drop);
    network.remove_rule(rule);
    network.remove_rule(rule);
    send(connection, a, 1);
    run_until(seconds(1) + milliseconds(10));
    EXPECT_EQ(drops_ms(), Times{0});
    network.remove_rule(kept);
}

// The kernel of a dead process's host keeps sending what the process had written.
TEST_F(Faults, WhatADeadProcessHadSentIntoACutStillArrivesThenItsEnd) {
    const RuleId rule = cut(a, b, RuleVerdict::Drop);
    send(connection, a, 1);
    run_until(seconds(1) + milliseconds(100));
    a.kill(EventNumber(4));
    run_until(seconds(1) + milliseconds(300));
    network.remove_rule(rule);
    run_until(seconds(5));
    EXPECT_THAT(notes, ElementsAre("1601000 b got 1", "1601000 b closed by peer #1 due to 4"));
}

TEST_F(Faults, BehindACutNobodyLearnsOfTheEndOfAProcess) {
    const RuleId rule = cut(a, b, RuleVerdict::Drop);
    b.kill(EventNumber(6));
    run_until(seconds(2));
    EXPECT_THAT(notes, IsEmpty());
    network.remove_rule(rule);
    run_until(seconds(10));
    EXPECT_THAT(notes, ElementsAre("2401000 a closed by peer #1 due to 6"));
}

}  // namespace
}  // namespace bsim::test
