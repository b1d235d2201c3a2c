#include "sim/scenario/json.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "sim/scenario/utf8.h"

namespace bsim {
namespace {

std::string code_of(const std::string& text) {
    const JsonParse parse = json_parse(text, {});
    return parse.errors.empty() ? "" : std::string(parse.errors.front().code);
}

TEST(Json, KeysAndValuesKnowWhereTheyStand) {
    const std::string text = "{\n  \"é\": 1,\r\n\t\"b\": [10\n    ,\n    20.50]\n}\n";
    const SourceText source("f", text);
    const JsonParse parse = json_parse(text, {});
    ASSERT_TRUE(parse.root);
    const JsonNode& first = parse.root->children[0];
    EXPECT_EQ(first.key, "é");
    EXPECT_EQ(source.position(first.key_offset).line, 2);
    EXPECT_EQ(source.position(first.key_offset).column, 3);
    EXPECT_EQ(source.position(first.offset).column, 8) << "columns count characters, not bytes";
    const JsonNode& list = parse.root->children[1];
    EXPECT_EQ(source.position(list.key_offset).column, 2) << "a tab is one character";
    EXPECT_EQ(source.position(list.children[1].offset).line, 5);
    EXPECT_EQ(source.position(list.children[1].offset).column, 5);
    EXPECT_EQ(list.children[1].text, "20.50") << "numbers keep their text";
    EXPECT_EQ(list.children[1].length, 5U);
    EXPECT_EQ(list.children[1].pointer(), "/b/1");
}

TEST(Json, StringsAreDecoded) {
    const JsonParse parse = json_parse(R"(["a\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00z"])", {});
    ASSERT_TRUE(parse.root);
    EXPECT_EQ(parse.root->children[0].text, "a\"\\/\b\f\n\r\té😀z");
}

TEST(Json, PointersEscapeTildeAndSlash) {
    const JsonParse parse = json_parse(R"({"a/b": {"~": [0, {"x": 1}]}})", {});
    ASSERT_TRUE(parse.root);
    EXPECT_EQ(parse.root->children[0].children[0].children[1].children[0].pointer(),
              "/a~1b/~0/1/x");
}

TEST(Json, DuplicateKeysAreReportedAndTheFirstStays) {
    const JsonParse parse = json_parse(R"({"a": 1, "b": {"a": 2, "\u0061": 3}, "a": 4})", {});
    ASSERT_TRUE(parse.root);
    ASSERT_EQ(parse.errors.size(), 2U);
    EXPECT_EQ(parse.errors[0].message, "duplicate key \"a\" (first at 1:16)");
    EXPECT_EQ(parse.errors[0].pointer, "/b/a");
    EXPECT_EQ(parse.errors[1].message, "duplicate key \"a\" (first at 1:2)");
    EXPECT_EQ(parse.root->find("a")->text, "1");
}

TEST(Json, BytesThatAreNoTextAreRefused) {
    EXPECT_EQ(code_of(""), "E0003");
    EXPECT_EQ(code_of(" \n\t"), "E0003");
    EXPECT_EQ(code_of("\xef\xbb\xbf{}"), "E0004");
    EXPECT_EQ(code_of(std::string("{\"a\": \"\0\"}", 10)), "E0005");
    EXPECT_EQ(code_of("{\"\xff\": 1}"), "E0006");
    EXPECT_EQ(code_of("{\"\xc0\x80\": 1}"), "E0006") << "an overlong form";
    EXPECT_EQ(code_of("{\"\xed\xa0\x80\": 1}"), "E0006") << "a surrogate";
    EXPECT_EQ(code_of("{\"\xf4\x90\x80\x80\": 1}"), "E0006") << "beyond U+10FFFF";
    EXPECT_EQ(code_of("{\"\xc3"), "E0006") << "cut within a character";
}

TEST(Json, NestingEndsAtSixtyFourLevels) {
    EXPECT_EQ(code_of(std::string(64, '[') + std::string(64, ']')), "");
    EXPECT_EQ(code_of(std::string(65, '[') + std::string(65, ']')), "E0008");
    EXPECT_EQ(code_of(std::string(1'000'000, '[')), "E0008");
}

TEST(Json, TheNumberOfValuesIsLimited) {
    std::string text = "[0";
    for (std::size_t i = 0; i < kValuesMax; ++i)
        text += ",0";
    EXPECT_EQ(code_of(text + "]"), "E0014");
}

TEST(Json, VeryManyDuplicatesEndTheParsing) {
    std::string text = "{\"a\": 0";
    for (int i = 0; i < 5000; ++i)
        text += ",\"a\": 0";
    const JsonParse parse = json_parse(text + "}", {});
    EXPECT_FALSE(parse.root);
    EXPECT_EQ(parse.errors.size(), 1000U);
}

TEST(Json, CommentsNeedPermission) {
    const std::string text = "// head\n{\"a\": /* one */ 1 // end\n}\n/* tail";
    EXPECT_EQ(code_of(text), "E0011");
    JsonOptions options;
    options.comments = true;
    EXPECT_EQ(json_parse(text, options).errors.at(0).message, "this comment has no end");
    const JsonParse parse = json_parse(text + " */", options);
    ASSERT_TRUE(parse.root);
    EXPECT_EQ(parse.root->find("a")->text, "1");
}

// What nlohmann's parser takes, this one takes too, and the other way round.
TEST(Json, AgreesWithAnotherParserOnMutatedTexts) {
    const std::string seed_text =
        R"({"a": [1, -0.5e+3, true, null], "b": {"c": "x\n\u0041é"}, "d": [[], {}], "e": 0})";
    const std::string alphabet = "{}[]\",:0129.eE+-tfn\\u \n\tax/*";
    std::uint64_t state = 7;
    const auto draw = [&](std::size_t below) {
        state = state * 6364136223846793005U + 1442695040888963407U;
        return static_cast<std::size_t>(state >> 33U) % below;
    };
    int accepted = 0;
    for (int round = 0; round < 30'000; ++round) {
        std::string text = seed_text;
        for (std::size_t edits = 1 + draw(3); edits > 0; --edits) {
            const std::size_t at = draw(text.size());
            const char c = alphabet[draw(alphabet.size())];
            const std::size_t how = draw(3);
            if (how == 0)
                text[at] = c;
            if (how == 1)
                text.insert(at, 1, c);
            if (how == 2)
                text.erase(at, 1 + draw(3));
        }
        const JsonParse parse = json_parse(text, {});
        const bool ours = parse.root != nullptr;
        const bool lone_limits = !parse.errors.empty() && parse.errors[0].code == "E0007" &&
                                 parse.errors[0].message == "a string must not hold NUL";
        if (lone_limits)
            continue;
        ASSERT_EQ(ours, nlohmann::json::accept(text)) << text;
        accepted += ours ? 1 : 0;
    }
    EXPECT_GT(accepted, 1000);
}

TEST(Utf8, AppendAndCountAreEachOthersInverse) {
    std::string text;
    for (const std::uint32_t point : {0x24U, 0x7ffU, 0x800U, 0xffffU, 0x10000U, 0x10ffffU}) {
        utf8_append(text, point);
    }
    EXPECT_EQ(utf8_count(text), 6U);
    EXPECT_EQ(text.size(), 1U + 2 + 3 + 3 + 4 + 4);
    EXPECT_EQ(utf8_prefix(text, 3), 6U);
    EXPECT_EQ(utf8_prefix(text, 99), text.size());
}

}  // namespace
}  // namespace bsim
