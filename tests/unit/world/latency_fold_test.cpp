#include "sim/world/latency_fold.h"

#include <gtest/gtest.h>

#include "sim/trace/tracer.h"

namespace bsim {
namespace {

class LatencyFoldTest : public testing::Test {
  protected:
    LatencyFoldTest() { tracer_.subscribe(fold_); }

    void appended(
        int ms, const std::string& node, std::int64_t base, std::int64_t last, int epoch = 1) {
        LogAppended body;
        body.p = p_;
        body.base = Offset(base);
        body.last = Offset(last);
        body.epoch = LeaderEpoch(epoch);
        tracer_.emit(at(ms), NodeName(node), body);
    }
    std::vector<std::int64_t> consumed(int ms, std::int64_t from, std::int64_t to) {
        RecordsConsumed body;
        body.p = p_;
        body.from = Offset(from);
        body.to = Offset(to);
        tracer_.emit(at(ms), NodeName("consumer-c-0"), body);
        return ended();
    }
    std::vector<std::int64_t> ended() const {
        std::vector<std::int64_t> out;
        for (const SimDuration one : fold_.ended())
            out.push_back(one.ms());
        return out;
    }
    static SimTime at(int ms) { return SimTime() + milliseconds(ms); }

    const TopicPartition p_{"orders", PartitionIndex(0)};
    LatencyFold fold_;
    Tracer tracer_{RecordMessages::No};
};

using Ms = std::vector<std::int64_t>;

TEST_F(LatencyFoldTest, ABatchIsOldFromItsAppendByTheLeader) {
    appended(10, "broker-1", 0, 4);
    appended(13, "broker-2", 0, 4);
    appended(20, "broker-1", 5, 9);
    EXPECT_EQ(ended(), Ms{});
    EXPECT_EQ(consumed(30, 0, 10), (Ms{20, 10}));
    EXPECT_EQ(consumed(40, 3, 5), Ms{30}) << "by another group";
    EXPECT_EQ(consumed(41, 5, 6), Ms{21}) << "a part of it";
    EXPECT_EQ(consumed(41, 10, 12), Ms{});
}

TEST_F(LatencyFoldTest, ALaterLeaderWritesAnewWhatWasLost) {
    appended(10, "broker-1", 0, 4, 1);
    appended(11, "broker-1", 5, 9, 1);
    appended(50, "broker-2", 5, 7, 2);
    appended(51, "broker-1", 5, 7, 2);
    EXPECT_EQ(consumed(60, 0, 8), (Ms{50, 10}));
}

TEST_F(LatencyFoldTest, ARebalanceLastsFromItsFirstStartToItsEnd) {
    const auto rebalance = [&](int ms, auto body) {
        body.group = "g";
        tracer_.emit(at(ms), NodeName("broker-1"), body);
        return ended();
    };
    EXPECT_EQ(rebalance(5, RebalanceStarted{}), Ms{});
    EXPECT_EQ(rebalance(7, RebalanceStarted{}), Ms{});
    EXPECT_EQ(rebalance(25, RebalanceCompleted{}), Ms{20});
    EXPECT_EQ(rebalance(26, RebalanceCompleted{}), Ms{});
}

}  // namespace
}  // namespace bsim
