// `brokersim brokers`: its table, and the cluster that a stored run makes.

#include "sim/report/brokers_text.h"

#include <sstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "sim/trace/json_lines.h"
#include "sim/trace/sinks.h"
#include "tests/unit/report/cluster_story.h"

namespace bsim {
namespace {

TEST(BrokersText, ABrokerIsShownAsTheControllerHasItAndAsItIs) {
    ClusterStory story;
    for (const int id : {1, 2, 3})
        story.broker(id, id == 3);
    story.cluster.processes[NodeName("broker-2")] = ProcessState::Paused;
    story.cluster.processes[NodeName("broker-3")] = ProcessState::Down;
    story.cluster.processes[NodeName("broker-4")] = ProcessState::Up;
    story.cluster.manifest["broker-1"].rack = "east";
    story.cluster.stored.dirs[NodeName("broker-2")] = {{"broker-2/d0", Uuid{9, 1}},
                                                       {"broker-2/d1", Uuid{9, 2}}};
    wire::BrokerRegistrationChangeRecord leaving;
    leaving.broker_id = 2;
    leaving.broker_epoch = 20;
    leaving.in_controlled_shutdown = 1;
    story.records(leaving);
    story.topic("orders", Uuid{1, 2});
    for (int i = 0; i < 2; ++i) {
        wire::PartitionRecord p = story.partition("orders", i);
        p.isr = {1, 2};
        p.leader = i + 1;
        story.records(p);
    }
    const TopicPartition p{"orders", PartitionIndex(0)};
    story.tell("broker-1", LogAppended{p, Offset(0), Offset(9), LeaderEpoch(0), 12345, 0});
    EXPECT_EQ(
        describe_brokers(story.cluster),
        "BROKER EPOCH STATE              PROCESS RACK HOST          LOGDIRS                        "
        " "
        "  LEADERS REPLICAS OUT-OF-SYNC SIZE\n"
        "1      10    Unfenced           up      east broker-1:9092 data/broker-1                  "
        " "
        "  1       2        0           12345\n"
        "2      20    ControlledShutdown paused  -    broker-2:9092 data/broker-2/d0,data/broker-2/"
        "d1 1       2        0           0\n"
        "3      30    Fenced             down    -    broker-3:9092 data/broker-3                  "
        " "
        "  0       2        2           0\n"
        "4      -     Unregistered       up      -    -             data/broker-4                  "
        " "
        "  0       0        0           0\n");
    const auto json = describe_brokers_json(story.cluster);
    EXPECT_EQ(json["brokers"][0].dump(),
              R"({"broker":1,"epoch":10,"state":"Unfenced","process":"up","rack":"east",)"
              R"("host":"broker-1:9092","log_dirs":["data/broker-1"],"leaders":1,"replicas":2,)"
              R"("out_of_sync":0,"bytes":12345})");
    EXPECT_EQ(json["brokers"][3]["epoch"], -1);
    EXPECT_TRUE(json["brokers"][3]["rack"].is_null());
}

class ClusterAtAMoment : public testing::Test {
  protected:
    void line(const std::string& t, const std::string& node, const std::string& rest) {
        trace_ += R"({"i":)" + std::to_string(++number_) + R"(,"t":)" + t + R"(,"n":")" + node +
                  R"(",)" + rest + ",\"c\":[]}\n";
    }
    void partition(const std::string& t, const std::string& leader, const std::string& isr) {
        line(t, "controller-100",
             R"("k":"PartitionChanged","a":{"p":"orders-0","leader":)" + leader +
                 R"(,"leader_epoch":0,"partition_epoch":0,"isr":)" + isr +
                 R"(,"elr":[],"last_known_elr":[],"replicas":[1,2],"adding":[],"removing":[],)"
                 R"("recovering":false,"reason":"x"})");
    }
    void story() {
        line("5", "broker-1", R"("k":"NodeStarted","a":{"incarnation":1})");
        line("6", "controller-100", R"("k":"BrokerRegistered","a":{"broker":1,"broker_epoch":3})");
        line("7", "controller-100",
             R"("k":"BrokerUnfenced","a":{"broker":1,"broker_epoch":3,"why":"x"})");
        line("8", "controller-100",
             R"("k":"TopicCreated","a":{"topic":"orders","topic_id":"AAAAAAAAAAEAAAAAAAAAAg",)"
             R"("partitions":1})");
        partition("9", "1", "[1,2]");
        partition("20", "1", "[1]");
        line("30", "broker-1", R"("k":"NodeStopped","a":{"how":"kill"})");
        line("40", "controller-100",
             R"("k":"BrokerFenced","a":{"broker":1,"broker_epoch":3,"why":"x"})");
        partition("40", "-1", "[1]");
    }
    ClusterAt at(std::optional<std::int64_t> ns) {
        std::istringstream in(trace_);
        std::optional<SimTime> when;
        if (ns)
            when = SimTime(*ns);
        auto cluster = read_cluster_at(in, when, {});
        EXPECT_TRUE(cluster.ok()) << cluster.error().to_string();
        return std::move(*cluster);
    }
    const PartitionRegistration& orders(const ClusterAt& cluster) {
        return *cluster.image.partition(TopicPartition{"orders", PartitionIndex(0)});
    }

    std::string trace_ = "{\"brokersim\":1,\"scenario\":\"s\",\"seed\":1,\"clock\":\"ns\"}\n";
    int number_ = 0;
};

TEST_F(ClusterAtAMoment, EventsOfThatMomentCountLaterOnesDoNot) {
    story();
    EXPECT_EQ(at(8).image.topics().size(), 1U);
    EXPECT_EQ(at(7).image.topics().size(), 0U);
    EXPECT_EQ(orders(at(19)).isr.size(), 2U);
    EXPECT_EQ(orders(at(20)).isr.size(), 1U);
    EXPECT_EQ(at(6).live_brokers().size(), 0U);
    EXPECT_EQ(at(39).live_brokers().size(), 1U);
    EXPECT_EQ(at(29).process(BrokerId(1)), ProcessState::Up);
    EXPECT_EQ(at(30).process(BrokerId(1)), ProcessState::Down);
}

TEST_F(ClusterAtAMoment, WithoutAMomentTheEndCounts) {
    story();
    const ClusterAt cluster = at(std::nullopt);
    EXPECT_EQ(cluster.at, SimTime(40));
    EXPECT_FALSE(cluster.image_is_whole);
    EXPECT_EQ(cluster.live_brokers().size(), 0U);
    EXPECT_EQ(orders(cluster).leader, std::nullopt);
}

TEST_F(ClusterAtAMoment, EventsThatContradictAreLeftOut) {
    line("1", "controller-100",
         R"("k":"BrokerFenced","a":{"broker":1,"broker_epoch":3,"why":"x"})");
    partition("2", "1", "[1]");
    story();
    line("50", "controller-100",
         R"("k":"TopicCreated","a":{"topic":"orders","topic_id":"AAAAAAAAAAEAAAAAAAAAAg",)"
         R"("partitions":1})");
    line("51", "controller-100",
         R"("k":"BrokerUnfenced","a":{"broker":1,"broker_epoch":2,"why":"x"})");
    const ClusterAt cluster = at(std::nullopt);
    EXPECT_EQ(cluster.image.topics().size(), 1U);
    EXPECT_EQ(cluster.live_brokers().size(), 0U);
}

TEST_F(ClusterAtAMoment, ATopicThatIsDeletedIsGone) {
    story();
    line("60", "controller-100",
         R"("k":"TopicDeleted","a":{"topic":"orders","topic_id":"AAAAAAAAAAEAAAAAAAAAAg",)"
         R"("partitions":1})");
    EXPECT_EQ(at(std::nullopt).image.topics().size(), 0U);
}

}  // namespace
}  // namespace bsim
