#include "sim/trace/history_reader.h"

#include <sstream>

#include <gtest/gtest.h>

namespace bsim {
namespace {

// Everything in `text`, and what the writer makes of what the reader hands on.
std::string again(const std::string& text, std::string& error) {
    StringSink out;
    {
        HistoryWriter writer(out);
        std::istringstream in(text);
        HistoryReader reader(in, writer);
        while (true) {
            const auto read = reader.next();
            if (!read) {
                error = read.error().to_string();
                break;
            }
            if (!*read)
                break;
        }
    }
    return out.text();
}

TEST(HistoryReader, HandsOnWhatTheWriterWrote) {
    const std::string text = R"({"process":3,"type":"invoke","f":"send","time":1,)"
                             R"("value":[["send","t-0",[null,"a"]],["send","t-0",[null,"b\"c"]]],)"
                             R"("client":"producer-p-0","acks":1,"idempotent":false}
{"process":3,"type":"ok","f":"send","time":2,)"
                             R"("value":[["send","t-0",[7,"a"]],["send","t-0",[8,"b\"c"]]]}
{"process":1,"type":"invoke","f":"poll","time":3,"value":[["poll",{}]],)"
                             R"("client":"consumer-c-0","begins":true}
{"process":1,"type":"ok","f":"poll","time":4,"value":[["poll",{"t-0":[[7,"a"]],"u-1":[[0,"x"]]}]],)"
                             R"("moved":[["t-0",null],["t-0",7]]}
{"process":4,"type":"info","f":"send","time":5,"value":[["send","t--1",[null,"z"]]]}
{"process":2,"type":"fail","f":"commit","time":6,"value":[["commit",{"t-0":8}]]}
)";
    std::string error;
    EXPECT_EQ(again(text, error), text);
    EXPECT_EQ(error, "");
}

TEST(HistoryReader, TakesJepsensShapes) {
    std::string error;
    EXPECT_EQ(again(R"({"process":1,"type":"ok","f":"subscribe","time":1,"value":["t"]}
{"process":1,"type":"ok","f":"poll","time":2,"value":[["poll",{"t-0":[[0,5]]}]]}
{"process":2,"type":"ok","f":"assign","time":3,"value":["t-0"]}
{"process":2,"type":"invoke","f":"txn","time":4,"value":[["send","t-0",6],["poll"]]}
{"process":2,"type":"ok","f":"txn","time":5,"value":[["send","t-0",[1,6]],["poll",{"t-0":[[0,5]]}]]}
{"process":2,"type":"ok","f":"debug-topic-partitions","time":6,"value":null}
)",
                    error),
              R"({"process":1,"type":"ok","f":"poll","time":2,)"
              R"("value":[["poll",{"t-0":[[0,"5"]]}]],"begins":true,"moved":[["t-0",null]]}
{"process":2,"type":"invoke","f":"send","time":4,"value":[["send","t-0",[null,"6"]]]}
{"process":2,"type":"ok","f":"send","time":5,"value":[["send","t-0",[1,"6"]]]}
{"process":2,"type":"ok","f":"poll","time":5,"value":[["poll",{"t-0":[[0,"5"]]}]],"begins":true}
)");
    EXPECT_EQ(error, "");
}

TEST(HistoryReader, SaysWhatIsWrongWithALine) {
    const auto complaint = [](const std::string& line) {
        std::string error;
        again(line, error);
        return error;
    };
    const std::string head = R"({"process":1,"type":"ok","time":1,"f":)";
    EXPECT_EQ(complaint("[1"), "line 1: not a JSON object");
    EXPECT_EQ(complaint(R"({"process":-1,"type":"ok","time":1,"f":"send","value":[]})"),
              "line 1: no process number");
    EXPECT_EQ(complaint(R"({"process":1,"type":"done","time":1,"f":"send","value":[]})"),
              "line 1: no type: \"done\"");
    EXPECT_EQ(complaint(head + R"("send","value":3})"), "line 1: no list of micro-operations");
    EXPECT_EQ(complaint(head + R"("send","value":[["push"]]})"),
              "line 1: unknown micro-operation \"push\"");
    EXPECT_EQ(complaint(head + R"("send","value":[["send","t",[1,"a"]]]})"),
              "line 1: no partition: \"t\"");
    EXPECT_EQ(complaint(head + R"("poll","value":[["poll",{"t-0":[[-3,"a"]]}]]})"),
              "line 1: an offset is a whole number or null");
    EXPECT_EQ(complaint(head + R"("poll","value":[["poll",{}]],"moved":[["t-0","x"]]})"),
              "line 1: a move is [\"topic-0\", offset or null]");
}

}  // namespace
}  // namespace bsim
