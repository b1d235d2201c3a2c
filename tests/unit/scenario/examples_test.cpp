// Every kind of mistake in tests/data/scenarios/mistakes.txt: a scenario, one replacement in it,
// and what is said about it.
#include <set>

#include <gtest/gtest.h>

#include "tests/unit/scenario/support.h"

namespace bsim {
namespace {

struct Example {
    std::string what;
    std::string with;
    std::string expected;
};

// "= WHAT ==> WITH", then the expected lines; lines that begin with # are comments.
std::vector<Example> examples() {
    std::vector<Example> out;
    std::istringstream in(test::read_data("mistakes.txt"));
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with("= ")) {
            const std::size_t arrow = line.find(" ==> ");
            out.push_back({line.substr(2, arrow - 2), line.substr(arrow + 5), ""});
        } else if (!line.empty() && !line.starts_with("#")) {
            out.back().expected += line + "\n";
        }
    }
    return out;
}

TEST(ScenarioMistakes, AreNamedWithPlaceAndCode) {
    const std::string base = test::read_data("base.json");
    ASSERT_TRUE(test::parse(base)) << test::brief(test::diagnostics_of(base));
    const auto all = examples();
    EXPECT_GT(all.size(), 100U);
    for (const Example& example : all) {
        const std::string text = test::replaced(base, example.what, example.with);
        ASSERT_FALSE(text.empty()) << example.what;
        EXPECT_EQ(test::brief(test::diagnostics_of(text)), example.expected)
            << example.what << " ==> " << example.with;
    }
}

TEST(ScenarioMistakes, HaveAnExampleForEachCode) {
    // Shown elsewhere: what concerns files, overrides, bytes and depth, or two places at once.
    std::set<std::string_view> shown = {"E0001", "E0002", "E0003", "E0004", "E0005", "E0006",
                                        "E0008", "E0012", "E0013", "E0014", "W0010"};
    const std::string text = test::read_data("mistakes.txt");
    for (const std::string_view code : all_codes()) {
        if (!shown.contains(code)) {
            EXPECT_NE(text.find("\n" + std::string(code)), std::string::npos) << code;
        }
    }
}

}  // namespace
}  // namespace bsim
