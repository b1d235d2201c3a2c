// Three stories that a real Kafka 3.9.1 cluster lived through (brokers 1, 2, 3; one topic each,
// replicas 1,2,3), told to the controller alone: it has to write the same partition records and
// arrive at the same leaders, epochs and ISRs. The expected values are the real metadata log's.

#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/protocol/controller_bench.h"

namespace bsim::controller {
namespace {

using Ints = std::vector<std::int32_t>;

struct State {
    std::int32_t leader;
    std::int32_t leader_epoch;
    std::int32_t partition_epoch;
    Ints isr;

    bool operator==(const State&) const = default;
};

void PrintTo(const State& s, std::ostream* out) {
    *out << "leader " << s.leader << " epoch " << s.leader_epoch << "/" << s.partition_epoch
         << " isr " << testing::PrintToString(s.isr);
}

struct Written {
    std::string topic;
    std::optional<Ints> isr;
    std::int32_t leader;

    bool operator==(const Written&) const = default;
};

void PrintTo(const Written& w, std::ostream* out) {
    *out << w.topic << " isr " << (w.isr ? testing::PrintToString(*w.isr) : "-") << " leader "
         << w.leader;
}

constexpr std::int32_t kSameLeader = -2;

ControllerConfig short_timeouts() {
    ControllerConfig config = bench_config();
    config.session_timeout = seconds(3);
    return config;
}

class Story : public testing::Test {
  protected:
    Story() : bench_(short_timeouts()) {
        bench_.activate(1);
        for (const std::int32_t broker : {1, 2, 3})
            start(broker);
    }

    std::int64_t epoch_of(std::int32_t broker) {
        return bench_.controller().current().broker(BrokerId(broker))->epoch.value();
    }
    void beat_of(std::int32_t broker, bool shut_down = false) {
        auto request = beat(broker, epoch_of(broker), bench_.end().value() - 1);
        request.want_shut_down = shut_down;
        bench_.request(1, request);
        bench_.commit();
    }
    void start(std::int32_t broker) {
        bench_.request(4, registration(broker, ++processes_));
        bench_.commit();
        beat_of(broker);
        alive_.push_back(broker);
    }
    void create(const std::string& topic) {
        bench_.request(7, creation(topic, {{1, 2, 3}}));
        bench_.commit();
    }
    void mark() { mark_ = bench_.log().size(); }
    // Time passes, the living send heartbeats, until the dead one is fenced.
    void kill(std::int32_t broker) {
        mark();
        std::erase(alive_, broker);
        for (int i = 0; i < 8; ++i) {
            bench_.wait(milliseconds(500));
            for (const std::int32_t each : alive_)
                beat_of(each);
        }
        bench_.commit();
    }
    void terminate(std::int32_t broker) {
        mark();
        std::erase(alive_, broker);
        beat_of(broker, true);
        for (const std::int32_t each : alive_)
            beat_of(each);
        beat_of(broker, true);
    }
    void restart(std::int32_t broker) {
        mark();
        start(broker);
    }
    void join(const std::string& topic, const Ints& isr) {
        bench_.request(3, proposal(bench_.controller().current(), {topic, PartitionIndex(0)}, isr));
        bench_.commit();
    }
    void prefer(const std::string& topic) {
        mark();
        wire::ElectLeadersRequest request;
        request.topic_partitions = {{topic, {0}}};
        bench_.request(2, request);
        bench_.commit();
    }
    State state(const std::string& topic) {
        const PartitionRegistration* p =
            bench_.controller().committed().partition(TopicPartition{topic, PartitionIndex(0)});
        return {p->leader ? p->leader->value() : -1, p->leader_epoch.value(),
                p->partition_epoch.value(), to_ints(p->isr)};
    }
    // Partition changes since the mark, by topic: real Kafka orders topics by hash.
    std::map<std::string, Written> changes() {
        std::map<std::string, Written> found;
        for (std::size_t i = mark_; i < bench_.log().size(); ++i) {
            const auto* change = std::get_if<wire::PartitionChangeRecord>(&bench_.log()[i].record);
            if (change == nullptr)
                continue;
            EXPECT_EQ(1, bench_.log()[i].version);
            EXPECT_FALSE(change->replicas || change->directories);
            const std::string& topic =
                bench_.controller().committed().topic(change->topic_id)->name;
            EXPECT_TRUE(found.emplace(topic, Written{topic, change->isr, change->leader}).second);
        }
        return found;
    }
    std::vector<std::string> kinds() {
        std::vector<std::string> found;
        for (std::size_t i = mark_; i < bench_.log().size(); ++i) {
            found.emplace_back(wire::record_type_name(bench_.log()[i].record));
        }
        return found;
    }

    ControllerBench bench_;
    std::vector<std::int32_t> alive_;
    std::uint64_t processes_ = 0;
    std::size_t mark_ = 0;
};

TEST_F(Story, LeaderKilledFollowerKilledAndControlledShutdownAsInARealCluster) {
    using Kinds = std::vector<std::string>;
    using Changes = std::map<std::string, Written>;
    const std::string change = "PARTITION_CHANGE_RECORD";
    const std::string broker = "BROKER_REGISTRATION_CHANGE_RECORD";

    // Leader kill, restart, preferred election.
    create("b1");
    EXPECT_EQ((State{1, 0, 0, {1, 2, 3}}), state("b1"));
    kill(1);
    EXPECT_EQ((Kinds{change, broker}), kinds());
    EXPECT_EQ((Changes{{"b1", {"b1", Ints{2, 3}, 2}}}), changes());
    EXPECT_EQ((State{2, 1, 1, {2, 3}}), state("b1"));
    restart(1);
    EXPECT_EQ((Kinds{"REGISTER_BROKER_RECORD", broker}), kinds());
    join("b1", {2, 3, 1});
    EXPECT_EQ((Changes{{"b1", {"b1", Ints{2, 3, 1}, kSameLeader}}}), changes());
    EXPECT_EQ((State{2, 1, 2, {2, 3, 1}}), state("b1"));
    prefer("b1");
    EXPECT_EQ((Changes{{"b1", {"b1", std::nullopt, 1}}}), changes());
    EXPECT_EQ((State{1, 2, 3, {2, 3, 1}}), state("b1"));

    // Controlled shutdown of the leader, restart, preferred election of the new topic only.
    create("b2");
    terminate(1);
    EXPECT_EQ((Kinds{broker, change, change, broker}), kinds());
    EXPECT_EQ((Changes{{"b1", {"b1", Ints{2, 3}, 2}}, {"b2", {"b2", Ints{2, 3}, 2}}}), changes());
    EXPECT_EQ((State{2, 3, 4, {2, 3}}), state("b1"));
    EXPECT_EQ((State{2, 1, 1, {2, 3}}), state("b2"));
    restart(1);
    join("b1", {2, 3, 1});
    join("b2", {2, 3, 1});
    EXPECT_EQ((State{2, 3, 5, {2, 3, 1}}), state("b1"));
    EXPECT_EQ((State{2, 1, 2, {2, 3, 1}}), state("b2"));
    prefer("b2");
    EXPECT_EQ((State{1, 2, 3, {2, 3, 1}}), state("b2"));

    // A follower (for two topics) and leader (for the oldest) is killed and comes back.
    create("b3");
    kill(2);
    EXPECT_EQ((Kinds{change, change, change, broker}), kinds());
    EXPECT_EQ((Changes{{"b1", {"b1", Ints{3, 1}, 1}},
                       {"b2", {"b2", Ints{3, 1}, kSameLeader}},
                       {"b3", {"b3", Ints{1, 3}, kSameLeader}}}),
              changes());
    EXPECT_EQ((State{1, 4, 6, {3, 1}}), state("b1"));
    EXPECT_EQ((State{1, 2, 4, {3, 1}}), state("b2"));
    EXPECT_EQ((State{1, 0, 1, {1, 3}}), state("b3"));
    restart(2);
    join("b1", {3, 1, 2});
    join("b2", {3, 1, 2});
    join("b3", {1, 3, 2});
    EXPECT_EQ((State{1, 4, 7, {3, 1, 2}}), state("b1"));
    EXPECT_EQ((State{1, 2, 5, {3, 1, 2}}), state("b2"));
    EXPECT_EQ((State{1, 0, 2, {1, 3, 2}}), state("b3"));
}

}  // namespace
}  // namespace bsim::controller
