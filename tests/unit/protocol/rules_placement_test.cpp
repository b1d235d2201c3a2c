// Placement against the results of Kafka's own classes (tests/data/classes/placement.jsonl: draws
// and outputs recorded from StripedReplicaPlacer and AdminUtils), and by hand.

#include <fstream>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "sim/base/java_order.h"
#include "sim/model/metadata_image_partition.h"
#include "sim/protocol/rules/placement.h"

namespace bsim {
namespace {

using nlohmann::json;

// Gives the recorded draws and says if a rule asks otherwise.
class RecordedDraws : public IntSource {
  public:
    explicit RecordedDraws(const json& draws) : draws_(draws) {}

    std::int32_t next_int(std::int32_t bound) override {
        if (at_ >= draws_.size()) {
            ADD_FAILURE() << "draw " << at_ << " was not recorded";
            return 0;
        }
        EXPECT_EQ(draws_[at_][0].get<std::int32_t>(), bound) << "draw " << at_;
        return draws_[at_++][1].get<std::int32_t>();
    }
    bool all_used() const { return at_ == draws_.size(); }

  private:
    const json& draws_;
    std::size_t at_ = 0;
};

class NoDraws : public IntSource {
  public:
    std::int32_t next_int(std::int32_t) override {
        ADD_FAILURE() << "drew although everything is fixed";
        return 0;
    }
};

std::vector<UsableBroker> brokers_of(const json& line) {
    std::vector<UsableBroker> brokers;
    for (const json& each : line.at("brokers")) {
        UsableBroker broker{BrokerId(each.at("id").get<std::int32_t>()), std::nullopt, false};
        if (!each.at("rack").is_null())
            broker.rack = each.at("rack").get<std::string>();
        broker.fenced = each.value("fenced", false);
        brokers.push_back(std::move(broker));
    }
    return brokers;
}

json to_json(const std::vector<BrokerId>& ids) {
    json out = json::array();
    for (const BrokerId id : ids)
        out.push_back(id.value());
    return out;
}

std::string exception_of(PlacementError::Kind kind) {
    switch (kind) {
        case PlacementError::Kind::InvalidReplicationFactor:
            return "InvalidReplicationFactorException";
        case PlacementError::Kind::InvalidPartitions:
            return "InvalidPartitionsException";
        case PlacementError::Kind::RackMissing:
            return "AdminOperationException";
    }
    return "";
}

void expect_error(const json& line, const Result<ReplicaLists, PlacementError>& placed) {
    ASSERT_FALSE(placed.ok());
    const auto expected = line.at("error").get<std::string>();
    EXPECT_EQ(expected.substr(0, expected.find(':')), exception_of(placed.error().kind));
    EXPECT_FALSE(placed.error().why.empty());
}

void replay_kraft(const json& line) {
    RecordedDraws draws(line.at("draws"));
    const auto placed = place_striped(brokers_of(line),
                                      {line.at("partitions").get<std::int32_t>(),
                                       line.at("replicationFactor").get<std::int32_t>()},
                                      draws);
    EXPECT_TRUE(draws.all_used());
    if (line.contains("error"))
        return expect_error(line, placed);
    ASSERT_TRUE(placed.ok()) << placed.error().why;
    json lists = json::array();
    for (const auto& replicas : *placed)
        lists.push_back(to_json(replicas));
    EXPECT_EQ(line.at("output"), lists);
}

void replay_zk(const json& line) {
    NoDraws draws;
    const auto brokers = brokers_of(line);
    const auto start = line.at("startPartitionId").get<std::int32_t>();
    const auto placed =
        assign_replicas(brokers,
                        {line.at("partitions").get<std::int32_t>(),
                         line.at("replicationFactor").get<std::int32_t>()},
                        {line.at("fixedStartIndex").get<std::int32_t>(), start}, draws);
    if (line.contains("rackAlternated")) {
        EXPECT_EQ(line.at("rackAlternated"), to_json(rack_alternated(brokers)));
    }
    if (line.contains("error"))
        return expect_error(line, placed);
    ASSERT_TRUE(placed.ok()) << placed.error().why;
    json lists = json::object();
    std::int32_t partition = start < 0 ? 0 : start;
    for (const auto& replicas : *placed)
        lists[std::to_string(partition++)] = to_json(replicas);
    EXPECT_EQ(line.at("output"), lists);
}

TEST(Placement, IsThatOfKafkasClassesForEveryRecordedCase) {
    std::ifstream file(std::string(BSIM_TEST_DATA) + "/classes/placement.jsonl");
    ASSERT_TRUE(file);
    int kraft = 0;
    int zk = 0;
    for (std::string text; std::getline(file, text);) {
        const json line = json::parse(text);
        SCOPED_TRACE(line.at("id").get<std::string>());
        if (line.at("kind") == "kraft") {
            ++kraft;
            replay_kraft(line);
        } else {
            ++zk;
            replay_zk(line);
        }
    }
    EXPECT_EQ(81, kraft);
    EXPECT_EQ(45, zk);
}

// Draws nothing but zeros.
class Zeros : public IntSource {
  public:
    std::int32_t next_int(std::int32_t) override { return 0; }
};

TEST(Placement, StripesOverThreeRacksFromTheStart) {
    std::vector<UsableBroker> brokers;
    for (std::int32_t rack = 0; rack < 3; ++rack) {
        for (std::int32_t i = 0; i < 3; ++i) {
            brokers.push_back(
                {BrokerId(rack * 3 + i), std::string(1, static_cast<char>('A' + rack)), false});
        }
    }
    Zeros draws;
    const auto placed = place_striped(brokers, {3, 3}, draws);
    ASSERT_TRUE(placed.ok());
    const auto ids = [](std::vector<std::int32_t> list) { return to_broker_ids(list); };
    EXPECT_EQ((ReplicaLists{ids({0, 3, 6}), ids({4, 7, 1}), ids({8, 2, 5})}), *placed);
}

TEST(Placement, DrawsTheStartAndTheShiftInZooKeeperMode) {
    class Counting : public Zeros {
      public:
        std::int32_t next_int(std::int32_t bound) override {
            bounds.push_back(bound);
            return bound - 1;
        }
        std::vector<std::int32_t> bounds;
    };
    const std::vector<UsableBroker> brokers{
        {BrokerId(1), {}, false}, {BrokerId(2), {}, false}, {BrokerId(3), {}, false}};
    Counting draws;
    const auto placed = assign_replicas(brokers, {1, 2}, {std::nullopt, 0}, draws);
    ASSERT_TRUE(placed.ok());
    EXPECT_EQ((std::vector<std::int32_t>{3, 3}), draws.bounds);
    // Start 2 is broker 3; the shift of 2 modulo 2 makes broker 1 the follower.
    EXPECT_EQ((ReplicaLists{{BrokerId(3), BrokerId(1)}}), *placed);
}

TEST(JavaOrder, WalksBucketsAndKeepsInsertionOrderWithinThem) {
    EXPECT_EQ(0U, java_hash(""));
    EXPECT_EQ(97U, java_hash("a"));
    EXPECT_EQ(96354U, java_hash("abc"));
    // "Aa" and "BB" share the hash 2112 and with it bucket 0, where a missing key goes too; "b"
    // is 98.
    using Order = std::vector<std::size_t>;
    EXPECT_EQ((Order{1, 2, 3, 0}), java_hash_map_order({"b", "BB", "Aa", std::nullopt}));
    EXPECT_EQ((Order{1, 2, 3, 0}), java_hash_map_order({"b", "Aa", "BB", std::nullopt}));
}

TEST(JavaOrder, GrowsTheMapBeyondThreeQuarters) {
    // Of 12 keys in 16 buckets, "p" (112) comes before "a" (97); of 13 in 32 buckets it does not.
    std::vector<std::optional<std::string>> keys{"a", "p"};
    for (char c = 'c'; keys.size() < 12; ++c)
        keys.emplace_back(std::string(1, c));
    const auto place = [&](const std::string& key) {
        const auto order = java_hash_map_order(keys);
        std::size_t at = 0;
        while (keys[order[at]] != key)
            ++at;
        return at;
    };
    EXPECT_LT(place("p"), place("a"));
    keys.emplace_back("z");
    EXPECT_LT(place("a"), place("p"));
}

}  // namespace
}  // namespace bsim
