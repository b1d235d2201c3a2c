// The network client without any producer: handshake, limits, timeouts, choice of node.
#include <gtest/gtest.h>

#include "sim/protocol/client/network_client.h"

namespace bsim::client {
namespace {

using wire::ErrorCode;
using Outcome = ClientResponse::Outcome;

class NetworkTest : public testing::Test {
  protected:
    NetworkTest() : client_(settings()) {}

    static ClientSettings settings() {
        ClientSettings s;
        s.client_id = "c";
        s.bootstrap_servers = {{"x", 1}};
        s.max_in_flight_requests_per_connection = 2;
        s.request_timeout_ms = seconds(5);
        return s;
    }
    NetworkTurn turn() { return {now_, draws_, effects_, responses_}; }
    template <class Effect>
    std::vector<Effect> taken() {
        std::vector<Effect> found;
        for (const NetworkEffect& effect : effects_) {
            if (const auto* one = std::get_if<Effect>(&effect))
                found.push_back(*one);
        }
        effects_.clear();
        return found;
    }
    void answer(const SendRequest& request, wire::ResponseBody body) {
        client_.response_arrived(
            turn(), request.connection,
            {request.request.version, request.request.correlation_id, std::move(body)});
    }
    static wire::ApiVersionsResponse versions(std::int16_t produce_max) {
        wire::ApiVersionsResponse body;
        body.api_keys = {{static_cast<std::int16_t>(wire::ApiKey::Produce), 0, produce_max},
                         {static_cast<std::int16_t>(wire::ApiKey::Metadata), 0, 12},
                         {static_cast<std::int16_t>(wire::ApiKey::ApiVersions), 0, 4}};
        return body;
    }
    static wire::MetadataResponse metadata(int brokers) {
        wire::MetadataResponse body;
        for (int b = 1; b <= brokers; ++b) {
            body.brokers.push_back({b, "b" + std::to_string(b), 9092, std::nullopt});
        }
        return body;
    }
    // Through bootstrap to metadata that names the brokers.
    void start(int brokers) {
        client_.poll(turn());
        client_.connection_opened(turn(), taken<Connect>().at(0).connection);
        answer(taken<SendRequest>().at(0), versions(11));
        client_.poll(turn());
        answer(taken<SendRequest>().at(0), metadata(brokers));
        effects_.clear();
    }
    ConnectionId open(std::int32_t node, std::int16_t produce_max) {
        EXPECT_FALSE(client_.ready(turn(), NodeId(node)));
        const ConnectionId connection = taken<Connect>().at(0).connection;
        client_.connection_opened(turn(), connection);
        answer(taken<SendRequest>().at(0), versions(produce_max));
        EXPECT_TRUE(client_.ready(turn(), NodeId(node)));
        return connection;
    }
    std::int32_t produce(std::int32_t node, bool expects_response = true) {
        return client_.send(turn(), {NodeId(node), wire::ProduceRequest{}, expects_response, 3});
    }

    NetworkClient client_;
    SimTime now_{milliseconds(1000).ns()};
    DrawSequence draws_{1};
    NetworkEffects effects_;
    std::vector<ClientResponse> responses_;
};

TEST_F(NetworkTest, AsksForVersionsBeforeAnythingElse) {
    EXPECT_TRUE(client_.poll(turn()));
    const auto connects = taken<Connect>();
    ASSERT_EQ(connects.size(), 1U);
    EXPECT_EQ(connects[0].node, NodeId(-1));
    EXPECT_FALSE(client_.poll(turn()));
    client_.connection_opened(turn(), connects[0].connection);
    const auto requests = taken<SendRequest>();
    ASSERT_EQ(requests.size(), 1U);
    EXPECT_EQ(wire::api(requests[0].request.body), wire::ApiKey::ApiVersions);
    EXPECT_FALSE(client_.is_ready(now_, NodeId(-1)));
    EXPECT_FALSE(client_.can_send(now_, NodeId(-1)));
    answer(requests[0], versions(11));
    EXPECT_TRUE(client_.can_send(now_, NodeId(-1)));
    // Metadata is due and goes first.
    EXPECT_FALSE(client_.is_ready(now_, NodeId(-1)));
    EXPECT_TRUE(client_.poll(turn()));
    EXPECT_TRUE(client_.is_ready(now_, NodeId(-1)));
}

TEST_F(NetworkTest, AnOlderBrokerIsAskedForVersionsInItsOwnVersion) {
    client_.poll(turn());
    client_.connection_opened(turn(), taken<Connect>().at(0).connection);
    wire::ApiVersionsResponse refusal;
    refusal.error_code = static_cast<std::int16_t>(ErrorCode::UnsupportedVersion);
    refusal.api_keys = {{static_cast<std::int16_t>(wire::ApiKey::ApiVersions), 0, 2}};
    answer(taken<SendRequest>().at(0), refusal);
    const auto again = taken<SendRequest>();
    ASSERT_EQ(again.size(), 1U);
    EXPECT_EQ(again[0].request.version, 2);
    wire::ApiVersionsResponse broken;
    broken.error_code = static_cast<std::int16_t>(ErrorCode::InvalidRequest);
    answer(again[0], broken);
    EXPECT_EQ(taken<Close>().size(), 1U);
}

TEST_F(NetworkTest, SpeaksTheNewestVersionThatBothKnow) {
    start(2);
    open(1, 9);
    open(2, 2);
    produce(1);
    EXPECT_EQ(taken<SendRequest>().at(0).request.version, 9);
    const std::int32_t refused = produce(2);
    EXPECT_TRUE(taken<SendRequest>().empty());
    ASSERT_EQ(responses_.size(), 1U);
    EXPECT_EQ(responses_[0].outcome, Outcome::VersionUnsupported);
    EXPECT_EQ(responses_[0].correlation_id, refused);
}

TEST_F(NetworkTest, KeepsToTheRequestsInFlightAndPairsTheAnswers) {
    start(1);
    open(1, 11);
    const std::int32_t first = produce(1);
    const std::int32_t second = produce(1);
    EXPECT_FALSE(client_.can_send(now_, NodeId(1)));
    const auto requests = taken<SendRequest>();
    answer(requests.at(0), wire::ProduceResponse{});
    EXPECT_TRUE(client_.can_send(now_, NodeId(1)));
    answer(requests.at(1), wire::ProduceResponse{});
    ASSERT_EQ(responses_.size(), 2U);
    EXPECT_EQ(responses_[0].correlation_id, first);
    EXPECT_EQ(responses_[1].correlation_id, second);
    EXPECT_EQ(responses_[1].outcome, Outcome::Answered);
}

TEST_F(NetworkTest, WithoutAnAnswerToExpectARequestIsDoneWhenSent) {
    start(1);
    open(1, 11);
    for (int i = 0; i < 5; ++i)
        produce(1, false);
    EXPECT_EQ(client_.in_flight_count(), 0U);
    ASSERT_EQ(responses_.size(), 5U);
    EXPECT_EQ(responses_[4].outcome, Outcome::Sent);
}

TEST_F(NetworkTest, ALostConnectionCancelsItsRequestsInOrder) {
    start(2);
    const ConnectionId connection = open(1, 11);
    open(2, 11);
    produce(1);
    produce(1);
    produce(2);
    client_.connection_lost(turn(), connection);
    ASSERT_EQ(responses_.size(), 2U);
    EXPECT_EQ(responses_[0].outcome, Outcome::Disconnected);
    EXPECT_LT(responses_[0].correlation_id, responses_[1].correlation_id);
    EXPECT_TRUE(client_.connection_failed(NodeId(1)));
    // News about it changes nothing any more.
    client_.connection_lost(turn(), connection);
    client_.response_arrived(turn(), connection, {});
    EXPECT_EQ(responses_.size(), 2U);
}

TEST_F(NetworkTest, ARequestWithoutAnswerClosesItsConnectionAfterTheTimeout) {
    start(1);
    open(1, 11);
    produce(1);
    const SimTime deadline = now_ + seconds(5) + milliseconds(1);
    EXPECT_EQ(client_.next_wake(now_), deadline);
    now_ = now_ + seconds(5);
    client_.poll(turn());
    EXPECT_TRUE(responses_.empty());
    now_ = deadline;
    EXPECT_TRUE(client_.poll(turn()));
    EXPECT_EQ(taken<Close>().size(), 1U);
    ASSERT_EQ(responses_.size(), 1U);
    EXPECT_EQ(responses_[0].outcome, Outcome::TimedOut);
}

TEST_F(NetworkTest, AThrottledNodeIsLeftAloneAndItsRequestsGetTheTime) {
    start(1);
    open(1, 11);
    produce(1);
    produce(1);
    const auto requests = taken<SendRequest>();
    wire::ProduceResponse throttled;
    throttled.throttle_time_ms = 700;
    answer(requests.at(0), throttled);
    EXPECT_FALSE(client_.can_send(now_ + milliseconds(699), NodeId(1)));
    EXPECT_TRUE(client_.can_send(now_ + milliseconds(700), NodeId(1)));
    EXPECT_EQ(client_.look_again_at(now_, NodeId(1)), now_ + milliseconds(700));
    now_ = now_ + seconds(5) + milliseconds(500);
    client_.poll(turn());
    EXPECT_EQ(responses_.size(), 1U);
}

TEST_F(NetworkTest, ReconnectsAfterABackoffThatGrowsUntilReady) {
    start(1);
    const ConnectionId connection = open(1, 11);
    client_.connection_lost(turn(), connection);
    effects_.clear();
    SimDuration last{};
    for (int i = 0; i < 8; ++i) {
        const SimTime again = *client_.look_again_at(now_, NodeId(1));
        EXPECT_GE(again - now_, last * 8 / 10);
        last = again - now_;
        now_ = again - nanoseconds(1);
        EXPECT_FALSE(client_.ready(turn(), NodeId(1)));
        EXPECT_TRUE(taken<Connect>().empty());
        now_ = again;
        EXPECT_FALSE(client_.ready(turn(), NodeId(1)));
        client_.connection_lost(turn(), taken<Connect>().at(0).connection);
    }
    EXPECT_GE(last, milliseconds(800));
    EXPECT_LE(last, milliseconds(1000));
}

TEST_F(NetworkTest, PrefersTheLeastLoadedThenTheOneBeingConnectedThenTheOneTriedLongestAgo) {
    start(3);
    const auto chosen = [&] { return client_.least_loaded_node(now_, draws_); };
    const ConnectionId one = open(1, 11);
    open(2, 11);
    produce(1);
    EXPECT_EQ(chosen(), NodeId(2));
    produce(2);
    produce(2);
    EXPECT_EQ(chosen(), NodeId(1));
    produce(1);
    // Both are full; the third was never tried.
    EXPECT_EQ(chosen(), NodeId(3));
    EXPECT_FALSE(client_.ready(turn(), NodeId(3)));
    EXPECT_EQ(chosen(), NodeId(3));
    const ConnectionId three = taken<Connect>().at(0).connection;
    client_.connection_lost(turn(), three);
    EXPECT_EQ(chosen(), std::nullopt);
    now_ = now_ + milliseconds(1);
    client_.connection_lost(turn(), one);
    now_ = now_ + milliseconds(500);
    for (int i = 0; i < 10; ++i)
        EXPECT_EQ(chosen(), NodeId(3));
}

TEST_F(NetworkTest, GivesUpASocketThatDoesNotOpen) {
    start(1);
    EXPECT_FALSE(client_.ready(turn(), NodeId(1)));
    effects_.clear();
    now_ = now_ + seconds(13);
    client_.poll(turn());
    EXPECT_EQ(taken<Close>().size(), 1U);
    EXPECT_TRUE(client_.connection_failed(NodeId(1)));
}

}  // namespace
}  // namespace bsim::client
