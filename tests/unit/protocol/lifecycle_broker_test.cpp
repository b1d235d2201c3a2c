// A broker's registration, heartbeats and shutdown.

#include <gmock/gmock.h>
#include <utility>

#include <gtest/gtest.h>

#include "sim/protocol/lifecycle/broker_lifecycle.h"

namespace bsim::lifecycle {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using wire::ErrorCode;

constexpr Uuid kIncarnation{1, 2};
// The middle of the jitter.
constexpr std::uint64_t kNoJitter = 20'000;

SimTime at_ms(std::int64_t ms) {
    return SimTime{} + milliseconds(ms);
}
LifecycleEffect timer(std::int64_t ms) {
    return ArmTimer{at_ms(ms)};
}
LifecycleEffect state(BrokerState from, BrokerState to) {
    return StateChanged{from, to};
}

class BrokerLifecycleTest : public testing::Test {
  protected:
    LifecycleEffects step(const LifecycleInput& in) {
        LifecycleEffects out;
        lifecycle_.step({now_, draw_}, in, out);
        for (const LifecycleEffect& effect : out) {
            if (const auto* arm = std::get_if<ArmTimer>(&effect))
                armed_ = arm->at;
        }
        return out;
    }
    LifecycleEffects fire_timer() {
        now_ = *std::exchange(armed_, std::nullopt);
        return step(TimerFired{});
    }
    LifecycleEffects wait(std::int64_t ms) {
        now_ = now_ + milliseconds(ms);
        return step(TimerFired{});
    }
    LifecycleEffect heartbeat(bool want_fence, bool want_shut_down) const {
        return SendHeartbeat{BrokerEpoch(7), Offset(9), want_fence, want_shut_down, {}};
    }
    static LifecycleInput answer(bool caught_up, bool fenced, bool should_shut_down = false) {
        return HeartbeatAnswered{ErrorCode::None, caught_up, fenced, should_shut_down};
    }
    void start_and_register() {
        step(Started{kIncarnation, std::nullopt});
        step(MetadataApplied{Offset(9)});
        step(RegistrationAnswered{ErrorCode::None, BrokerEpoch(7)});
    }
    // Leaves no request under way; the next heartbeat is 2 s away.
    void run() {
        start_and_register();
        step(answer(true, true));
        step(ReadyToUnfence{});
        step(answer(true, false));
        ASSERT_EQ(lifecycle_.state(), BrokerState::Running);
    }

    BrokerLifecycle lifecycle_{LifecycleConfig{}};
    SimTime now_;
    std::optional<SimTime> armed_;
    std::uint64_t draw_ = kNoJitter;
};

TEST_F(BrokerLifecycleTest, RegistersThenCatchesUpThenIsUnfenced) {
    EXPECT_THAT(step(Started{kIncarnation, BrokerEpoch(3)}),
                ElementsAre(state(BrokerState::NotRunning, BrokerState::Starting),
                            SendRegistration{kIncarnation, BrokerEpoch(3)}, timer(60000)));
    // Nothing applied yet: the first heartbeat follows the registration at once.
    EXPECT_THAT(step(RegistrationAnswered{ErrorCode::None, BrokerEpoch(7)}),
                ElementsAre(SendHeartbeat{BrokerEpoch(7), std::nullopt, true, false, {}},
                            ArmTimer{std::nullopt}));
    EXPECT_EQ(lifecycle_.broker_epoch(), BrokerEpoch(7));
    // Not caught up: again in 10 ms.
    step(MetadataApplied{Offset(9)});
    EXPECT_THAT(step(answer(false, true)), ElementsAre(timer(10)));
    EXPECT_THAT(wait(10), ElementsAre(heartbeat(true, false)));
    EXPECT_THAT(
        step(answer(true, true)),
        ElementsAre(state(BrokerState::Starting, BrokerState::Recovery), CaughtUp{}, timer(20)));
    // While the logs load it beats at the usual pace, wanting to stay fenced.
    EXPECT_THAT(wait(10), ElementsAre(heartbeat(true, false)));
    EXPECT_THAT(step(answer(true, true)), ElementsAre(timer(2020)));
    EXPECT_THAT(step(ReadyToUnfence{}),
                ElementsAre(heartbeat(false, false), ArmTimer{std::nullopt}));
    EXPECT_THAT(
        step(answer(true, false)),
        ElementsAre(Unfenced{}, state(BrokerState::Recovery, BrokerState::Running), timer(2020)));
    EXPECT_THAT(wait(2000), ElementsAre(heartbeat(false, false)));
}

TEST_F(BrokerLifecycleTest, WhatIsUrgentWaitsForTheRequestUnderWay) {
    start_and_register();
    EXPECT_THAT(step(ReadyToUnfence{}), IsEmpty());
    EXPECT_THAT(step(answer(true, true)),
                ElementsAre(state(BrokerState::Starting, BrokerState::Recovery), CaughtUp{},
                            heartbeat(false, false)));
}

TEST_F(BrokerLifecycleTest, AFailureIsNeverFollowedAtOnce) {
    start_and_register();
    EXPECT_THAT(step(ReadyToUnfence{}), IsEmpty());
    EXPECT_THAT(step(HeartbeatAnswered{ErrorCode::StaleBrokerEpoch, false, true, false}),
                ElementsAre(timer(100)));
    EXPECT_THAT(wait(100), ElementsAre(heartbeat(false, false)));
}

TEST_F(BrokerLifecycleTest, FailuresBackOffExponentiallyUpToTheSessionTimeout) {
    step(Started{kIncarnation, std::nullopt});
    std::vector<std::int64_t> delays;
    for (int i = 0; i < 9; ++i) {
        const SimTime before = now_;
        if (i % 2 == 0) {
            step(RequestTimedOut{});
        } else {
            step(RegistrationAnswered{ErrorCode::UnknownServerError, {}});
        }
        fire_timer();
        delays.push_back((now_ - before).ms());
    }
    EXPECT_THAT(delays, ElementsAre(100, 200, 400, 800, 1600, 3200, 6400, 9000, 9000));
}

TEST_F(BrokerLifecycleTest, TheBackoffIsSpreadByTwoPercentAndCutToMilliseconds) {
    const ExponentialBackoff backoff{milliseconds(100), milliseconds(9000), 20};
    EXPECT_EQ(backoff.after(0, 0), milliseconds(98));
    EXPECT_EQ(backoff.after(0, 39'999), milliseconds(101));
    EXPECT_EQ(backoff.after(4, 39'999), milliseconds(1631));
    EXPECT_EQ(backoff.after(9, 39'999), milliseconds(9000));
    EXPECT_EQ(backoff.after(9, 0), milliseconds(8820));
}

TEST_F(BrokerLifecycleTest, NotBeingRegisteredInTimeEndsIt) {
    step(Started{kIncarnation, std::nullopt});
    step(RegistrationAnswered{ErrorCode::DuplicateBrokerRegistration, {}});
    EXPECT_THAT(wait(59'999),
                ElementsAre(SendRegistration{kIncarnation, std::nullopt}, timer(60000)));
    EXPECT_THAT(wait(1), ElementsAre(state(BrokerState::Starting, BrokerState::ShuttingDown),
                                     Shutdown{EndReason::NotRegistered}));
    EXPECT_THAT(step(RegistrationAnswered{ErrorCode::None, BrokerEpoch(7)}), IsEmpty());
}

TEST_F(BrokerLifecycleTest, ControlledShutdownWaitsForTheController) {
    run();
    EXPECT_THAT(step(ShutdownRequested{}),
                ElementsAre(state(BrokerState::Running, BrokerState::PendingControlledShutdown),
                            heartbeat(false, true), timer(300'000)));
    // The second time it asks a little sooner than usual.
    EXPECT_THAT(step(answer(true, false)), ElementsAre(timer(50)));
    EXPECT_THAT(wait(50), ElementsAre(heartbeat(false, true), timer(300'000)));
    EXPECT_THAT(step(answer(true, false)), ElementsAre(timer(2050)));
    wait(2000);
    EXPECT_THAT(
        step(answer(true, true, true)),
        ElementsAre(state(BrokerState::PendingControlledShutdown, BrokerState::ShuttingDown),
                    Shutdown{EndReason::Approved}, ArmTimer{std::nullopt}));
}

TEST_F(BrokerLifecycleTest, ControlledShutdownEndsAfterFiveMinutesWithoutTheController) {
    run();
    step(ShutdownRequested{});
    LifecycleEffects out;
    while (now_ < at_ms(300'000)) {
        step(RequestTimedOut{});
        out = fire_timer();
    }
    EXPECT_EQ(now_, at_ms(300'000));
    EXPECT_THAT(
        out, ElementsAre(state(BrokerState::PendingControlledShutdown, BrokerState::ShuttingDown),
                         Shutdown{EndReason::TimedOut}));
}

TEST_F(BrokerLifecycleTest, WhoIsNotRunningHasNothingToHandOver) {
    start_and_register();
    EXPECT_THAT(step(ShutdownRequested{}),
                ElementsAre(state(BrokerState::Starting, BrokerState::ShuttingDown),
                            Shutdown{EndReason::NotRunning}));
}

TEST_F(BrokerLifecycleTest, AFailedDirectoryIsReportedAtOnceAndOnlyOnceCounts) {
    run();
    const Uuid directory{0, 5};
    EXPECT_THAT(step(LogDirFailed{directory, milliseconds(30'000)}),
                ElementsAre(SendHeartbeat{BrokerEpoch(7), Offset(9), false, false, {directory}},
                            timer(30'000)));
    EXPECT_THAT(step(answer(true, false)), ElementsAre(timer(2000)));
    // It stays in the heartbeats.
    EXPECT_THAT(wait(2000),
                ElementsAre(SendHeartbeat{BrokerEpoch(7), Offset(9), false, false, {directory}}));
}

TEST_F(BrokerLifecycleTest, AFailedDirectoryThatNobodyHearsOfShutsTheBrokerDown) {
    run();
    step(LogDirFailed{Uuid{0, 5}, milliseconds(150)});
    EXPECT_THAT(step(RequestTimedOut{}), ElementsAre(timer(100)));
    wait(100);
    EXPECT_THAT(wait(50),
                ElementsAre(state(BrokerState::Running, BrokerState::PendingControlledShutdown),
                            timer(300'150)));
}

TEST_F(BrokerLifecycleTest, RegistersAnewWhenTheImageLacksIt) {
    run();
    EXPECT_THAT(step(ReregistrationRequested{}),
                ElementsAre(SendRegistration{kIncarnation, std::nullopt}, ArmTimer{std::nullopt}));
    // Registered once, it does not end when the answer takes long.
    EXPECT_THAT(step(RegistrationAnswered{ErrorCode::None, BrokerEpoch(8)}),
                ElementsAre(SendHeartbeat{BrokerEpoch(8), Offset(9), false, false, {}}));
}

}  // namespace
}  // namespace bsim::lifecycle
