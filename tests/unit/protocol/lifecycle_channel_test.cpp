// A broker's channel to the active controller.

#include <gmock/gmock.h>

#include <gtest/gtest.h>

#include "sim/protocol/lifecycle/controller_channel.h"

namespace bsim::lifecycle {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr BrokerId kOld{100};
constexpr BrokerId kNew{101};
constexpr ChannelRequestId kFirst{1};
constexpr ChannelRequestId kSecond{2};

SimTime at_ms(std::int64_t ms) {
    return SimTime{} + milliseconds(ms);
}
ChannelEffect timer(std::int64_t ms) {
    return ArmChannelTimer{at_ms(ms)};
}
ChannelEffect no_timer() {
    return ArmChannelTimer{std::nullopt};
}
ChannelEffect send(BrokerId to, ChannelRequestId request) {
    return SendToController{to, request};
}

class ControllerChannelTest : public testing::Test {
  protected:
    ChannelEffects step(const ChannelInput& in) {
        ChannelEffects out;
        channel_.step({now_, leader_}, in, out);
        return out;
    }
    ChannelEffects wait(std::int64_t ms) {
        now_ = now_ + milliseconds(ms);
        return step(ChannelTimerFired{});
    }

    // As the heartbeats have it: half the session timeout.
    ControllerChannel channel_{ChannelConfig{milliseconds(4500)}};
    SimTime now_;
    std::optional<BrokerId> leader_ = kOld;
};

TEST_F(ControllerChannelTest, SendsOneRequestAtATimeInOrder) {
    step(ChannelStarted{});
    EXPECT_THAT(step(RequestQueued{kFirst}), ElementsAre(send(kOld, kFirst), timer(4500)));
    EXPECT_THAT(step(RequestQueued{kSecond}), IsEmpty());
    EXPECT_THAT(step(RequestAnswered{kFirst, false}),
                ElementsAre(CompleteRequest{kFirst}, send(kOld, kSecond)));
    EXPECT_THAT(step(RequestAnswered{kSecond, false}),
                ElementsAre(CompleteRequest{kSecond}, no_timer()));
}

TEST_F(ControllerChannelTest, LooksForTheLeaderEvery100MsFromItsStartOn) {
    leader_.reset();
    EXPECT_THAT(step(ChannelStarted{}), ElementsAre(timer(100)));
    EXPECT_THAT(wait(100), ElementsAre(timer(200)));
    leader_ = kOld;
    now_ = at_ms(130);
    // Known by now, but not noticed before it looks again.
    EXPECT_THAT(step(RequestQueued{kFirst}), IsEmpty());
    EXPECT_THAT(wait(70), ElementsAre(send(kOld, kFirst), timer(4700)));
}

TEST_F(ControllerChannelTest, KeepsToItsControllerUntilThatSaysNo) {
    step(ChannelStarted{});
    leader_ = kNew;
    EXPECT_THAT(step(RequestQueued{kFirst}), ElementsAre(send(kOld, kFirst), timer(4500)));
    EXPECT_THAT(step(RequestQueued{kSecond}), IsEmpty());
    // The refused request goes first again.
    EXPECT_THAT(step(RequestAnswered{kFirst, true}),
                ElementsAre(CloseConnection{kOld}, send(kNew, kFirst)));
    EXPECT_EQ(channel_.controller(), kNew);
}

TEST_F(ControllerChannelTest, ABrokenConnectionToTheSameControllerIsMadeAgainAfter50Ms) {
    step(ChannelStarted{});
    step(RequestQueued{kFirst});
    now_ = at_ms(1000);
    EXPECT_THAT(step(Disconnected{kOld}), ElementsAre(timer(1050)));
    EXPECT_THAT(wait(50), ElementsAre(send(kOld, kFirst), timer(5550)));
    leader_ = kNew;
    EXPECT_THAT(step(Disconnected{kOld}), ElementsAre(send(kNew, kFirst)));
}

TEST_F(ControllerChannelTest, AConnectionThatBreaksWhileIdleCostsNothingButTheBackoff) {
    step(ChannelStarted{});
    EXPECT_THAT(step(Disconnected{kOld}), IsEmpty());
    now_ = at_ms(20);
    EXPECT_THAT(step(RequestQueued{kFirst}), ElementsAre(timer(50)));
    EXPECT_THAT(wait(30), ElementsAre(send(kOld, kFirst), timer(4550)));
}

TEST_F(ControllerChannelTest, ASilentControllerCostsTheRequest) {
    step(ChannelStarted{});
    step(RequestQueued{kFirst});
    now_ = at_ms(1000);
    step(RequestQueued{kSecond});
    // The request timeout equals the retry timeout here: the first is too old to be sent again, the
    // second waits for the connection.
    now_ = at_ms(3500);
    EXPECT_THAT(wait(1000), ElementsAre(CloseConnection{kOld}, ExpireRequest{kFirst}, timer(4550)));
    EXPECT_THAT(wait(50), ElementsAre(send(kOld, kSecond), timer(9050)));
}

TEST_F(ControllerChannelTest, WithoutALeaderRequestsGrowOldAndAreGivenUp) {
    leader_.reset();
    step(ChannelStarted{});
    now_ = at_ms(50);
    step(RequestQueued{kFirst});
    now_ = at_ms(0);
    for (int look = 1; look <= 45; ++look) {
        EXPECT_THAT(wait(100), ElementsAre(timer(100 * look + 100)));
    }
    // 4500 ms old at 4550, noticed at the next look.
    EXPECT_THAT(wait(100), ElementsAre(ExpireRequest{kFirst}, timer(4700)));
}

TEST_F(ControllerChannelTest, AChannelWithoutARetryTimeoutTriesForever) {
    ControllerChannel channel{ChannelConfig{std::nullopt}};
    ChannelEffects out;
    channel.step({now_, leader_}, ChannelStarted{}, out);
    channel.step({now_, leader_}, RequestQueued{kFirst}, out);
    for (int i = 0; i < 100; ++i) {
        out.clear();
        now_ = now_ + seconds(30);
        channel.step({now_, leader_}, ChannelTimerFired{}, out);
        ASSERT_EQ(out.front(), ChannelEffect{CloseConnection{kOld}}) << i;
        now_ = now_ + milliseconds(50);
        out.clear();
        channel.step({now_, leader_}, ChannelTimerFired{}, out);
        ASSERT_EQ(out.front(), send(kOld, kFirst)) << i;
    }
}

TEST_F(ControllerChannelTest, AnAnswerToNothingIsIgnored) {
    step(ChannelStarted{});
    EXPECT_THAT(step(RequestAnswered{kFirst, false}), IsEmpty());
    step(RequestQueued{kFirst});
    EXPECT_THAT(step(RequestAnswered{kSecond, true}), IsEmpty());
}

}  // namespace
}  // namespace bsim::lifecycle
