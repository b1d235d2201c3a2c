// The history of poll(), and the process numbers that all clients share.
#include "sim/node/poll_history.h"

#include <gtest/gtest.h>

namespace bsim {
namespace {

client::RecordsReady ready(const std::vector<std::int64_t>& offsets) {
    client::RecordsReady records;
    auto& part = records.partitions.emplace_back();
    part.partition = {"orders", PartitionIndex(0)};
    for (const std::int64_t offset : offsets)
        part.records.push_back({Offset(offset), std::vector<std::uint8_t>{'v'}});
    return records;
}

TEST(PollHistory, CallsThatReturnNothingAreOneOperationWithTheNext) {
    StringSink text;
    {
        HistoryWriter sink(text);
        HistoryProcesses processes;
        const std::int32_t other = processes.take();
        PollHistory history(sink, processes, NodeName("consumer-c-0"));
        history.called(SimTime(1));
        history.called(SimTime(2));
        history.returned(SimTime(3), ready({}));
        history.called(SimTime(3));
        history.returned(SimTime(4), ready({7, 8}));
        history.called(SimTime(5));
        history.threw(SimTime(6));
        history.ended(SimTime(7));
        // Its number is free again, the other client's is not.
        EXPECT_EQ(processes.take(), 1);
        EXPECT_EQ(other, 0);
    }
    EXPECT_EQ(text.text(),
              R"({"process":1,"type":"invoke","f":"poll","time":1,"value":[["poll",{}]],)"
              R"("client":"consumer-c-0","begins":true}
{"process":1,"type":"ok","f":"poll","time":4,"value":[["poll",{"orders-0":[[7,"v"],[8,"v"]]}]]}
{"process":1,"type":"invoke","f":"poll","time":5,"value":[["poll",{}]]}
{"process":1,"type":"fail","f":"poll","time":6,"value":[["poll",{}]]}
)");
}

TEST(PollHistory, ACallInWhichTheConsumerDiesKeepsItsNumberForEver) {
    StringSink text;
    HistoryWriter sink(text);
    HistoryProcesses processes;
    PollHistory history(sink, processes, NodeName("consumer-c-0"));
    history.called(SimTime(1));
    history.ended(SimTime(2));
    history.called(SimTime(3));
    sink.flush();
    EXPECT_EQ(text.text(),
              R"({"process":0,"type":"invoke","f":"poll","time":1,"value":[["poll",{}]],)"
              R"("client":"consumer-c-0","begins":true}
{"process":0,"type":"info","f":"poll","time":2,"value":[["poll",{}]]}
{"process":1,"type":"invoke","f":"poll","time":3,"value":[["poll",{}]],)"
              R"("client":"consumer-c-0","begins":true}
)");
}

client::CommitBegun begun(std::int64_t id, client::CommitKind kind, std::int64_t offset) {
    return {client::CommitId(id),
            kind,
            {{{"orders", PartitionIndex(0)}, {Offset(offset), std::nullopt}}}};
}

TEST(PollHistory, ACommitBetweenTwoPollsIsOfTheSameProcessOneBesideThemOfAnother) {
    StringSink text;
    HistoryWriter sink(text);
    HistoryProcesses processes;
    PollHistory history(sink, processes, NodeName("consumer-c-0"));
    using client::CommitKind;
    history.called(SimTime(1));
    history.returned(SimTime(2), ready({7}));
    history.commit_begun(SimTime(3), begun(1, CommitKind::Sync, 8));
    history.commit_ended(SimTime(4), {client::CommitId(1), CommitKind::Sync, "", false, {}});
    history.called(SimTime(5));
    history.commit_begun(SimTime(5), begun(2, CommitKind::Auto, 8));
    history.commit_ended(SimTime(6),
                         {client::CommitId(2), CommitKind::Auto, "ILLEGAL_GENERATION", false, {}});
    // Its number is free again.
    EXPECT_EQ(processes.take(), 1);
    history.commit_begun(SimTime(7), begun(3, CommitKind::Auto, 8));
    history.commit_ended(SimTime(8),
                         {client::CommitId(3), CommitKind::Auto, "TIMED_OUT", true, {}});
    history.commit_begun(SimTime(9), begun(4, CommitKind::Auto, 9));
    history.ended(SimTime(10));
    sink.flush();
    EXPECT_EQ(text.text(),
              R"({"process":0,"type":"invoke","f":"poll","time":1,"value":[["poll",{}]],)"
              R"("client":"consumer-c-0","begins":true}
{"process":0,"type":"ok","f":"poll","time":2,"value":[["poll",{"orders-0":[[7,"v"]]}]]}
{"process":0,"type":"invoke","f":"commit","time":3,"value":[["commit",{"orders-0":8}]]}
{"process":0,"type":"ok","f":"commit","time":4,"value":[["commit",{"orders-0":8}]]}
{"process":0,"type":"invoke","f":"poll","time":5,"value":[["poll",{}]]}
{"process":1,"type":"invoke","f":"commit","time":5,"value":[["commit",{"orders-0":8}]]}
{"process":1,"type":"fail","f":"commit","time":6,"value":[["commit",{"orders-0":8}]]}
{"process":2,"type":"invoke","f":"commit","time":7,"value":[["commit",{"orders-0":8}]]}
{"process":2,"type":"info","f":"commit","time":8,"value":[["commit",{"orders-0":8}]]}
{"process":3,"type":"invoke","f":"commit","time":9,"value":[["commit",{"orders-0":9}]]}
{"process":3,"type":"info","f":"commit","time":10,"value":[["commit",{"orders-0":9}]]}
{"process":0,"type":"info","f":"poll","time":10,"value":[["poll",{}]]}
)");
}

TEST(PollHistory, WhereThePositionWentMeanwhileStandsAtTheEndOfACall) {
    StringSink text;
    HistoryWriter sink(text);
    HistoryProcesses processes;
    PollHistory history(sink, processes, NodeName("consumer-c-0"));
    const TopicPartition zero{"orders", PartitionIndex(0)};
    const TopicPartition one{"orders", PartitionIndex(1)};
    history.called(SimTime(1));
    history.owns({zero, one});
    history.moved(zero, Offset(7));
    history.returned(SimTime(2), ready({7}));
    history.owns({zero});
    history.called(SimTime(3));
    history.owns({zero});
    history.threw(SimTime(4));
    sink.flush();
    EXPECT_EQ(text.text(),
              R"({"process":0,"type":"invoke","f":"poll","time":1,"value":[["poll",{}]],)"
              R"("client":"consumer-c-0","begins":true}
{"process":0,"type":"ok","f":"poll","time":2,"value":[["poll",{"orders-0":[[7,"v"]]}]],)"
              R"("moved":[["orders-0",null],["orders-1",null],["orders-0",7]]}
{"process":0,"type":"invoke","f":"poll","time":3,"value":[["poll",{}]]}
{"process":0,"type":"fail","f":"poll","time":4,"value":[["poll",{}]],"moved":[["orders-1",null]]}
)");
}

}  // namespace
}  // namespace bsim
