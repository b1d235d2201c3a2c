// The admin client: whom it asks, and when it tries again.

#include "sim/protocol/admin/admin_client.h"

#include <gmock/gmock.h>
#include <utility>

#include <gtest/gtest.h>

namespace bsim::admin {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr CallId kCreate{1};
constexpr CallId kElect{2};
constexpr BrokerId kOne{1};
constexpr BrokerId kTwo{2};
constexpr BrokerId kThree{3};
// The middle of the jitter, and the first of the nodes.
constexpr std::uint64_t kDraw = 200'001;

AdminEffect call_to(BrokerId broker, CallId call, std::int64_t timeout_ms) {
    return SendCall{broker, call, milliseconds(timeout_ms)};
}
AdminEffect metadata_from(BrokerId broker) {
    return SendMetadataRequest{broker};
}

class AdminClientTest : public testing::Test {
  protected:
    // Without the timers, which go to armed_.
    AdminEffects step(const AdminInput& in) {
        AdminEffects out;
        client_.step({now_, draw_}, in, out);
        std::erase_if(out, [this](const AdminEffect& effect) {
            const auto* arm = std::get_if<ArmTimer>(&effect);
            if (arm != nullptr)
                armed_ = arm->at;
            return arm != nullptr;
        });
        return out;
    }
    AdminEffects fire_timer() {
        now_ = *std::exchange(armed_, std::nullopt);
        return step(TimerFired{});
    }
    std::int64_t now_ms() const { return now_.ns() / 1'000'000; }

    AdminClient client_{AdminConfig{{kOne, kTwo, kThree}}};
    SimTime now_;
    std::optional<SimTime> armed_;
    std::uint64_t draw_ = kDraw;
};

TEST_F(AdminClientTest, AsksForMetadataFirstAndThenItsController) {
    EXPECT_THAT(step(CallSubmitted{kCreate}), ElementsAre(metadata_from(kOne)));
    EXPECT_THAT(step(MetadataAnswered{{kOne, kTwo}, kTwo}),
                ElementsAre(call_to(kTwo, kCreate, 30'000)));
    EXPECT_THAT(step(CallAnswered{kCreate, false}), ElementsAre(CompleteCall{kCreate}));
    EXPECT_EQ(armed_, std::nullopt);
    // Known now.
    EXPECT_THAT(step(CallSubmitted{kElect}), ElementsAre(call_to(kTwo, kElect, 30'000)));
}

TEST_F(AdminClientTest, OneCallAtATimeGoesToABroker) {
    step(CallSubmitted{kCreate});
    step(CallSubmitted{kElect});
    EXPECT_THAT(step(MetadataAnswered{{kOne}, kOne}), ElementsAre(call_to(kOne, kCreate, 30'000)));
    EXPECT_THAT(step(CallAnswered{kCreate, false}),
                ElementsAre(CompleteCall{kCreate}, call_to(kOne, kElect, 30'000)));
}

TEST_F(AdminClientTest, ABootstrapBrokerThatIsDownCostsNoTime) {
    step(CallSubmitted{kCreate});
    EXPECT_THAT(step(Disconnected{kOne, true}), ElementsAre(metadata_from(kTwo)));
    EXPECT_THAT(step(Disconnected{kTwo, true}), ElementsAre(metadata_from(kThree)));
    EXPECT_THAT(step(Disconnected{kThree, true}), IsEmpty());
    // Until one of them may be tried again.
    AdminEffects out;
    while (out.empty() && now_ms() < 1000)
        out = fire_timer();
    EXPECT_THAT(out, ElementsAre(metadata_from(kOne)));
    EXPECT_LE(now_ms(), 100);
}

TEST_F(AdminClientTest, AnEmptyClusterIsAskedAgainEvery100Ms) {
    step(CallSubmitted{kCreate});
    EXPECT_THAT(step(MetadataAnswered{{}, std::nullopt}), IsEmpty());
    EXPECT_THAT(fire_timer(), ElementsAre(metadata_from(kOne)));
    EXPECT_EQ(now_ms(), 100);
    EXPECT_THAT(step(MetadataAnswered{{kThree}, kThree}),
                ElementsAre(call_to(kThree, kCreate, 30'000)));
}

TEST_F(AdminClientTest, ABrokenConnectionCostsATryAndABackoff) {
    step(CallSubmitted{kCreate});
    step(MetadataAnswered{{kOne, kTwo}, kOne});
    now_ = now_ + milliseconds(500);
    // Whoever is left is asked for news at once; the call waits for its backoff.
    EXPECT_THAT(step(Disconnected{kOne, false}), ElementsAre(metadata_from(kTwo)));
    EXPECT_THAT(step(MetadataAnswered{{kTwo}, kTwo}), IsEmpty());
    EXPECT_THAT(fire_timer(), ElementsAre(call_to(kTwo, kCreate, 30'000)));
    EXPECT_EQ(now_ms(), 600);
}

TEST_F(AdminClientTest, ACallThatCouldNotBeSentFollowsTheNewMetadata) {
    step(CallSubmitted{kCreate});
    step(MetadataAnswered{{kOne, kTwo}, kTwo});
    now_ = now_ + milliseconds(500);
    EXPECT_THAT(step(Disconnected{kTwo, true}), ElementsAre(metadata_from(kOne)));
    EXPECT_THAT(step(MetadataAnswered{{kOne}, kOne}), ElementsAre(call_to(kOne, kCreate, 30'000)));
}

TEST_F(AdminClientTest, NotControllerAsksWhoIs) {
    step(CallSubmitted{kCreate});
    step(MetadataAnswered{{kOne, kTwo}, kOne});
    now_ = now_ + milliseconds(500);
    EXPECT_THAT(step(CallAnswered{kCreate, true}), ElementsAre(metadata_from(kOne)));
    EXPECT_THAT(step(MetadataAnswered{{kOne, kTwo}, kTwo}), IsEmpty());
    EXPECT_THAT(fire_timer(), ElementsAre(call_to(kTwo, kCreate, 30'000)));
}

TEST_F(AdminClientTest, ASilentBrokerIsLeftAfterTheRequestTimeout) {
    step(CallSubmitted{kCreate});
    step(MetadataAnswered{{kOne, kTwo}, kOne});
    const AdminEffects out = fire_timer();
    EXPECT_EQ(now_ms(), 30'000);
    EXPECT_THAT(out, ElementsAre(CloseConnection{kOne}, metadata_from(kTwo)));
    step(MetadataAnswered{{kOne, kTwo}, kTwo});
    // The second attempt gets what is left of the minute.
    const AdminEffects again = fire_timer();
    EXPECT_THAT(again, ElementsAre(call_to(kTwo, kCreate, 60'000 - now_ms())));
    EXPECT_THAT(fire_timer(), Contains(FailCall{kCreate}));
    EXPECT_EQ(now_ms(), 60'000);
}

TEST_F(AdminClientTest, ACallFailsAfterAMinuteWithoutACluster) {
    step(CallSubmitted{kCreate});
    AdminEffects out;
    while (now_ms() < 60'000) {
        for (const BrokerId broker : {kOne, kTwo, kThree})
            step(Disconnected{broker, true});
        ASSERT_TRUE(armed_.has_value());
        out = fire_timer();
    }
    EXPECT_EQ(now_ms(), 60'000);
    EXPECT_THAT(out, Contains(FailCall{kCreate}));
}

TEST_F(AdminClientTest, ACallForABrokerWaitsUntilTheMetadataListsIt) {
    step(CallSubmitted{kCreate, kThree});
    EXPECT_THAT(step(MetadataAnswered{{kOne, kTwo}, kOne}), IsEmpty());
    EXPECT_THAT(fire_timer(), ElementsAre(metadata_from(kOne)));
    EXPECT_EQ(now_ms(), 100);
    EXPECT_THAT(step(MetadataAnswered{{kOne, kThree}, kOne}),
                ElementsAre(call_to(kThree, kCreate, 30'000)));
}

TEST_F(AdminClientTest, ACallForAnybodyGoesToSomebodyIdle) {
    step(CallSubmitted{kCreate});
    step(MetadataAnswered{{kOne, kTwo}, kOne});
    // The first is busy with the other call.
    EXPECT_THAT(step(CallSubmitted{kElect, ToAnyBroker{}}),
                ElementsAre(call_to(kTwo, kElect, 30'000)));
    EXPECT_THAT(step(CallAnswered{kElect, false}), ElementsAre(CompleteCall{kElect}));
}

TEST_F(AdminClientTest, ACallForAnybodyWaitsWhileAllAreBusy) {
    step(CallSubmitted{kCreate});
    step(MetadataAnswered{{kOne}, kOne});
    EXPECT_THAT(step(CallSubmitted{kElect, ToAnyBroker{}}), IsEmpty());
    EXPECT_THAT(step(CallAnswered{kCreate, false}),
                ElementsAre(CompleteCall{kCreate}, call_to(kOne, kElect, 30'000)));
}

TEST_F(AdminClientTest, OldMetadataIsRenewedBeforeItIsUsed) {
    step(CallSubmitted{kCreate});
    step(MetadataAnswered{{kOne, kTwo}, kTwo});
    step(CallAnswered{kCreate, false});
    now_ = now_ + seconds(300);
    const AdminEffects out = step(CallSubmitted{kElect});
    ASSERT_EQ(out.size(), 1U);
    EXPECT_TRUE(std::holds_alternative<SendMetadataRequest>(out.front()));
}

}  // namespace
}  // namespace bsim::admin
