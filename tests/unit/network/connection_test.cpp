// Connections on a whole network: opening, order, ends, and who hears of what.

#include "tests/unit/network/network_lab.h"

namespace bsim::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const ConstantDist kOneMs{milliseconds(1)};
const UniformDist kJitter{microseconds(1), milliseconds(10)};

class Connections : public NetworkLab {
  protected:
    Station& a = add_station("a", kOneMs);
    Station& b = add_station("b", ConstantDist{milliseconds(3)});
};

TEST_F(Connections, IsAcceptedAfterOneWayAndConnectedAfterBoth) {
    network.connect(a.id(), b.address());
    run_until(seconds(1));
    EXPECT_THAT(notes, ElementsAre("1000 b accepted #1", "4000 a connected #1"));
    EXPECT_THAT(tapped, ElementsAre("4000 a opened to b"));
}

TEST_F(Connections, EachHasANameOfItsOwn) {
    network.connect(a.id(), b.address());
    network.connect(a.id(), b.address());
    network.connect(b.id(), a.address());
    run_until(seconds(1));
    EXPECT_THAT(notes,
                ElementsAre("1000 b accepted #1", "1000 b accepted #2", "3000 a accepted #3",
                            "4000 a connected #1", "4000 a connected #2", "4000 b connected #3"));
}

TEST_F(Connections, AFrameTakesTheLatencyOfItsWay) {
    const ConnectionId connection = connected(a, b);
    send(connection, a, 1);
    send(connection, b, 2);
    run_until(seconds(1));
    EXPECT_THAT(notes, ElementsAre("5000 b got 1", "7000 a got 2"));
    EXPECT_THAT(tapped, ElementsAre("4000 a sent 1 to b", "4000 b sent 2 to a",
                                    "5000 b delivered 1 from a", "7000 a delivered 2 from b"));
    EXPECT_EQ(network.messages(), 2u);
    EXPECT_EQ(network.messages_dropped(), 0u);
}

TEST_F(Connections, ToADeadHostIsRefusedAfterARoundTrip) {
    b.kill();
    network.connect(a.id(), b.address());
    run_until(seconds(10));
    EXPECT_THAT(notes, ElementsAre("4000 a refused #1"));
    EXPECT_THAT(tapped, IsEmpty());
}

TEST_F(Connections, ToAProcessThatDoesNotListenIsRefusedUntilItDoes) {
    network.connect(a.id(), b.deaf_address());
    run_until(milliseconds(500));
    EXPECT_THAT(take_notes(), ElementsAre("4000 a refused #1"));
    network.listen(b.deaf_address());
    network.connect(a.id(), b.deaf_address());
    run_until(seconds(1));
    EXPECT_THAT(notes, ElementsAre("501000 b accepted #2", "504000 a connected #2"));
}

TEST_F(Connections, ToAHostThatStartedAgainButDoesNotListenYetIsRefused) {
    b.kill();
    b.life().start();
    network.connect(a.id(), b.address());
    run_until(seconds(1));
    EXPECT_THAT(notes, ElementsAre("4000 a refused #1"));
}

TEST_F(Connections, ClosingTellsThePeerOnceAndAfterWhatWasSent) {
    const ConnectionId connection = connected(a, b);
    send(connection, a, 1);
    send(connection, a, 2);
    network.close(end_at(connection, a), EventNumber(77));
    network.close(end_at(connection, a), EventNumber(78));
    run_until(seconds(1));
    EXPECT_THAT(notes,
                ElementsAre("5000 b got 1", "5000 b got 2", "5000 b closed by peer #1 due to 77"));
}

TEST_F(Connections, BothEndsAreTappedWhenTheyClose) {
    const ConnectionId connection = connected(a, b);
    network.close(end_at(connection, b), EventNumber{});
    run_until(seconds(1));
    EXPECT_THAT(tapped, ElementsAre("4000 b closed with a: closed",
                                    "7000 a closed with b: closed by peer"));
}

TEST_F(Connections, NothingIsSentOrHeardAfterClosing) {
    const ConnectionId connection = connected(a, b);
    send(connection, b, 1);
    network.close(end_at(connection, a), EventNumber{});
    send(connection, a, 2);
    run_until(seconds(1));
    EXPECT_THAT(notes, ElementsAre("5000 b closed by peer #1 due to 0"));
    EXPECT_EQ(network.messages(), 1u) << "what is sent on a closed end is no message";
    send(connection, a, 3);
    send(connection, b, 4);
    network.close(end_at(connection, b), EventNumber{});
    run_until(seconds(2));
    EXPECT_EQ(notes.size(), 1u);
    EXPECT_EQ(network.messages(), 1u);
}

TEST_F(Connections, AnAttemptGivenUpUnderWayIsNotAccepted) {
    const ConnectionId connection = network.connect(a.id(), b.address());
    run_until(microseconds(500));
    network.close(end_at(connection, a), EventNumber{});
    run_until(seconds(1));
    EXPECT_THAT(notes, IsEmpty());
}

TEST_F(Connections, AnAttemptGivenUpAfterItWasAcceptedEndsForTheAcceptor) {
    const ConnectionId connection = network.connect(a.id(), b.address());
    run_until(microseconds(1500));
    network.close(end_at(connection, a), EventNumber(5));
    run_until(seconds(1));
    EXPECT_THAT(notes, ElementsAre("1000 b accepted #1", "2500 b closed by peer #1 due to 5"));
}

class Jitter : public NetworkLab, public testing::WithParamInterface<std::uint64_t> {
  protected:
    Jitter() : NetworkLab(GetParam()) {}

    Station& a = add_station("a", kJitter);
    Station& b = add_station("b", kJitter);
};
INSTANTIATE_TEST_SUITE_P(Seeds, Jitter, testing::Range<std::uint64_t>(1, 21));

// Latency spreads over ten milliseconds and a frame leaves every tenth of one, so that nearly all
// would overtake another.
TEST_P(Jitter, FramesArriveInTheOrderOfSending) {
    const ConnectionId connection = connected(a, b);
    const SimDuration begin = scheduler.now() - SimTime();
    constexpr std::int32_t kFrames = 300;
    for (std::int32_t i = 0; i < kFrames; ++i) {
        send_at(begin + microseconds(100) * i, connection, a, i);
        send_at(begin + microseconds(100) * i, connection, b, 1000 + i);
    }
    run_until(seconds(10));
    std::vector<std::string> at_a;
    std::vector<std::string> at_b;
    int together = 0;
    std::string last_time;
    for (const std::string& line : notes) {
        const std::string time = line.substr(0, line.find(' '));
        std::string rest = line.substr(time.size() + 1);
        if (rest.front() == 'a') {
            at_a.push_back(std::move(rest));
            continue;
        }
        at_b.push_back(std::move(rest));
        together += time == last_time ? 1 : 0;
        last_time = time;
    }
    std::vector<std::string> expected_a;
    std::vector<std::string> expected_b;
    for (std::int32_t i = 0; i < kFrames; ++i) {
        expected_a.push_back("a got " + std::to_string(1000 + i));
        expected_b.push_back("b got " + std::to_string(i));
    }
    EXPECT_EQ(at_a, expected_a);
    EXPECT_EQ(at_b, expected_b);
    EXPECT_GT(together, kFrames / 4) << "frames that had to wait for an earlier one";
}

TEST_P(Jitter, TheEndComesAfterAllThatWasSent) {
    const ConnectionId connection = connected(a, b);
    for (std::int32_t i = 0; i < 20; ++i)
        send(connection, a, i);
    a.kill();
    run_until(seconds(10));
    ASSERT_EQ(notes.size(), 21u);
    EXPECT_THAT(notes[19], testing::HasSubstr("b got 19"));
    EXPECT_THAT(notes[20], testing::HasSubstr("b closed by peer"));
}

TEST_P(Jitter, TheConnectorKnowsThatItIsConnectedBeforeItHearsAnything) {
    b.greeting = 5;
    for (int i = 0; i < 5; ++i) {
        network.connect(a.id(), b.address());
        run_until(scheduler.now() - SimTime() + seconds(1));
        const auto lines = take_notes();
        ASSERT_EQ(lines.size(), 3u);
        EXPECT_THAT(lines[1], testing::HasSubstr("a connected"));
        EXPECT_THAT(lines[2], testing::HasSubstr("a got 5"));
    }
}

class Seeded : public NetworkLab {
  public:
    explicit Seeded(std::uint64_t seed) : NetworkLab(seed) {}
    std::vector<std::string> story(bool with_bystander) {
        Station& a = add_station("a", kJitter);
        Station& b = add_station("b", kJitter);
        Station& c = add_station("c", kJitter);
        const ConnectionId connection = connected(a, b);
        if (with_bystander)
            network.connect(c.id(), b.address());
        for (std::int32_t i = 0; i < 10; ++i)
            send(connection, a, i);
        run_until(seconds(1));
        std::erase_if(notes, [](const std::string& n) { return n.find("got") == n.npos; });
        return notes;
    }
    void TestBody() override {}
};

TEST(NetworkSeed, DecidesTheLatencies) {
    const auto once = Seeded(1).story(false);
    ASSERT_EQ(once.size(), 10u);
    EXPECT_EQ(Seeded(1).story(false), once);
    EXPECT_NE(Seeded(2).story(false), once);
}

TEST(NetworkSeed, TrafficOnAnotherWayDrawsFromAnotherStream) {
    EXPECT_EQ(Seeded(1).story(true), Seeded(1).story(false));
}

}  // namespace
}  // namespace bsim::test
