// Whatever the bytes, a scenario is read or at least one place is named; nothing is thrown.
#include <gtest/gtest.h>

#include "tests/unit/scenario/support.h"

namespace bsim {
namespace {

void judge(const std::string& text) {
    static const Vocabulary words = test::vocabulary();
    const auto result = parse_scenario(text, "full.jsonc", words);
    if (result)
        return;
    ASSERT_FALSE(result.error().empty()) << text;
    for (const Diagnostic& d : result.error()) {
        ASSERT_GE(d.line, 1) << text;
        ASSERT_GE(d.column, 1) << text;
        ASSERT_TRUE(explain_code(d.code)) << d.code;
        ASSERT_EQ(d.severity, Severity::Error);
        ASSERT_FALSE(d.message.empty());
        ASSERT_GE(d.caret_length, 1);
        const std::string form = format_diagnostic(d, false);
        ASSERT_TRUE(form.starts_with("full.jsonc:" + std::to_string(d.line) + ":")) << form;
    }
}

// Together they have every part of the format.
class ScenarioFuzz : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Files, ScenarioFuzz, testing::Values("full.jsonc", "quorum.jsonc"));

TEST_P(ScenarioFuzz, EveryPrefixIsReadOrPlaced) {
    const std::string text = test::read_data(GetParam());
    for (std::size_t length = 0; length < text.size(); ++length) {
        judge(text.substr(0, length));
        if (HasFatalFailure())
            return;
    }
}

TEST_P(ScenarioFuzz, EveryByteMayChangeOrGoMissing) {
    const std::string text = test::read_data(GetParam());
    const std::string others("\0\"}],:0x\xff", 9);
    for (std::size_t at = 0; at < text.size(); ++at) {
        std::string shorter = text;
        judge(shorter.erase(at, 1));
        for (const char c : others) {
            std::string changed = text;
            changed[at] = c;
            judge(changed);
        }
        if (HasFatalFailure())
            return;
    }
}

// Values of every kind in every place.
TEST_P(ScenarioFuzz, EveryValueMayBeAnother) {
    const std::string text = test::read_data(GetParam());
    std::size_t places = 0;
    for (std::size_t at = text.find(": "); at != std::string::npos; at = text.find(": ", at + 1)) {
        const std::size_t from = at + 2;
        std::size_t end = from;
        if (text[from] == '"') {
            end = text.find('"', from + 1) + 1;
        } else {
            end = text.find_first_of(",}] \n", from);
        }
        if (text[from] == '{' || text[from] == '[')
            end = from;  // put before: a syntax error
        ++places;
        for (const char* value :
             {"null", "true", "-1", "0", "1e400", "99999999999999999999", "1.5", "\"\"", "\"x\"",
              "\"0s\"", "\"5s\"", "[]", "{}", "[[]]", "{\"a\": {}}", "[null]",
              "{\"dist\": \"uniform\"}", "{\"0\": [1]}"}) {
            judge(text.substr(0, from) + value + text.substr(end));
        }
        if (HasFatalFailure())
            return;
    }
    EXPECT_GT(places, 100U);
}

TEST_P(ScenarioFuzz, RandomMutationsOfSeveralBytes) {
    const std::string text = test::read_data(GetParam());
    std::uint64_t state = 11;
    const auto draw = [&](std::size_t below) {
        state = state * 6364136223846793005U + 1442695040888963407U;
        return static_cast<std::size_t>(state >> 33U) % below;
    };
    for (int round = 0; round < 2000; ++round) {
        std::string mutated = text;
        for (std::size_t edits = 1 + draw(6); edits > 0; --edits) {
            const std::size_t from = draw(mutated.size());
            const std::size_t length = draw(20);
            const std::size_t to = draw(mutated.size());
            mutated.insert(to, mutated.substr(from, length));
            if (draw(2) == 0)
                mutated.erase(draw(mutated.size()), draw(20));
        }
        judge(mutated);
        if (HasFatalFailure())
            return;
    }
}

}  // namespace
}  // namespace bsim
