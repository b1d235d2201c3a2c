// Hosts that go dark: half-open connections, retransmission until somebody gives up or answers.

#include "tests/unit/network/network_lab.h"

namespace bsim::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class PowerLoss : public NetworkLab {
  protected:
    PowerLoss() {
        connection = connected(a, b);
        run_until(seconds(1));
    }
    Station& a = add_station("a", ConstantDist{milliseconds(1)});
    Station& b = add_station("b", ConstantDist{milliseconds(1)});
    ConnectionId connection;
};

TEST_F(PowerLoss, ThePeerHearsNothingAndItsIdleConnectionStays) {
    b.lose_power();
    run_until(seconds(5000));
    EXPECT_THAT(notes, IsEmpty());
    EXPECT_THAT(tapped, ElementsAre("1000000 b closed with a: power lost"));
}

TEST_F(PowerLoss, WhatIsSentToADarkHostIsSentAgainUntilTheSenderGivesUp) {
    b.lose_power();
    send(connection, a, 1);
    run_until(seconds(1) + milliseconds(1500));
    EXPECT_THAT(drops_of(1), ElementsAre("1001000 host down", "1201000 host down",
                                         "1601000 host down", "2401000 host down"));
    run_until(seconds(900));
    EXPECT_THAT(notes, IsEmpty());
    run_until(seconds(1200));
    ASSERT_EQ(notes.size(), 1u);
    EXPECT_THAT(notes[0], testing::EndsWith("a timed out #1 due to 0"));
    const std::int64_t after_ms = std::stoll(notes[0]) / 1000 - 1000;
    EXPECT_GE(after_ms, 924'600);
    EXPECT_LE(after_ms, 924'600 + 120'000) << "within one retransmission timeout";
    EXPECT_THAT(drops_of(1).back(), testing::EndsWith("timed out"));
}

TEST_F(PowerLoss, AHostThatIsBackAnswersWithAReset) {
    b.lose_power();
    send(connection, a, 1);
    run_until(seconds(1) + milliseconds(300));
    b.start();
    run_until(seconds(5));
    EXPECT_THAT(notes, ElementsAre("1602000 a reset #1 due to 0"))
        << "sent again at 1600, there at 1601";
    EXPECT_THAT(drops_of(1).back(), testing::EndsWith(" reset"));
    take_notes();
    const ConnectionId fresh = connected(a, b);
    send(fresh, a, 2);
    run_until(seconds(6));
    EXPECT_THAT(notes, ElementsAre("5003000 b got 2"));
}

TEST_F(PowerLoss, AResetThatIsLostIsProvokedAgain) {
    b.lose_power();
    b.start();
    const RuleId rule = cut_one_way(b, a, RuleVerdict::Drop);
    send(connection, a, 1);
    run_until(seconds(1) + milliseconds(300));
    EXPECT_THAT(notes, IsEmpty());
    network.remove_rule(rule);
    run_until(seconds(5));
    EXPECT_THAT(notes, ElementsAre("1602000 a reset #1 due to 0"));
}

TEST_F(PowerLoss, WhatHadLeftTheHostArrivesAndWhatHadNotIsGone) {
    send(connection, b, 1);
    cut(a, b, RuleVerdict::Drop);
    send(connection, b, 2);
    b.lose_power();
    run_until(seconds(100));
    EXPECT_THAT(notes, ElementsAre("1001000 a got 1"));
    EXPECT_THAT(drops_of(2), ElementsAre("1000000 partition", "1000000 power lost"));
}

TEST_F(PowerLoss, AConnectionAttemptToADarkHostGoesUnansweredUntilItIsBack) {
    b.lose_power();
    network.connect(a.id(), b.address());
    run_until(seconds(4) + milliseconds(500));
    EXPECT_THAT(notes, IsEmpty());
    b.start();
    run_until(seconds(20));
    EXPECT_THAT(notes, ElementsAre("8001000 b accepted #2", "8002000 a connected #2"))
        << "by the SYN that is sent 7 s after the first";
}

TEST_F(PowerLoss, AnAttemptToAHostThatStaysDarkIsGivenUpAfter127Seconds) {
    b.lose_power();
    network.connect(a.id(), b.address());
    run_until(seconds(500));
    EXPECT_THAT(notes, ElementsAre("128000000 a timed out #2 due to 0"));
}

TEST_F(PowerLoss, OfBothEndsLeavesNothingBehind) {
    send(connection, a, 1);
    send(connection, b, 2);
    a.lose_power();
    b.lose_power();
    a.start();
    b.start();
    run_until(seconds(2000));
    EXPECT_THAT(notes, IsEmpty());
    EXPECT_THAT(drops_of(1), ElementsAre("1000000 power lost"));
}

TEST_F(PowerLoss, AClosedEndIsNotWaitedForByTheRebootedHost) {
    b.lose_power();
    b.start();
    network.close(end_at(connection, a), EventNumber{});
    run_until(seconds(5));
    EXPECT_THAT(notes, IsEmpty()) << "who closes hears no reset";
}

TEST_F(PowerLoss, TheAttemptOfADeadHostDiesWithIt) {
    network.connect(a.id(), b.address());
    run_until(seconds(1) + microseconds(500));
    a.lose_power();
    run_until(seconds(300));
    EXPECT_THAT(notes, IsEmpty()) << "no longer there when the SYN arrives";
}

TEST_F(PowerLoss, WhoGaveUpAnswersTheOtherEndWithAReset) {
    const RuleId rule = cut_one_way(a, b, RuleVerdict::Drop);
    send(connection, a, 1);
    run_until(seconds(1200));
    ASSERT_THAT(take_notes(), ElementsAre(testing::EndsWith("a timed out #1 due to 0")));
    network.remove_rule(rule);
    send(connection, b, 2);
    run_until(seconds(1201));
    EXPECT_THAT(notes, ElementsAre("1200002000 b reset #1 due to 0"));
}

}  // namespace
}  // namespace bsim::test
