// Small leaf functions of the node shells.

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "sim/node/api_versions.h"
#include "sim/node/cpu.h"
#include "sim/node/must.h"
#include "sim/node/response_error.h"
#include "sim/node/wall_clock.h"
#include "sim/wire/api_table.h"

namespace bsim {
namespace {

TEST(WallClock, StartsWithTheYear2024AndCountsWholeMilliseconds) {
    constexpr std::int64_t kDaysFrom1970To2024 =
        54 * 365 + 13;  // thirteen leap years, 1972 to 2020
    EXPECT_EQ(wall_clock(SimTime()).value(), kDaysFrom1970To2024 * 24 * 60 * 60 * 1000);
    EXPECT_EQ(wall_clock(SimTime(999'999)), wall_clock(SimTime()));
    EXPECT_EQ(wall_clock(SimTime(1'000'000)).value(), wall_clock(SimTime()).value() + 1);
    EXPECT_EQ(wall_clock(SimTime() + seconds(3600)).value(),
              wall_clock(SimTime()).value() + 3'600'000);
}

std::int64_t error_ms(const WallClock& clock, SimTime at) {
    return clock.at(at).value() - wall_clock(at).value();
}

TEST(WallClock, IsOffByItsSkewAndItsDrift) {
    const SimTime hour = SimTime() + seconds(3600);
    EXPECT_EQ(error_ms(WallClock(), hour), 0);
    // 100 ppm make 0.36 s an hour.
    const WallClock clock(ClockSpec{milliseconds(-1500), Ratio{100, 1}});
    EXPECT_EQ(error_ms(clock, SimTime()), -1500);
    EXPECT_EQ(error_ms(clock, hour), -1500 + 360);
    const WallClock slow(ClockSpec{SimDuration(0), Ratio{-5, 2}});
    EXPECT_EQ(error_ms(slow, hour), -9);
}

TEST(WallClock, FaultsAddUpAndHealingSetsItRight) {
    WallClock clock;
    const SimTime minute = SimTime() + seconds(60);
    const SimTime later = minute + seconds(100);
    clock.shift(seconds(30));
    clock.begin_drift(minute, Ratio{10'000, 1});
    EXPECT_EQ(error_ms(clock, minute), 30'000);
    EXPECT_EQ(error_ms(clock, later), 30'000 + 1'000) << "the drift counts from its begin";
    clock.shift(SimDuration(-seconds(30).ns()));
    EXPECT_EQ(error_ms(clock, later), 1'000);
    clock.end_drift(Ratio{10'000, 1});
    EXPECT_EQ(error_ms(clock, later), 0);
}

TEST(WallClock, FrozenItShowsTheSameTimeUntilTheLastThaw) {
    WallClock clock;
    const SimTime minute = SimTime() + seconds(60);
    clock.freeze(minute);
    clock.freeze(minute + seconds(5));
    EXPECT_EQ(clock.at(minute + seconds(50)), wall_clock(minute));
    clock.thaw();
    EXPECT_EQ(clock.at(minute + seconds(50)), wall_clock(minute));
    clock.thaw();
    EXPECT_EQ(error_ms(clock, minute + seconds(50)), 0);
}

TEST(Cpu, WorkTakesItsCostOverTheSpeedTimesTheSlowdowns) {
    Cpu cpu(Ratio{5, 2}, Rng(1, 0).stream("cpu"));
    EXPECT_EQ(Cpu().work(microseconds(50)), microseconds(50));
    EXPECT_EQ(cpu.work(microseconds(50)), microseconds(20));
    cpu.begin_slow(Ratio{10, 1});
    cpu.begin_slow(Ratio{3, 2});
    EXPECT_EQ(cpu.work(microseconds(50)), microseconds(300));
    cpu.end_slow(Ratio{10, 1});
    EXPECT_EQ(cpu.work(microseconds(50)), microseconds(30));
}

TEST(Cpu, ThreadsWakeAsItsTableSays) {
    Cpu cpu(Ratio{1, 1}, Rng(1, 0).stream("cpu"));
    std::vector<SimDuration> busy;
    std::vector<SimDuration> rare;
    for (int i = 0; i < 10'001; ++i) {
        busy.push_back(cpu.wake_busy_thread());
        rare.push_back(cpu.wake_rare_thread());
    }
    std::sort(busy.begin(), busy.end());
    std::sort(rare.begin(), rare.end());
    EXPECT_NEAR(static_cast<double>(busy[5'000].ns()), 40e3, 4e3);
    EXPECT_LE(busy.back(), milliseconds(20));
    EXPECT_GT(rare[5'000], busy[5'000] * 3) << "who seldom runs wakes up slowly";
    EXPECT_LE(rare.back(), milliseconds(50));
    EXPECT_EQ(Cpu().wake_rare_thread(), SimDuration(0)) << "without jitter";
}

TEST(Cpu, AStoppedProcessNeedsTheLongerToComeToItselfTheLongerItStood) {
    Cpu cpu(Ratio{1, 1}, Rng(1, 0).stream("cpu"));
    std::vector<SimDuration> ten;
    std::vector<SimDuration> fifty;
    for (int i = 0; i < 1'001; ++i) {
        ten.push_back(cpu.thaw(seconds(10)));
        fifty.push_back(cpu.thaw(seconds(50)));
    }
    std::sort(ten.begin(), ten.end());
    std::sort(fifty.begin(), fifty.end());
    EXPECT_NEAR(static_cast<double>(ten[500].ns()), 20e6, 4e6);
    EXPECT_NEAR(static_cast<double>(fifty[500].ns()), 100e6, 20e6);
    EXPECT_LE(cpu.thaw(seconds(100'000)), seconds(5));
    EXPECT_EQ(Cpu().thaw(seconds(50)), SimDuration(0)) << "without jitter";
}

TEST(ResponseError, IsThatOfTheWholeElseOfTheFirstPart) {
    wire::AllocateProducerIdsResponse whole;
    EXPECT_EQ(first_error(whole), wire::ErrorCode::None);
    whole.error_code = 41;
    EXPECT_EQ(first_error(whole), wire::ErrorCode::NotController);

    wire::CreateTopicsResponse parts;
    EXPECT_EQ(first_error(parts), wire::ErrorCode::None);
    parts.topics.emplace_back();
    EXPECT_EQ(first_error(parts), wire::ErrorCode::None);
    parts.topics[0].error_code = 36;
    parts.topics.emplace_back().error_code = 41;
    EXPECT_EQ(first_error(parts), wire::ErrorCode::TopicAlreadyExists);
}

const wire::ApiVersionsResponse::ApiVersion* entry(const wire::ApiVersionsResponse& response,
                                                   wire::ApiKey key) {
    for (const auto& api : response.api_keys) {
        if (api.api_key == static_cast<std::int16_t>(key))
            return &api;
    }
    return nullptr;
}

TEST(ApiVersions, ABrokerAndAControllerOfferWhatTheyServe) {
    const auto broker = api_versions_response(NodeKind::Broker);
    const auto controller = api_versions_response(NodeKind::Controller);
    EXPECT_NE(entry(broker, wire::ApiKey::Produce), nullptr);
    EXPECT_EQ(entry(controller, wire::ApiKey::Produce), nullptr);
    EXPECT_EQ(entry(broker, wire::ApiKey::Vote), nullptr);
    EXPECT_NE(entry(controller, wire::ApiKey::Vote), nullptr);
    const auto* fetch = entry(broker, wire::ApiKey::Fetch);
    ASSERT_NE(fetch, nullptr);
    EXPECT_EQ(fetch->max_version, wire::latest_stable_version(wire::ApiKey::Fetch));
    for (const auto& api : broker.api_keys)
        EXPECT_LE(api.min_version, api.max_version) << api.api_key;
}

TEST(ApiVersions, TheMetadataVersionReachesThatOfKafka39) {
    const auto response = api_versions_response(NodeKind::Broker);
    ASSERT_EQ(response.supported_features.size(), 2u);
    EXPECT_EQ(response.supported_features[1].name, "metadata.version");
    EXPECT_EQ(response.supported_features[1].max_version, 21);
}

TEST(Must, PassesAValueOnAndEndsTheRunOnAnError) {
    EXPECT_EQ(must(Stored<int>(5)), 5);
    Stored<int> failed = Err{StorageError{}};
    EXPECT_THROW(must(std::move(failed)), HostError);
}

}  // namespace
}  // namespace bsim
