// What links and rules do to packets, as connections and datagrams feel it.

#include <set>

#include "tests/unit/network/network_lab.h"

namespace bsim::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const ConstantDist kOneMs{milliseconds(1)};
constexpr Ratio kAlways{1, 1};

LinkSpec one_ms() {
    LinkSpec spec;
    spec.latency = kOneMs;
    return spec;
}

class Physics : public NetworkLab {
  protected:
    PacketRule between(const std::string& name, Disturbance what) {
        return {name, {Ways{{a.id()}, {b.id()}, true}}, std::move(what)};
    }
    void open() {
        connection = connected(a, b);
        run_until(seconds(1));
    }
    Station& a = add_station("a", one_ms());
    Station& b = add_station("b", one_ms());
    ConnectionId connection;
};

TEST_F(Physics, ALostFrameComesWithTheRetransmissionAndWhatFollowedItWaitsForIt) {
    open();
    const RuleId rule = network.add_rule(between("l", PacketLoss{IndependentLoss{kAlways}}));
    send(connection, a, 1);
    network.remove_rule(rule);
    run_until(seconds(1) + milliseconds(10));
    send(connection, a, 2);
    run_until(seconds(5));
    EXPECT_THAT(notes, ElementsAre("1201000 b got 1", "1201000 b got 2"));
    EXPECT_THAT(drops_of(1), ElementsAre("1000000 loss"));
    EXPECT_EQ(network.messages_dropped(), 1u);
}

TEST_F(Physics, AfterThreeLaterSegmentsItIsSentAgainAtOnce) {
    open();
    const RuleId rule = network.add_rule(between("l", PacketLoss{IndependentLoss{kAlways}}));
    send(connection, a, 1);
    network.remove_rule(rule);
    for (const std::int32_t number : {2, 3, 4}) {
        run_until(seconds(1) + milliseconds(10) * number);
        send(connection, a, number);
    }
    run_until(seconds(5));
    EXPECT_THAT(notes, ElementsAre("1043000 b got 1", "1043000 b got 2", "1043000 b got 3",
                                   "1043000 b got 4"))
        << "the third acknowledgement of the gap is there at 1042";
}

TEST_F(Physics, ALongMessageHasSegmentsEnoughToNoticeALossByItself) {
    open();
    network.add_rule(between("l", PacketLoss{IndependentLoss{Ratio{1, 20}}}));
    send_bytes(connection, a, 1, 200 * kSegmentBytes);
    run_until(seconds(60));
    ASSERT_THAT(notes, SizeIs(1));
    EXPECT_THAT(drops_of(1), testing::Not(IsEmpty()));
    EXPECT_GT(std::stoll(notes[0]), 1'001'000);
}

TEST_F(Physics, CorruptionIsLossByAnotherName) {
    open();
    const RuleId rule = network.add_rule(between("c", PacketCorruption{kAlways}));
    send(connection, a, 1);
    network.remove_rule(rule);
    run_until(seconds(5));
    EXPECT_THAT(notes, ElementsAre("1201000 b got 1"));
    EXPECT_THAT(drops_of(1), ElementsAre("1000000 corrupt"));
}

TEST_F(Physics, DuplicatesAreInvisibleOnAConnection) {
    open();
    network.add_rule(between("d", PacketDuplication{kAlways}));
    send(connection, a, 1);
    send(connection, a, 2);
    run_until(seconds(5));
    EXPECT_THAT(notes, ElementsAre("1001000 b got 1", "1001000 b got 2"));
}

TEST_F(Physics, AReorderedFrameComesLateAndHoldsBackTheNext) {
    open();
    const RuleId rule = network.add_rule(between("r", PacketReordering{kAlways}));
    send(connection, a, 1);
    network.remove_rule(rule);
    send(connection, a, 2);
    run_until(seconds(5));
    EXPECT_THAT(notes, ElementsAre("1002000 b got 1", "1002000 b got 2"));
}

TEST_F(Physics, ExtraLatencyAddsUpBothWaysAndEndsWithItsRule) {
    open();
    const RuleId rule =
        network.add_rule(between("s", ExtraLatency{ConstantDist{milliseconds(50)}}));
    network.add_rule(between("t", ExtraLatency{ConstantDist{milliseconds(3)}}));
    send(connection, a, 1);
    run_until(seconds(2));
    send(connection, b, 2);
    run_until(seconds(3));
    network.remove_rule(rule);
    send(connection, a, 3);
    run_until(seconds(4));
    EXPECT_THAT(notes, ElementsAre("1054000 b got 1", "2054000 a got 2", "3004000 b got 3"));
}

TEST_F(Physics, ARateLimitQueuesWhatIsSentOneWayOnly) {
    open();
    network.add_rule(between("b", RateLimit{8'000'000}));
    send_bytes(connection, a, 1, 10'000);  // 10 ms
    send_bytes(connection, a, 2, 5'000);
    send_bytes(connection, b, 3, 1'000);
    run_until(seconds(5));
    EXPECT_THAT(notes, ElementsAre("1002000 a got 3", "1011000 b got 1", "1016000 b got 2"));
}

TEST_F(Physics, TheCableOfAHostIsSharedByAllThatItSends) {
    LinkSpec narrow = one_ms();
    narrow.bits_per_second = 8'000'000;
    Station& c = add_station("c", narrow);
    const ConnectionId to_a = connected(c, a);
    const ConnectionId to_b = connected(c, b);
    run_until(seconds(1));
    send_bytes(to_a, c, 1, 10'000);
    send_bytes(to_b, c, 2, 10'000);
    run_until(seconds(5));
    EXPECT_THAT(notes, ElementsAre("1011000 a got 1", "1021000 b got 2"));
}

TEST_F(Physics, ALostSynIsRepeatedByItsSender) {
    const RuleId rule = network.add_rule(between("l", PacketLoss{IndependentLoss{kAlways}}));
    network.connect(a.id(), b.address());
    run_until(milliseconds(10));
    network.remove_rule(rule);
    run_until(seconds(5));
    EXPECT_THAT(notes, ElementsAre("1001000 b accepted #1", "1002000 a connected #1"));
}

TEST_F(Physics, ALostAnswerToASynIsAskedForAgainAndTheProcessIsToldOnce) {
    const RuleId rule = cut_one_way(b, a, RuleVerdict::Drop);
    network.connect(a.id(), b.address());
    run_until(milliseconds(10));
    EXPECT_THAT(take_notes(), ElementsAre("1000 b accepted #1"));
    network.remove_rule(rule);
    run_until(seconds(5));
    EXPECT_THAT(notes, ElementsAre("1002000 a connected #1"));
}

TEST_F(Physics, AnAnswerThatNeverComesThroughIsGivenUpByBothEnds) {
    cut_one_way(b, a, RuleVerdict::Drop);
    b.greeting = 5;
    network.connect(a.id(), b.address());
    run_until(seconds(500));
    EXPECT_THAT(notes, ElementsAre("1000 b accepted #1", "127000000 a timed out #1 due to 0",
                                   "127000000 b timed out #1 due to 0"));
}

TEST_F(Physics, AJammedAttemptGoesOnWhenTheRuleGoesWhicheverWayItWasJammed) {
    for (const bool there : {true, false}) {
        const SimDuration begin = scheduler.now() - SimTime();
        const RuleId rule =
            there ? cut_one_way(a, b, RuleVerdict::Jam) : cut_one_way(b, a, RuleVerdict::Jam);
        network.connect(a.id(), b.address());
        run_until(begin + milliseconds(2500));
        network.remove_rule(rule);
        run_until(begin + seconds(10));
        const auto lines = take_notes();
        ASSERT_THAT(lines, SizeIs(2)) << there;
        EXPECT_EQ(std::stoll(lines[1]), begin.ns() / 1000 + (there ? 2'502'000 : 2'501'000));
    }
}

TEST_F(Physics, ARejectOfTheAnswerRefusesTheAttempt) {
    cut_one_way(b, a, RuleVerdict::Reject);
    network.connect(a.id(), b.address());
    run_until(seconds(500));
    EXPECT_THAT(notes, ElementsAre("1000 a refused #1"));
}

TEST_F(Physics, JammedForTooLongItTimesOut) {
    open();
    cut(a, b, RuleVerdict::Jam);
    send(connection, a, 1);
    run_until(seconds(2000));
    EXPECT_THAT(notes, ElementsAre("925600000 a timed out #1 due to 0"));
}

TEST_F(Physics, ALinkThatGoesDownLosesUntilItIsUpAgain) {
    Station& c = add_station("c", one_ms());
    const ConnectionId to_c = connected(a, c);
    run_until(seconds(1));
    const LinkId line = topology.add_link(a.id(), c.id(), one_ms());
    topology.set_up(line, false);
    send(to_c, a, 1);  // through the switch
    run_until(seconds(2));
    EXPECT_THAT(take_notes(), ElementsAre("1001000 c got 1"));
}

TEST_F(Physics, WithoutARouteItIsSentAgainUntilThereIsOne) {
    open();
    Station& c = stations.emplace_back(*this, topology.add_host("c"));
    network.attach(c.id(), c, c.life());
    c.start();
    const LinkId back = topology.add_link(c.id(), a.id(), one_ms());
    const LinkId there = topology.add_link(a.id(), c.id(), one_ms());
    const ConnectionId to_c = connected(a, c);
    const SimDuration begin = scheduler.now() - SimTime();
    topology.set_up(there, false);
    send(to_c, a, 1);
    run_until(begin + milliseconds(300));
    EXPECT_THAT(drops_of(1), ElementsAre("1002000 no route", "1202000 no route"));
    topology.set_up(there, true);
    topology.set_up(back, false);
    run_until(seconds(10));
    EXPECT_THAT(notes, ElementsAre("1603000 c got 1"));
}

TEST_F(Physics, AResetStrikesTheConnectionsThatWereOpenedThatWay) {
    open();
    const ConnectionId other = connected(b, a);
    const SimDuration begin = scheduler.now() - SimTime();
    EXPECT_EQ(begin, milliseconds(1002));
    send(connection, a, 1);
    EXPECT_EQ(network.reset_connections(Ways{{a.id()}, {b.id()}, false}, EventNumber(9)), 1u);
    run_until(seconds(2));
    EXPECT_THAT(take_notes(),
                ElementsAre("1002000 a reset #1 due to 9", "1002000 b reset #1 due to 9"));
    EXPECT_THAT(drops_of(1), ElementsAre("1002000 reset"));
    send(other, b, 2);
    run_until(seconds(3));
    EXPECT_THAT(notes, ElementsAre("2001000 a got 2"));
    EXPECT_EQ(network.reset_connections(Ways{{a.id()}, {b.id()}, true}, EventNumber{}), 1u);
}

TEST_F(Physics, WhatAHostSendsToItselfIsSubjectToNoLink) {
    network.add_rule(
        PacketRule{"l", {Ways{{a.id()}, {a.id()}, true}}, PacketLoss{IndependentLoss{kAlways}}});
    cut(a, a, RuleVerdict::Drop);
    network.connect(a.id(), a.address());
    run_until(seconds(1));
    EXPECT_THAT(notes, ElementsAre("0 a accepted #1", "0 a connected #1"));
}

// A burst loses all in its bad state and nothing in its good one.
TEST_F(Physics, BurstsLoseNeighbours) {
    BurstLoss burst;
    burst.good_to_bad = {1, 50};
    burst.bad_to_good = {1, 10};
    network.add_rule(between("burst", PacketLoss{burst}));
    constexpr int kCount = 20'000;
    for (std::int32_t i = 0; i < kCount; ++i)
        send_datagram(a, b, i);
    run_until(seconds(1));
    std::set<std::int32_t> arrived;
    for (const std::string& note : notes)
        arrived.insert(std::stoi(note.substr(note.find("datagram ") + 9)));
    int lost = 0;
    int together = 0;
    for (std::int32_t i = 1; i < kCount; ++i) {
        lost += arrived.contains(i) ? 0 : 1;
        together += arrived.contains(i) || arrived.contains(i - 1) ? 0 : 1;
    }
    EXPECT_NEAR(lost, kCount / 6, kCount / 30) << "1/50 in, 1/10 out: a sixth of the time bad";
    EXPECT_GT(together * 10, lost * 8);
}

class Datagrams : public Physics {};

TEST_F(Datagrams, ArriveAfterOneWayAndOnlyWhereSomebodyListens) {
    send_datagram(a, b, 1);
    network.send_datagram(a.id(), b.deaf_address(), std::make_unique<Frame>());
    run_until(seconds(1));
    EXPECT_THAT(notes, ElementsAre("1000 b datagram 1 from a"));
    EXPECT_THAT(tapped, testing::Contains(testing::EndsWith("nobody listens")));
}

TEST_F(Datagrams, TakeWhatComesFromLinksAndCuts) {
    struct Case {
        Disturbance what;
        std::vector<std::string> heard;
        std::vector<std::string> dropped;
    };
    const std::vector<Case> cases{
        {PacketLoss{IndependentLoss{kAlways}}, {}, {"0 loss"}},
        {PacketCorruption{kAlways}, {}, {"0 corrupt"}},
        {PacketDuplication{kAlways}, {"1000 b datagram 1 from a", "2000 b datagram 1 from a"}, {}},
        {PacketReordering{kAlways}, {"2000 b datagram 1 from a"}, {}},
    };
    for (const Case& each : cases) {
        class Fresh : public Physics {
            void TestBody() override {}

          public:
            void run(const Case& what) {
                network.add_rule(between("x", what.what));
                send_datagram(a, b, 1);
                run_until(seconds(1));
                EXPECT_EQ(notes, what.heard);
                EXPECT_EQ(drops_of(1), what.dropped);
            }
        };
        Fresh().run(each);
    }
    cut(a, b, RuleVerdict::Drop);
    send_datagram(a, b, 1);
    run_until(seconds(100));
    EXPECT_THAT(notes, IsEmpty());
    EXPECT_THAT(drops_of(1), ElementsAre("0 partition"));
}

TEST_F(Datagrams, JammedOnesComeWhenTheRuleGoes) {
    const RuleId rule = cut(a, b, RuleVerdict::Jam);
    send_datagram(a, b, 1);
    send_datagram(a, b, 2);
    run_until(seconds(3));
    network.remove_rule(rule);
    run_until(seconds(4));
    EXPECT_THAT(notes, ElementsAre("3001000 b datagram 1 from a", "3001000 b datagram 2 from a"));
}

TEST_F(Datagrams, ALaterOneOvertakesAReorderedOne) {
    const RuleId rule = network.add_rule(between("r", PacketReordering{kAlways}));
    send_datagram(a, b, 1);
    network.remove_rule(rule);
    send_datagram(a, b, 2);
    run_until(seconds(1));
    EXPECT_THAT(notes, ElementsAre("1000 b datagram 2 from a", "2000 b datagram 1 from a"));
}

TEST_F(Datagrams, ToADarkHostAreLost) {
    send_datagram(a, b, 1);
    b.lose_power();
    run_until(seconds(1));
    EXPECT_THAT(drops_of(1), ElementsAre("1000 host down"));
}

}  // namespace
}  // namespace bsim::test
