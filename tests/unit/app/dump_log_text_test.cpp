// Texts as Java makes them. Expected values were printed by Java 17.

#include <limits>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "sim/app/dump_log/java_text.h"

namespace bsim::dump_log {
namespace {

// The text with each U+FFFD as a '?'.
std::string marked(std::string_view bytes) {
    std::string text = java_utf8(as_bytes(bytes));
    for (std::size_t at = 0; (at = text.find("\xef\xbf\xbd", at)) != std::string::npos;)
        text.replace(at, 3, "?");
    return text;
}

TEST(JavaText, MalformedUtf8IsReplacedAsOftenAsJavaReplacesIt) {
    EXPECT_EQ(marked("caf\xc3\xa9"), "caf\xc3\xa9");
    EXPECT_EQ(marked("\xf0\x9f\x98\x80"), "\xf0\x9f\x98\x80");
    EXPECT_EQ(marked("a\x80z"), "a?z");
    EXPECT_EQ(marked("\xc0\xaf"), "??");
    EXPECT_EQ(marked("\xe2\x82"), "?");
    EXPECT_EQ(marked("\xe2\x82z"), "?z");
    EXPECT_EQ(marked("\xed\xa0\x80z"), "?z");  // a surrogate is one error
    EXPECT_EQ(marked("\xe0\x80\x80"), "???");
    EXPECT_EQ(marked("\xf0\x9f\x98"), "?");
    EXPECT_EQ(marked("\xf4\x90\x80\x80"), "????");
    EXPECT_EQ(marked("\xff\xfe"), "??");
}

TEST(JavaText, StringHashesCountUtf16Units) {
    EXPECT_EQ(string_hash(""), 0);
    EXPECT_EQ(string_hash("orders"), -1008770331);
    EXPECT_EQ(string_hash("\xf0\x9f\x98\x80"), 1772899);
}

TEST(JavaText, DoublesArePrintedAsJavaPrintsThem) {
    EXPECT_EQ(double_text(0.0), "0.0");
    EXPECT_EQ(double_text(-0.0), "-0.0");
    EXPECT_EQ(double_text(1024.0), "1024.0");
    EXPECT_EQ(double_text(0.001), "0.001");
    EXPECT_EQ(double_text(1.0E-4), "1.0E-4");
    EXPECT_EQ(double_text(-1234567.5), "-1234567.5");
    EXPECT_EQ(double_text(1.0E7), "1.0E7");
    EXPECT_EQ(double_text(1.5E300), "1.5E300");
    EXPECT_EQ(double_text(0.1 + 0.2), "0.30000000000000004");
    EXPECT_EQ(double_text(std::numeric_limits<double>::denorm_min()), "4.9E-324");
    EXPECT_EQ(double_text(std::numeric_limits<double>::max()), "1.7976931348623157E308");
}

TEST(JavaText, JsonIsWrittenAsJacksonWritesIt) {
    nlohmann::ordered_json json;
    json["b"] = "\x1f\b\t\n\f\r\"\\/\x7f\xc3\xa9";
    json["a"] = {1, true, nullptr, 2.0, nlohmann::ordered_json::object()};
    json["bad"] = "\xff";
    json["nan"] = std::numeric_limits<double>::quiet_NaN();
    EXPECT_EQ(jackson_text(json),
              "{\"b\":\"\\u001F\\b\\t\\n\\f\\r\\\"\\\\/\x7f\xc3\xa9\","
              "\"a\":[1,true,null,2.0,{}],\"bad\":\"\xef\xbf\xbd\",\"nan\":\"NaN\"}");
}

TEST(JavaText, LongsAreParsedAsJavaParsesThem) {
    EXPECT_EQ(parse_long("00000000000000000113"), 113);
    EXPECT_EQ(parse_long("+7"), 7);
    EXPECT_EQ(parse_long("-5"), -5);
    EXPECT_EQ(parse_long("9223372036854775807"), INT64_MAX);
    EXPECT_EQ(parse_long("9223372036854775808"), std::nullopt);
    for (const char* text : {"", "+", "-", "+-1", "1x", " 1", "0x1"})
        EXPECT_EQ(parse_long(text), std::nullopt) << text;
}

}  // namespace
}  // namespace bsim::dump_log
