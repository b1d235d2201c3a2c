#include "sim/trace/history.h"

#include <gtest/gtest.h>

namespace bsim {
namespace {

const TopicPartition kOrders{"orders", PartitionIndex(0)};
const TopicPartition kBills{"bills", PartitionIndex(2)};

TEST(HistoryWriter, SendHasNullOffsetsUntilTheAnswerIsKnown) {
    StringSink text;
    {
        HistoryWriter writer(text);
        const std::vector<SeenRecord> asked = {{kOrders, std::nullopt, "a"},
                                               {kOrders, std::nullopt, "b\"c"}};
        writer.send({3, OpType::Invoke, SimTime(100), asked});
        const std::vector<SeenRecord> told = {{kOrders, Offset(17), "a"},
                                              {kOrders, Offset(18), "b\"c"}};
        writer.send({3, OpType::Ok, SimTime(200), told});
        writer.send({4, OpType::Info, SimTime(300), asked});
        writer.send({5, OpType::Fail, SimTime(300), {}});
    }
    EXPECT_EQ(text.text(),
              "{\"process\":3,\"type\":\"invoke\",\"f\":\"send\",\"time\":100,\"value\":"
              "[[\"send\",\"orders-0\",[null,\"a\"]],[\"send\",\"orders-0\",[null,\"b\\\"c\"]]]}\n"
              "{\"process\":3,\"type\":\"ok\",\"f\":\"send\",\"time\":200,\"value\":"
              "[[\"send\",\"orders-0\",[17,\"a\"]],[\"send\",\"orders-0\",[18,\"b\\\"c\"]]]}\n"
              "{\"process\":4,\"type\":\"info\",\"f\":\"send\",\"time\":300,\"value\":"
              "[[\"send\",\"orders-0\",[null,\"a\"]],[\"send\",\"orders-0\",[null,\"b\\\"c\"]]]}\n"
              "{\"process\":5,\"type\":\"fail\",\"f\":\"send\",\"time\":300,\"value\":[]}\n");
}

TEST(HistoryWriter, PollGroupsRecordsByPartition) {
    StringSink text;
    {
        HistoryWriter writer(text);
        writer.poll({1, OpType::Invoke, SimTime(1), {}});
        const std::vector<SeenRecord> seen = {
            {kOrders, Offset(1), "x"}, {kOrders, Offset(2), "y"}, {kBills, Offset(7), "z"}};
        writer.poll({1, OpType::Ok, SimTime(2), seen});
    }
    EXPECT_EQ(text.text(),
              "{\"process\":1,\"type\":\"invoke\",\"f\":\"poll\",\"time\":1,\"value\":"
              "[[\"poll\",{}]]}\n"
              "{\"process\":1,\"type\":\"ok\",\"f\":\"poll\",\"time\":2,\"value\":"
              "[[\"poll\",{\"orders-0\":[[1,\"x\"],[2,\"y\"]],\"bills-2\":[[7,\"z\"]]}]]}\n");
}

}  // namespace
}  // namespace bsim
