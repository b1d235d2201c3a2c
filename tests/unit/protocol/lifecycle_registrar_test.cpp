// How a controller gets its registration into the metadata log.

#include <gtest/gtest.h>

#include "sim/protocol/lifecycle/controller_registrar.h"

namespace bsim::lifecycle {
namespace {

constexpr Uuid kOwn{1, 1};
constexpr Uuid kFormerLife{1, 2};
constexpr std::uint64_t kNoJitter = 2'000 * 20 / 2;  // the middle of the spread

class Registrar : public testing::Test {
  protected:
    RegistrarEffects step(const RegistrarInput& input) {
        RegistrarEffects out;
        registrar.step({now, kNoJitter}, input, out);
        return out;
    }
    const RegistrarEffects asks{SendControllerRegistration{}};

    SimTime now = SimTime(0);
    ControllerRegistrar registrar{kOwn};
};

TEST_F(Registrar, AsksOnceTheMetadataVersionAllowsIt) {
    EXPECT_TRUE(step(MetadataPublished{false, std::nullopt}).empty());
    EXPECT_EQ(step(MetadataPublished{true, std::nullopt}), asks);
    EXPECT_TRUE(step(MetadataPublished{true, std::nullopt}).empty()) << "one is under way";
}

TEST_F(Registrar, IsContentOnlyWithThisLifesIncarnationInTheLog) {
    EXPECT_EQ(step(MetadataPublished{true, kFormerLife}), asks);
    EXPECT_TRUE(step(RegistrarAnswered{}).empty());
    EXPECT_FALSE(registrar.registered());
    EXPECT_TRUE(step(MetadataPublished{true, kOwn}).empty());
    EXPECT_TRUE(registrar.registered());
}

TEST_F(Registrar, AsksAnewWhenAnotherIncarnationTakesItsPlace) {
    step(MetadataPublished{true, kOwn});
    EXPECT_EQ(step(MetadataPublished{true, kFormerLife}), asks);
}

TEST_F(Registrar, FailuresAreRepeatedAfterABackoffThatDoubles) {
    step(MetadataPublished{true, std::nullopt});
    EXPECT_EQ(step(RegistrarAnswered{wire::ErrorCode::NotController}),
              RegistrarEffects{ArmRegistrarTimer{SimTime(0) + milliseconds(100)}});
    now = SimTime(0) + milliseconds(100);
    EXPECT_EQ(step(RegistrarTimerFired{}), asks);
    EXPECT_EQ(step(RegistrarGaveUp{}),
              RegistrarEffects{ArmRegistrarTimer{now + milliseconds(200)}});
}

TEST_F(Registrar, ASuccessMakesTheBackoffShortAgain) {
    step(MetadataPublished{true, std::nullopt});
    step(RegistrarGaveUp{});
    step(RegistrarTimerFired{});
    step(RegistrarAnswered{});
    EXPECT_EQ(step(MetadataPublished{true, kFormerLife}), asks);
    EXPECT_EQ(step(RegistrarGaveUp{}),
              RegistrarEffects{ArmRegistrarTimer{now + milliseconds(100)}});
}

}  // namespace
}  // namespace bsim::lifecycle
