#include "sim/report/trace_text.h"

#include <sstream>

#include <gtest/gtest.h>

namespace bsim {
namespace {

const std::string kTrace =
    "{\"brokersim\":1,\"scenario\":\"s\",\"seed\":1,\"clock\":\"ns\"}\n"
    R"({"i":1,"t":0,"n":"sim","k":"RunStarted","a":{},"c":[]})"
    "\n"
    R"({"i":2,"t":1500000000,"n":"broker-1","k":"LogAppended","a":{)"
    R"("p":"orders-0","base":0,"last":9,"epoch":3,"bytes":170,"crc":7},"c":[1]})"
    "\n"
    R"({"i":3,"t":2000000000,"n":"broker-2","k":"IsrShrunk","a":{)"
    R"("p":"orders-0","isr":[2,1],"removed":[3]},"c":[]})"
    "\n"
    R"({"i":9,"t":3000000000,"n":"broker-2","k":"KindOfALaterProgram","a":{)"
    R"("why":"a \"b\", c","p":"orders-1"},"c":[2,3]})"
    "\n";

std::string render(const TraceQuery& query) {
    std::istringstream in(kTrace);
    StringSink out;
    const auto written = render_trace(in, query, out);
    return written.ok() ? out.text() : written.error().to_string();
}

// Numbers of the events that the condition lets pass.
std::string passing(const std::string& where) {
    TraceQuery query;
    const auto conditions = parse_where(where);
    if (!conditions.ok())
        return conditions.error();
    query.where = *conditions;
    query.format = TraceFormat::Csv;
    std::istringstream lines(render(query));
    std::string numbers;
    std::string line;
    std::getline(lines, line);
    while (std::getline(lines, line))
        numbers += line.substr(0, line.find(',')) + " ";
    return numbers;
}

TEST(TraceText, TextShowsOneEventALine) {
    EXPECT_EQ(render({}),
              "   0.000000000s  sim              RunStarted\n"
              "   1.500000000s  broker-1         LogAppended        p=orders-0 base=0 last=9 "
              "epoch=3 bytes=170 crc=7\n"
              "   2.000000000s  broker-2         IsrShrunk          p=orders-0 isr=[2,1] "
              "removed=[3]\n"
              "   3.000000000s  broker-2         KindOfALaterProgram why=a \"b\", c p=orders-1\n");
}

TEST(TraceText, JsonLinesOfAllIsTheTraceItself) {
    TraceQuery query;
    query.format = TraceFormat::JsonLines;
    EXPECT_EQ(render(query), kTrace);
}

TEST(TraceText, CsvQuotesWhatNeedsIt) {
    TraceQuery query;
    query.format = TraceFormat::Csv;
    query.where = *parse_where("i=9");
    EXPECT_EQ(
        render(query),
        "i,t,n,k,p,a,c\n"
        "9,3000000000,broker-2,KindOfALaterProgram,orders-1,"
        "\"{\"\"why\"\":\"\"a \\\"\"b\\\"\", c\"\",\"\"p\"\":\"\"orders-1\"\"}\",\"[2,3]\"\n");
}

TEST(TraceText, TimesCutFromIncludedToExcluded) {
    TraceQuery query;
    query.format = TraceFormat::Csv;
    query.from = SimTime(1'500'000'000);
    query.to = SimTime(2'000'000'000);
    EXPECT_EQ(render(query).substr(0, 27), "i,t,n,k,p,a,c\n2,1500000000,");
}

TEST(TraceText, ConditionsMustAllHold) {
    EXPECT_EQ(passing("k=LogAppended"), "2 ");
    EXPECT_EQ(passing("n=broker-2"), "3 9 ");
    EXPECT_EQ(passing("n=broker-2,p=orders-0"), "3 ");
    EXPECT_EQ(passing("n = broker-2 and p != orders-0"), "9 ");
    EXPECT_EQ(passing("epoch>=3"), "2 ");
    EXPECT_EQ(passing("epoch>3"), "");
    EXPECT_EQ(passing("epoch<4, base<=0"), "2 ");
    EXPECT_EQ(passing("isr=[2,1]"), "3 ");
    EXPECT_EQ(passing("t>=2000000000"), "3 9 ");
    EXPECT_EQ(passing("p!=orders-0"), "9 ") << "events without the attribute do not pass";
    EXPECT_EQ(passing("k>IsrShrunk"), "") << "texts have no order";
}

TEST(TraceText, OfGroupsJoinedByOrOneMustHold) {
    EXPECT_EQ(passing("k=LogAppended or k=IsrShrunk"), "2 3 ");
    EXPECT_EQ(passing("n=broker-2 and p=orders-0 or n=sim"), "1 3 ");
    EXPECT_EQ(passing("isr=[2,1] or i=9,p=orders-1"), "3 9 ");
}

TEST(TraceText, WhatIsNoConditionIsNamed) {
    EXPECT_EQ(passing("k=A n=B").substr(0, 26), "\"k=A n=B\" is no condition;");
    EXPECT_EQ(passing("k=A or ").substr(0, 20), "\"\" is no condition; ");
    EXPECT_EQ(passing("k=A,broker-1").substr(0, 28), "\"broker-1\" is no condition; ");
    EXPECT_EQ(passing("").substr(0, 20), "\"\" is no condition; ");
    EXPECT_EQ(passing("=3").substr(0, 22), "\"=3\" is no condition; ");
}

TEST(TraceText, ADamagedLineIsAnErrorWithItsNumber) {
    std::istringstream in(kTrace + "{\"i\":10,");
    StringSink out;
    const auto written = render_trace(in, {}, out);
    ASSERT_FALSE(written.ok());
    EXPECT_EQ(written.error().to_string(), "line 6: not an event");
}

TEST(TraceText, FormatsHaveNames) {
    EXPECT_EQ(parse_trace_format("csv"), TraceFormat::Csv);
    EXPECT_EQ(parse_trace_format("jsonl"), TraceFormat::JsonLines);
    EXPECT_EQ(parse_trace_format("text"), TraceFormat::Text);
    EXPECT_EQ(parse_trace_format("xml"), std::nullopt);
}

}  // namespace
}  // namespace bsim
