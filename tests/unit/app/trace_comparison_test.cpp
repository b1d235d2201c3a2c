#include "sim/app/trace_comparison.h"

#include <sstream>

#include <gtest/gtest.h>

namespace bsim {
namespace {

std::optional<TraceDifference> compare(const std::string& stored, const std::string& now) {
    std::istringstream in(stored);
    TraceComparison comparison(in);
    for (const char c : now)  // however the writer cuts its text
        comparison.write(std::string_view(&c, 1));
    comparison.finish();
    return comparison.difference();
}

TEST(TraceComparison, EqualTracesHaveNoDifference) {
    EXPECT_FALSE(compare("a\nb\n", "a\nb\n"));
    EXPECT_FALSE(compare("", ""));
}

TEST(TraceComparison, TheFirstDifferenceCounts) {
    const auto found = compare("a\nb\nc\nd\n", "a\nb\nx\ny\n");
    ASSERT_TRUE(found);
    EXPECT_EQ(found->line, 3U);
    EXPECT_EQ(found->stored, "c");
    EXPECT_EQ(found->now, "x");
}

TEST(TraceComparison, ATraceThatEndsEarlyDiffers) {
    EXPECT_EQ(to_string(*compare("a\nb\n", "a\n")),
              "line 2 of trace.jsonl is the first that differs\n"
              "  stored: b\n"
              "  now:    (ends here)\n");
    EXPECT_EQ(compare("a\n", "a\nb\n")->now, "b");
}

TEST(TraceComparison, LongLinesAreCutAroundTheDifference) {
    const std::string start = "{\"i\":7,\"t\":12,\"n\":\"broker-1\"," + std::string(300, 'a');
    const std::string text =
        to_string({2, start + "X" + std::string(300, 'b'), start + "Y" + std::string(300, 'b')});
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
        EXPECT_LT(line.size(), 190U) << line;
    EXPECT_NE(text.find("aaXbb"), std::string::npos) << text;
    EXPECT_NE(text.find("aaYbb"), std::string::npos) << text;
    EXPECT_NE(text.find("{\"i\":7,"), std::string::npos) << text;
}

}  // namespace
}  // namespace bsim
