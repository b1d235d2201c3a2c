// `brokersim log-dirs` against what kafka-log-dirs.sh of Kafka 3.9.1 printed of a real cluster
// (tests/data/cli), and the sizes of logs that events tell.

#include "sim/report/log_dirs_text.h"

#include <sstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/unit/report/cluster_story.h"

namespace bsim {
namespace {

const TopicPartition kOrders{"orders", PartitionIndex(0)};

class LogDirsText : public testing::Test {
  protected:
    LogDirsText() {
        for (const int id : {1, 2, 3})
            story_.broker(id, false);
    }
    void make(const std::string& topic, int partitions) {
        story_.topic(topic, Uuid{++made_, 5});
        for (int i = 0; i < partitions; ++i)
            story_.records(story_.partition(topic, i));
    }
    void follow(const std::string& node, const TopicPartition& p, int leo) {
        story_.tell(node, BecameFollower{p, LeaderEpoch(0), BrokerId(1), Offset(leo)});
    }
    // A batch of ten records.
    void append(int base, int bytes) {
        story_.tell("broker-1",
                    LogAppended{kOrders, Offset(base), Offset(base + 9), LeaderEpoch(0), bytes, 0});
    }
    // The only replica that is shown of broker 1; null if there is none.
    nlohmann::ordered_json replica() {
        const auto json = log_dirs_json(story_.cluster, {{BrokerId(1)}, {}});
        const auto& shown = json["brokers"][0]["logDirs"][0]["partitions"];
        return shown.empty() ? nlohmann::ordered_json() : shown[0];
    }
    std::int64_t size() { return replica()["size"]; }

    ClusterStory story_;
    std::uint64_t made_ = 0;  // topics
};

TEST_F(LogDirsText, AClusterIsShownAsByTheRealTool) {
    std::string expected = golden_cli("log-dirs.txt");
    for (const char* n : {"1", "2", "3"}) {
        expected =
            with_replaced(expected, "/var/lib/kafka/kit/run/golden/data/node" + std::string(n),
                          "data/broker-" + std::string(n));
    }
    make("g-multi", 6);
    make("g-none", 1);
    make("g-smallseg", 1);
    make("unasked", 1);
    const auto json = nlohmann::json::parse(expected.substr(expected.find('{')));
    for (const auto& broker : json["brokers"]) {
        const std::string node = "broker-" + std::to_string(broker["broker"].get<int>());
        for (const auto& log : broker["logDirs"][0]["partitions"]) {
            const std::string name = log["partition"];
            const std::size_t dash = name.rfind('-');
            const TopicPartition p{name.substr(0, dash),
                                   PartitionIndex(std::stoi(name.substr(dash + 1)))};
            follow(node, p, 0);
            story_.tell(node, LogAppended{p, Offset(0), Offset(9), LeaderEpoch(0),
                                          log["size"].get<std::int64_t>(), 0});
        }
        follow(node, {"unasked", PartitionIndex(0)}, 0);
    }
    EXPECT_EQ(describe_log_dirs(story_.cluster, {{}, {"g-none", "g-smallseg", "g-multi"}}),
              expected);
}

TEST_F(LogDirsText, BrokersThatAreNotThereAreNamedAsByTheRealTool) {
    story_.broker(3, true);
    EXPECT_EQ(unknown_brokers(story_.cluster, {{BrokerId(1), BrokerId(3), BrokerId(7)}, {}}),
              "ERROR: The given brokers do not exist from --broker-list: 3,7. Current existent "
              "brokers: 1,2");
    EXPECT_EQ(unknown_brokers(story_.cluster, {{BrokerId(2)}, {}}), "");
    EXPECT_EQ(unknown_brokers(story_.cluster, {}), "");
}

TEST_F(LogDirsText, AReplicaIsShownInTheDirectoryThatHoldsIt) {
    story_.cluster.stored.dirs[NodeName("broker-1")] = {{"broker-1/d0", Uuid{9, 1}},
                                                        {"broker-1/d1", Uuid{9, 2}}};
    make("orders", 1);
    wire::PartitionRecord p = story_.partition("orders", 0);
    p.directories = {Uuid{9, 2}, Uuid{8, 1}, Uuid{8, 2}};
    story_.records(p);
    follow("broker-1", kOrders, 0);
    EXPECT_EQ(log_dirs_json(story_.cluster, {{BrokerId(1)}, {}}).dump(),
              R"({"brokers":[{"broker":1,"logDirs":[)"
              R"({"partitions":[],"error":null,"logDir":"data/broker-1/d0"},)"
              R"({"partitions":[{"partition":"orders-0","size":0,"offsetLag":0,)"
              R"("isFuture":false}],"error":null,"logDir":"data/broker-1/d1"}]}],"version":1})");
}

TEST_F(LogDirsText, ALogShrinksByWhatIsTruncated) {
    make("orders", 1);
    follow("broker-1", kOrders, 0);
    for (int i = 0; i < 4; ++i)
        append(i * 10, 100 + i);
    EXPECT_EQ(size(), 406);
    // In the midst of the third batch: it goes as a whole.
    story_.tell("broker-1", LogTruncated{kOrders, Offset(40), Offset(25)});
    EXPECT_EQ(size(), 201);
    append(20, 50);
    EXPECT_EQ(size(), 251);
    story_.tell("broker-1", LogTruncated{kOrders, Offset(30), Offset(90)});
    EXPECT_EQ(size(), 0);
}

TEST_F(LogDirsText, ALogShrinksByTheSegmentsThatAreDeleted) {
    make("orders", 1);
    follow("broker-1", kOrders, 0);
    for (int i = 0; i < 6; ++i) {
        if (i == 2 || i == 4)
            story_.tell("broker-1", SegmentRolled{kOrders, Offset(i * 10), "full"});
        append(i * 10, 100 + i);
    }
    story_.tell("broker-1", SegmentDeleted{kOrders, Offset(0), "size"});
    EXPECT_EQ(size(), 102 + 103 + 104 + 105);
    story_.tell("broker-1", SegmentDeleted{kOrders, Offset(20), "size"});
    EXPECT_EQ(size(), 104 + 105);
}

TEST_F(LogDirsText, AfterACrashALogEndsWhereItWasRecovered) {
    make("orders", 1);
    follow("broker-1", kOrders, 0);
    append(0, 100);
    append(10, 101);
    story_.tell("broker-1", NodeStopped{StopMode::Power});
    story_.tell("broker-1", NodeStarted{Incarnation(2)});
    EXPECT_TRUE(replica().is_null());
    story_.tell("broker-1", LogRecovered{kOrders, 1, 0, Offset(10)});
    EXPECT_EQ(replica().dump(),
              R"({"partition":"orders-0","size":100,"offsetLag":-1,"isFuture":false})");
    follow("broker-1", kOrders, 10);
    EXPECT_EQ(replica()["offsetLag"], 0);
}

TEST_F(LogDirsText, AnEmptiedDiskHasNoOldBytes) {
    make("orders", 1);
    follow("broker-1", kOrders, 0);
    append(0, 100);
    story_.tell("broker-1", NodeStarted{Incarnation(2)});
    follow("broker-1", kOrders, 0);
    EXPECT_EQ(size(), 0);
    append(0, 70);
    EXPECT_EQ(size(), 70);
}

TEST_F(LogDirsText, WhatIsNoReplicaAnyMoreIsNotShown) {
    make("orders", 1);
    follow("broker-1", kOrders, 0);
    wire::PartitionRecord p = story_.partition("orders", 0);
    p.replicas = p.isr = {2, 3};
    story_.records(p);
    EXPECT_TRUE(replica().is_null());
}

TEST_F(LogDirsText, ATopicThatIsMadeAgainStartsEmpty) {
    make("orders", 1);
    follow("broker-1", kOrders, 0);
    append(0, 100);
    story_.tell("controller-100", TopicDeleted{"orders", Uuid{1, 5}, 1});
    EXPECT_TRUE(replica().is_null());
    follow("broker-1", kOrders, 0);
    EXPECT_EQ(size(), 0);
}

}  // namespace
}  // namespace bsim
