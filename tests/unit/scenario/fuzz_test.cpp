// The fuzzers' promises (tests/fuzz/judge.h) over texts made by fixed generators.
#include <cstdlib>

#include <gtest/gtest.h>

#include "tests/fuzz/judge.h"

namespace bsim {
namespace {

// One of so many places and rounds, where the sanitizers make all of them slow.
std::size_t stride() {
    return std::getenv("BSIM_SHORT") == nullptr ? 1 : 17;
}

void judge(const std::string& text) {
    ASSERT_EQ(fuzz::broken_by_scenario(text), "") << text;
}

// Together they have every part of the format.
class ScenarioFuzz : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Files,
                         ScenarioFuzz,
                         testing::Values("full.jsonc", "quorum.jsonc", "to-come.json"));

TEST_P(ScenarioFuzz, EveryPrefixIsReadOrPlaced) {
    const std::string text = test::read_data(GetParam());
    for (std::size_t length = 0; length < text.size(); length += stride()) {
        judge(text.substr(0, length));
        if (HasFatalFailure())
            return;
    }
}

TEST_P(ScenarioFuzz, EveryByteMayChangeOrGoMissing) {
    const std::string text = test::read_data(GetParam());
    const std::string others("\0\"}],:0x\xff", 9);
    for (std::size_t at = 0; at < text.size(); at += stride()) {
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
            if (places % stride() == 0)
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
    for (std::size_t round = 0; round < 2000; round += stride()) {
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

// Words of the language and single bytes, put in, taken out and swapped.
TEST(ExpressionFuzz, RandomMutationsOfSeveralWords) {
    std::vector<std::string> seeds;
    std::ifstream in(std::string(BSIM_SOURCE_DIR) + "/tests/fuzz/expressions.txt");
    for (std::string line; std::getline(in, line);)
        seeds.push_back(line);
    ASSERT_GT(seeds.size(), 10U);
    const std::vector<std::string> words = {"(",        ")",
                                            ",",        " and ",
                                            " or ",     "not ",
                                            " < ",      " == ",
                                            " != ",     "=",
                                            "5s",       "0.5",
                                            "none",     "-1",
                                            "\"",       "orders-0",
                                            "broker-1", "event(",
                                            "count(",   "p99(",
                                            "{",        "é",
                                            ":",        "9999999999999999999999",
                                            " within ", "target(kill)",
                                            "isr(",     "\\",
                                            "\n",       "\xff"};
    std::uint64_t state = 5;
    const auto draw = [&](std::size_t below) {
        state = state * 6364136223846793005U + 1442695040888963407U;
        return static_cast<std::size_t>(state >> 33U) % below;
    };
    for (std::size_t round = 0; round < 4000; round += stride()) {
        std::string text = seeds[draw(seeds.size())];
        for (std::size_t edits = 1 + draw(4); edits > 0; --edits) {
            const std::size_t at = draw(text.size() + 1);
            if (draw(3) == 0)
                text.erase(at, draw(8));
            else
                text.insert(at, words[draw(words.size())]);
        }
        ASSERT_EQ(fuzz::broken_by_expression(text), "") << text;
    }
}

}  // namespace
}  // namespace bsim
