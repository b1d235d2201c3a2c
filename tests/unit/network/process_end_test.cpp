// What connections do when the process at one end dies, starts again, or is paused.

#include "tests/unit/network/network_lab.h"

namespace bsim::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class ProcessEnd : public NetworkLab {
  protected:
    Station& a = add_station("a", ConstantDist{milliseconds(1)});
    Station& b = add_station("b", ConstantDist{milliseconds(1)});
    Station& c = add_station("c", ConstantDist{milliseconds(1)});
};

TEST_F(ProcessEnd, PeersSeeAllOfItsConnectionsCloseWithTheCauseOfItsEnd) {
    const ConnectionId opened_by_a = connected(a, b);
    const ConnectionId accepted_by_a = connected(c, a);
    const ConnectionId of_others = connected(b, c);
    run_until(milliseconds(10));
    a.kill(EventNumber(9));
    run_until(seconds(1));
    EXPECT_EQ(opened_by_a, ConnectionId(2));
    EXPECT_EQ(accepted_by_a, ConnectionId(4));
    EXPECT_THAT(take_notes(), ElementsAre("11000 b closed by peer #1 due to 9",
                                          "11000 c closed by peer #2 due to 9"));
    send(of_others, b, 1);
    run_until(seconds(2));
    EXPECT_THAT(notes, ElementsAre("1001000 c got 1"));
}

TEST_F(ProcessEnd, WhatIsUnderWayToItIsLost) {
    const ConnectionId connection = connected(a, b);
    send(connection, a, 1);
    b.kill();
    run_until(seconds(1));
    EXPECT_THAT(notes, ElementsAre("3000 a closed by peer #1 due to 0"));
}

TEST_F(ProcessEnd, ANewLifeHearsNothingOfConnectionsOfTheOldOne) {
    const ConnectionId connection = connected(a, b);
    send(connection, a, 1);
    b.kill();
    b.start();
    send(connection, b, 2);
    run_until(seconds(1));
    EXPECT_THAT(notes, ElementsAre("3000 a closed by peer #1 due to 0"));
}

TEST_F(ProcessEnd, ANewLifeIsNotTheOneThatAskedForAConnection) {
    network.connect(a.id(), b.address());
    run_until(microseconds(500));
    a.kill();
    a.start();
    run_until(seconds(1));
    EXPECT_THAT(notes, IsEmpty());
}

TEST_F(ProcessEnd, ANewLifeIsNotToldThatAnAttemptOfTheOldOneWasRefused) {
    network.connect(a.id(), b.deaf_address());
    run_until(microseconds(1500));
    a.kill();
    a.start();
    run_until(seconds(1));
    EXPECT_THAT(notes, IsEmpty());
}

TEST_F(ProcessEnd, ANewLifeIsNotToldOfAResetOfTheOldOne) {
    const ConnectionId connection = connected(a, b);
    cut(a, b, RuleVerdict::Reject);
    send(connection, a, 1);  // the reset is told by an event that follows
    a.kill();
    a.start();
    run_until(seconds(1));
    EXPECT_THAT(notes, ElementsAre("2000 b reset #1 due to 0"));
}

// The life changes without a word to the network: whatever was meant for the older incarnation is
// dropped by the lifeline itself.
TEST_F(ProcessEnd, FramesForAnOlderIncarnationAreDropped) {
    const ConnectionId old = connected(a, b);
    send(old, a, 1);
    b.life().stop();
    b.life().start();
    run_until(milliseconds(100));
    EXPECT_THAT(take_notes(), IsEmpty());
    const ConnectionId fresh = connected(a, b);
    send(fresh, a, 2);
    run_until(milliseconds(200));
    EXPECT_THAT(notes, ElementsAre("103000 b got 2"));
}

TEST_F(ProcessEnd, TheNewLifeIsReachedByANewConnection) {
    connected(a, b);
    b.kill();
    run_until(milliseconds(100));
    b.start();
    take_notes();
    const ConnectionId connection = connected(a, b);
    send(connection, b, 1);
    run_until(seconds(1));
    EXPECT_THAT(notes, ElementsAre("103000 a got 1"));
}

TEST_F(ProcessEnd, APausedProcessIsConnectedToByItsKernelAndHearsOfItOnResuming) {
    b.life().pause();
    const ConnectionId connection = network.connect(a.id(), b.address());
    run_until(milliseconds(10));
    EXPECT_THAT(take_notes(), ElementsAre("2000 a connected #1"));
    send(connection, a, 1);
    send(connection, a, 2);
    network.close(end_at(connection, a), EventNumber{});
    run_until(milliseconds(50));
    EXPECT_THAT(take_notes(), IsEmpty());
    b.resume();
    EXPECT_THAT(notes, ElementsAre("50000 b accepted #1", "50000 b got 1", "50000 b got 2",
                                   "50000 b closed by peer #1 due to 0"));
}

TEST_F(ProcessEnd, KilledWhilePausedItNeverHearsWhatWaited) {
    const ConnectionId connection = connected(a, b);
    b.life().pause();
    send(connection, a, 1);
    run_until(milliseconds(50));
    b.kill(EventNumber(3));
    b.start();
    b.resume();
    run_until(seconds(1));
    EXPECT_THAT(notes, ElementsAre("51000 a closed by peer #1 due to 3"));
}

}  // namespace
}  // namespace bsim::test
