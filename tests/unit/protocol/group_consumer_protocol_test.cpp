// Subscriptions, assignments and the sticky assignors' user data as bytes, against those that
// Kafka's own serializers wrote (tests/data/wire/offsets-records.jsonl); the hash that finds a
// group's coordinator, against Java's (tests/data/classes/string_hashes.jsonl).

#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "sim/base/java_order.h"
#include "sim/protocol/group/coordinator_partition.h"
#include "sim/protocol/rules/assignors/assignor.h"
#include "sim/protocol/rules/assignors/consumer_protocol.h"
#include "sim/protocol/rules/assignors/sticky_user_data.h"
#include "tests/assign/case.h"

namespace bsim::group::testing {
namespace {

std::vector<Json> lines_of(const std::string& name) {
    std::ifstream file(std::string(BSIM_TEST_DATA) + "/" + name);
    std::vector<Json> lines;
    for (std::string text; std::getline(file, text);)
        lines.push_back(Json::parse(text));
    return lines;
}

TopicPartition tp(const std::string& topic, std::int32_t partition) {
    return {topic, PartitionIndex(partition)};
}

std::vector<TopicPartition> partitions_of(const Json& json) {
    std::vector<TopicPartition> partitions;
    for (const Json& each : json)
        partitions.push_back(tp(each.at(0).get<std::string>(), each.at(1).get<std::int32_t>()));
    return partitions;
}

std::optional<UserData> user_data_of(const Json& json) {
    return json.is_null() ? std::nullopt : std::optional(from_hex(json.get<std::string>()));
}

Subscription subscription_of(const Json& json) {
    Subscription subscription;
    subscription.topics = json["topics"].get<std::vector<std::string>>();
    subscription.user_data = user_data_of(json["userData"]);
    subscription.owned = partitions_of(json["ownedPartitions"]);
    if (json["generation"].get<int>() >= 0)
        subscription.generation = GenerationId(json["generation"].get<int>());
    if (!json["rackId"].is_null())
        subscription.rack = json["rackId"].get<std::string>();
    return subscription;
}

TEST(ConsumerProtocol, SubscriptionsAreWrittenAndReadLikeKafka) {
    int seen = 0;
    for (const Json& line : lines_of("wire/offsets-records.jsonl")) {
        if (line["type"] != "ConsumerProtocolSubscription")
            continue;
        SCOPED_TRACE(line["id"].get<std::string>());
        const auto bytes = from_hex(line["bytes"].get<std::string>());
        const auto version = line["version"].get<std::int16_t>();
        EXPECT_EQ(encode_subscription(subscription_of(line["input"]), version), bytes);
        const auto read = decode_subscription(bytes);
        ASSERT_TRUE(read.ok());
        EXPECT_EQ(*read, subscription_of(line["decoded"]));
        ++seen;
    }
    EXPECT_GE(seen, 12);
}

TEST(ConsumerProtocol, AssignmentsAreWrittenAndReadLikeKafka) {
    int seen = 0;
    for (const Json& line : lines_of("wire/offsets-records.jsonl")) {
        if (line["type"] != "ConsumerProtocolAssignment")
            continue;
        SCOPED_TRACE(line["id"].get<std::string>());
        const auto bytes = from_hex(line["bytes"].get<std::string>());
        const Assignment assignment{partitions_of(line["input"]["partitions"]),
                                    user_data_of(line["input"]["userData"])};
        EXPECT_EQ(encode_assignment(assignment, line["version"].get<std::int16_t>()), bytes);
        const auto read = decode_assignment(bytes);
        ASSERT_TRUE(read.ok());
        EXPECT_EQ(encode_assignment(*read, line["version"].get<std::int16_t>()), bytes);
        EXPECT_EQ(read->user_data, assignment.user_data);
        EXPECT_EQ(read->partitions.size(), assignment.partitions.size());
        ++seen;
    }
    EXPECT_GE(seen, 12);
}

TEST(ConsumerProtocol, ATopicsPartitionsStandWhereItsFirstStood) {
    const Assignment mixed{{tp("b", 1), tp("a", 0), tp("b", 0)}, std::nullopt};
    const auto read = decode_assignment(encode_assignment(mixed, kConsumerProtocolVersion));
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(read->partitions, (std::vector{tp("b", 1), tp("b", 0), tp("a", 0)}));
}

TEST(ConsumerProtocol, ANewerVersionIsReadAsTheNewestKnown) {
    Subscription subscription;
    subscription.topics = {"t"};
    subscription.rack = "r";
    auto bytes = encode_subscription(subscription, 9);
    EXPECT_EQ(bytes[1], 3);
    bytes[1] = 7;
    bytes.push_back(42);
    const auto read = decode_subscription(bytes);
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(*read, subscription);
}

TEST(ConsumerProtocol, EveryShorterLengthIsRefused) {
    Subscription subscription;
    subscription.topics = {"one", "two"};
    subscription.owned = {tp("one", 1)};
    subscription.generation = GenerationId(4);
    subscription.rack = "r";
    const auto bytes = encode_subscription(subscription, 3);
    for (std::size_t length = 0; length < bytes.size(); ++length) {
        const auto read = decode_subscription(ByteView(bytes).first(length));
        ASSERT_FALSE(read.ok()) << length;
        EXPECT_EQ(read.error(),
                  length < 2 ? ConsumerProtocolError::NoVersion : ConsumerProtocolError::BadBody);
    }
    const std::vector<std::uint8_t> negative{0xff, 0xff, 0, 0, 0, 0};
    EXPECT_EQ(decode_assignment(negative).error(), ConsumerProtocolError::UnsupportedVersion);
}

TEST(StickyUserData, IsWrittenLikeKafka) {
    int seen = 0;
    for (const Json& line : lines_of("classes/assignors.jsonl")) {
        if (line["assignor"] != "sticky" || line["id"].get<std::string>().starts_with("fuzz12"))
            continue;
        SCOPED_TRACE(line["id"].get<std::string>());
        const auto read_line = read_case(line);
        ASSERT_TRUE(read_line.has_value());
        for (const GroupMember& member : read_line->members) {
            const Subscription& told = member.subscription;
            if (!told.user_data)
                continue;
            EXPECT_EQ(encode_sticky_user_data(told.owned, told.generation), *told.user_data);
            const MemberData read = sticky_member_data(told);
            EXPECT_EQ(read.partitions.size(), told.owned.size());
            EXPECT_EQ(read.generation, told.generation ? told.generation->value() : -1);
            ++seen;
        }
    }
    EXPECT_GE(seen, 50);
}

TEST(StickyUserData, OfVersion0HasNoGeneration) {
    Subscription told;
    const UserData whole = encode_sticky_user_data({tp("t", 3)}, GenerationId(5));
    const std::size_t generation_bytes = 4;
    ASSERT_GT(whole.size(), generation_bytes);
    told.user_data = UserData(whole.begin(), whole.end() - generation_bytes);
    EXPECT_EQ(sticky_member_data(told), (MemberData{{tp("t", 3)}, std::nullopt}));
}

TEST(StickyUserData, ThatCannotBeReadHoldsNothing) {
    Subscription told;
    EXPECT_EQ(sticky_member_data(told), MemberData{});
    told.user_data = UserData{};
    EXPECT_EQ(sticky_member_data(told), MemberData{});
    told.user_data = UserData{0, 0, 9, 9, 1};
    EXPECT_EQ(sticky_member_data(told), (MemberData{{}, -1}));
}

TEST(CooperativeUserData, CountsOnlyWhereTheSubscriptionHasNoGeneration) {
    Subscription told;
    told.owned = {tp("t", 0)};
    EXPECT_EQ(cooperative_member_data(told), (MemberData{told.owned, std::nullopt}));
    told.user_data = encode_cooperative_user_data(GenerationId(7));
    EXPECT_EQ(*told.user_data, (UserData{0, 0, 0, 7}));
    EXPECT_EQ(cooperative_member_data(told), (MemberData{told.owned, 7}));
    told.generation = GenerationId(9);
    EXPECT_EQ(cooperative_member_data(told), (MemberData{told.owned, 9}));
    told.generation.reset();
    told.user_data = UserData{1, 2};
    EXPECT_EQ(cooperative_member_data(told), (MemberData{told.owned, -1}));
}

TEST(Assignor, TellsWhatItWasLastAssigned) {
    Assignor range(AssignorKind::Range);
    Assignor sticky(AssignorKind::Sticky);
    Assignor cooperative(AssignorKind::CooperativeSticky);
    EXPECT_EQ(range.subscription_user_data(), std::nullopt);
    EXPECT_EQ(sticky.subscription_user_data(), std::nullopt);
    EXPECT_EQ(cooperative.subscription_user_data(), (UserData{0xff, 0xff, 0xff, 0xff}));
    for (Assignor* each : {&range, &sticky, &cooperative})
        each->on_assignment({tp("t", 2)}, GenerationId(3));
    EXPECT_EQ(range.subscription_user_data(), std::nullopt);
    EXPECT_EQ(sticky.subscription_user_data(),
              encode_sticky_user_data({tp("t", 2)}, GenerationId(3)));
    EXPECT_EQ(cooperative.subscription_user_data(), (UserData{0, 0, 0, 3}));
}

TEST(Assignor, IsFoundByKafkasName) {
    for (const char* kafkas : {"range", "roundrobin", "sticky", "cooperative-sticky"}) {
        const auto found = find_assignor(kafkas);
        ASSERT_TRUE(found.has_value()) << kafkas;
        EXPECT_EQ(name(*found), kafkas);
        const std::size_t protocols = *found == AssignorKind::CooperativeSticky ? 2 : 1;
        EXPECT_EQ(Assignor(*found).protocols().size(), protocols);
        EXPECT_EQ(Assignor(*found).protocols().back(), RebalanceProtocol::Eager);
    }
    EXPECT_EQ(find_assignor("uniform"), std::nullopt);
}

TEST(CoordinatorPartition, IsFoundByJavasHash) {
    int seen = 0;
    for (const Json& line : lines_of("classes/string_hashes.jsonl")) {
        const auto bytes = from_hex(line["utf8"].get<std::string>());
        const std::string id(as_text(bytes));
        EXPECT_EQ(static_cast<std::int32_t>(java_hash(id)), line["hash"].get<std::int32_t>()) << id;
        EXPECT_EQ(coordinator_partition(id, 50).value(), line["mod50"].get<std::int32_t>()) << id;
        EXPECT_EQ(coordinator_partition(id, 7).value(), line["mod7"].get<std::int32_t>()) << id;
        ++seen;
    }
    EXPECT_GE(seen, 50);
}

}  // namespace
}  // namespace bsim::group::testing
