// Small leaf functions of the node shells.

#include <gtest/gtest.h>

#include "sim/node/api_versions.h"
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
