// Which messages a filter means.

#include "sim/network/message_matcher.h"

#include <gtest/gtest.h>

namespace bsim {
namespace {

const Uuid kOrders{1, 2};
const Uuid kOther{3, 4};

std::optional<std::string> name_of(const Uuid& id) {
    return id == kOrders ? std::optional<std::string>("orders") : std::nullopt;
}

Frame frame_of(wire::RequestBody body, std::int16_t version) {
    Frame frame{};
    frame.api = api(body);
    wire::Request request;
    request.version = version;
    request.body = std::move(body);
    frame.message = std::move(request);
    return frame;
}

Frame produce() {
    wire::ProduceRequest body;
    body.acks = -1;
    for (const char* topic : {"orders", "other"}) {
        wire::ProduceRequest::TopicProduceData data;
        data.name = topic;
        wire::ProduceRequest::PartitionProduceData partition;
        partition.index = data.name == "orders" ? 3 : 4;
        data.partition_data.push_back(partition);
        body.topic_data.push_back(data);
    }
    return frame_of(body, 9);
}

Frame fetch(const Uuid& topic, std::int32_t partition) {
    wire::FetchRequest body;
    wire::FetchRequest::FetchTopic asked;
    asked.topic_id = topic;
    asked.partitions.emplace_back();
    asked.partitions.back().partition = partition;
    asked.partitions.back().fetch_offset = 77;
    body.topics.push_back(asked);
    return frame_of(body, 16);
}

bool matches(const MessageFilter& filter, const Frame& frame) {
    return make_matcher(filter, name_of)(frame);
}

MessageFilter filter(const std::string& api, std::map<std::string, std::string> match) {
    MessageFilter out;
    out.api = api;
    out.match = std::move(match);
    return out;
}

TEST(MessageMatcher, GoesByTheNameOfTheRpc) {
    EXPECT_TRUE(matches(filter("Produce", {}), produce()));
    EXPECT_FALSE(matches(filter("Fetch", {}), produce()));
}

TEST(MessageMatcher, TellsRequestsFromResponses) {
    Frame answer{};
    wire::Response response;
    response.version = 9;
    response.body = wire::ProduceResponse{};
    answer.message = response;
    answer.api = wire::ApiKey::Produce;
    for (const bool is_request : {true, false}) {
        const Frame frame = is_request ? produce() : answer;
        MessageFilter each = filter("Produce", {});
        EXPECT_EQ(matches(each, frame), is_request) << "requests unless said";
        each.of = MessageFilter::Of::Response;
        EXPECT_EQ(matches(each, frame), !is_request);
        each.of = MessageFilter::Of::Both;
        EXPECT_TRUE(matches(each, frame));
    }
}

TEST(MessageMatcher, APartitionIsNamedByItsTopicAndIndexTogether) {
    EXPECT_TRUE(matches(filter("Produce", {{"partition", "orders-3"}}), produce()));
    EXPECT_TRUE(matches(filter("Produce", {{"partition", "other-4"}}), produce()));
    EXPECT_FALSE(matches(filter("Produce", {{"partition", "orders-4"}}), produce()))
        << "that index belongs to the other topic";
    EXPECT_FALSE(matches(filter("Produce", {{"partition", "orders-30"}}), produce()));
}

TEST(MessageMatcher, ATopicIsKnownByItsIdToo) {
    EXPECT_TRUE(matches(filter("Fetch", {{"partition", "orders-0"}}), fetch(kOrders, 0)));
    EXPECT_FALSE(matches(filter("Fetch", {{"partition", "orders-0"}}), fetch(kOther, 0)));
    EXPECT_FALSE(matches(filter("Fetch", {{"partition", "orders-0"}}), fetch(kOrders, 1)));
    EXPECT_FALSE(
        make_matcher(filter("Fetch", {{"partition", "orders-0"}}), nullptr)(fetch(kOrders, 0)));
}

TEST(MessageMatcher, AnyFieldOfTheVersionCanBeAskedForAtAnyDepthAndAllMustBeMet) {
    const Frame frame = fetch(kOrders, 5);
    EXPECT_TRUE(matches(filter("Fetch", {{"fetchOffset", "77"}}), frame));
    EXPECT_FALSE(matches(filter("Fetch", {{"fetchOffset", "7"}}), frame));
    EXPECT_TRUE(
        matches(filter("Fetch", {{"fetchOffset", "77"}, {"partition", "orders-5"}}), frame));
    EXPECT_FALSE(
        matches(filter("Fetch", {{"fetchOffset", "77"}, {"partition", "orders-6"}}), frame));
    EXPECT_TRUE(matches(filter("Produce", {{"acks", "-1"}}), produce()));
    EXPECT_TRUE(matches(filter("Fetch", {{"topicId", kOrders.to_string()}}), frame));
    EXPECT_FALSE(matches(filter("Fetch", {{"topic", ""}}), frame)) << "not in this version";
}

}  // namespace
}  // namespace bsim
