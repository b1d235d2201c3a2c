#include "sim/wire/message.h"

#include <gtest/gtest.h>

#include "sim/wire/api_table.h"
#include "sim/wire/error_code.h"
#include "tests/unit/wire/vectors.h"

namespace bsim::wire::testing {
namespace {

// An empty body of every RPC that the simulator speaks.
template <class Body, std::size_t... I>
std::vector<Body> every(std::index_sequence<I...>) {
    return {Body(std::in_place_index<I>)...};
}
template <class Body>
std::vector<Body> every() {
    return every<Body>(std::make_index_sequence<std::variant_size_v<typename Body::variant>>());
}

TEST(WireSize, IsTheLengthOfTheFrameInEveryVersion) {
    for (const RequestBody& body : every<RequestBody>()) {
        const ApiInfo& info = api_info(api(body));
        for (std::int16_t v = info.min_version; v <= info.max_version; ++v) {
            SCOPED_TRACE(std::string(info.name) + " v" + std::to_string(v));
            const Request request{v, 1234, "cli-7", body};
            const Buffer frame = encode_frame(request);
            EXPECT_EQ(wire_size(request), frame.size());
            EXPECT_EQ(load_be<std::int32_t>(frame.data()),
                      static_cast<std::int32_t>(frame.size() - 4));
        }
    }
    for (const ResponseBody& body : every<ResponseBody>()) {
        const ApiInfo& info = api_info(api(body));
        for (std::int16_t v = info.min_version; v <= info.max_version; ++v) {
            SCOPED_TRACE(std::string(info.name) + " v" + std::to_string(v));
            const Response response{v, 1234, body};
            EXPECT_EQ(wire_size(response), encode_frame(response).size());
        }
    }
}

TEST(WireSize, AFollowersFetchIsFramedAsKafkaFramesIt) {
    for (const Json& line : read_lines("wire/rpc.jsonl")) {
        if (line["api"] != "Fetch" || line["direction"] != "request")
            continue;
        const Buffer body = from_hex(line["bytes"].get<std::string>());
        ByteReader in(body);
        FetchRequest fetch;
        const auto version = line["version"].get<std::int16_t>();
        decode(in, version, fetch);
        const Buffer frame = encode_frame(Request{version, 1234, "cli-7", fetch});
        EXPECT_EQ(to_hex(ByteView(frame).subspan(4)),
                  line["header"].get<std::string>() + line["bytes"].get<std::string>());
    }
}

TEST(RequestAndResponse, BodiesOfOneRpcStandAtTheSameIndex) {
    const auto requests = every<RequestBody>();
    const auto responses = every<ResponseBody>();
    ASSERT_EQ(requests.size(), responses.size());
    for (std::size_t i = 0; i < requests.size(); ++i) {
        EXPECT_EQ(api(requests[i]), api(responses[i]));
    }
}

TEST(ApiTable, VersionsAndHeadersAreThoseOfKafka391) {
    std::map<int, int> newest_stable;
    for (const Json& line : read_lines("wire/rpc.jsonl")) {
        SCOPED_TRACE(line["id"].get<std::string>());
        const ApiKey key{line["apiKey"].get<std::int16_t>()};
        const auto version = line["version"].get<std::int16_t>();
        const ApiInfo& info = api_info(key);
        EXPECT_EQ(info.name, line["api"].get<std::string>());
        EXPECT_GE(version, info.min_version);
        EXPECT_LE(version, info.max_version);
        EXPECT_EQ(is_flexible(key, version), line["flexible"].get<bool>());
        EXPECT_EQ(version <= info.latest_stable_version, line["stable"].get<bool>());
        const auto header = line["direction"] == "request" ? request_header_version(key, version)
                                                           : response_header_version(key, version);
        EXPECT_EQ(header, line["headerVersion"].get<std::int16_t>());
        int& stable = newest_stable.try_emplace(line["apiKey"].get<int>(), -1).first->second;
        if (line["stable"].get<bool>())
            stable = std::max(stable, int{version});
    }
    ASSERT_EQ(newest_stable.size(), kApiCount);
    for (const auto& [key, version] : newest_stable) {
        EXPECT_EQ(latest_stable_version(ApiKey{static_cast<std::int16_t>(key)}), version) << key;
    }
}

TEST(ApiTable, TheControllerServesTheQuorumAndTheBrokerServesProducers) {
    EXPECT_TRUE(api_info(ApiKey::Vote).on_controller);
    EXPECT_FALSE(api_info(ApiKey::Vote).on_broker);
    EXPECT_TRUE(api_info(ApiKey::Produce).on_broker);
    EXPECT_FALSE(api_info(ApiKey::Produce).on_controller);
    EXPECT_TRUE(api_info(ApiKey::Fetch).on_controller);
    EXPECT_TRUE(api_info(ApiKey::LeaderAndIsr).on_zk_broker);
}

TEST(ErrorCodes, NamesNumbersAndRetriabilityAreKafkas) {
    EXPECT_EQ(number(ErrorCode::NotLeaderOrFollower), 6);
    EXPECT_EQ(name(ErrorCode::NotLeaderOrFollower), "NOT_LEADER_OR_FOLLOWER");
    EXPECT_TRUE(is_retriable(ErrorCode::NotLeaderOrFollower));
    EXPECT_EQ(name(ErrorCode::None), "NONE");
    EXPECT_FALSE(is_retriable(ErrorCode::None));
    EXPECT_EQ(number(ErrorCode::InvalidUpdateVersion), 95);
    EXPECT_EQ(name(ErrorCode::VoterNotFound), "VOTER_NOT_FOUND");
    EXPECT_EQ(number(ErrorCode::VoterNotFound), 127);
    EXPECT_FALSE(is_retriable(ErrorCode::InvalidProducerEpoch));
    EXPECT_FALSE(is_retriable(ErrorCode::OutOfOrderSequenceNumber));
    EXPECT_TRUE(is_retriable(ErrorCode::NotEnoughReplicasAfterAppend));
    EXPECT_EQ(error_code(999), ErrorCode::UnknownServerError);
    EXPECT_EQ(error_code(-1), ErrorCode::UnknownServerError);
    for (std::int16_t n = -1; n <= 127; ++n)
        EXPECT_EQ(number(error_code(n)), n);
}

}  // namespace
}  // namespace bsim::wire::testing
