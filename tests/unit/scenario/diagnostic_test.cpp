#include "sim/scenario/diagnostic.h"

#include <set>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "sim/scenario/load.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/scenario/support.h"

namespace bsim {
namespace {

std::string printed(const std::vector<Diagnostic>& diagnostics) {
    std::string out;
    for (const Diagnostic& d : diagnostics)
        out += format_diagnostic(d, false);
    return out;
}

Diagnostic first(const std::string& text) {
    return test::diagnostics_of(text).at(0);
}

TEST(Diagnostic, PrintsASlipAsCompilersDo) {
    const std::string text = "{\n \"faults\": [\n    {\"fault\": \"crahs\"}\n]}";
    const auto result = parse_scenario(text, "s.json", test::small_vocabulary());
    for (const Diagnostic& d : result.error()) {
        if (d.code != "E0104")
            continue;
        EXPECT_EQ(format_diagnostic(d, false),
                  "s.json:3:15: error: unknown fault \"crahs\"; did you mean \"crash\"?\n"
                  "    3 |     {\"fault\": \"crahs\"}\n"
                  "      |               ^~~~~~~ at /faults/0/fault\n"
                  "  expected: crash, pause, partition (others are not built yet)\n");
        return;
    }
    FAIL();
}

TEST(Diagnostic, PrintsAMissingUnitWithAnArrow) {
    const std::string text = test::replaced(test::read_data("base.json"), "\"60s\"", "60");
    EXPECT_EQ(format_diagnostic(first(text), false),
              "s.json:4:15: error: duration needs a unit, got number 60   → did you mean \"60s\"?\n"
              "    4 |   \"duration\": 60,\n"
              "      |               ^~ at /duration\n"
              "  expected: a number and a unit of ns, us, ms, s, m, h, d, such as \"30s\" or "
              "\"1.5h\"\n");
}

TEST(Diagnostic, PrintedFormIsGolden) {
    const auto result =
        parse_scenario(test::read_data("broken.json"), "broken.json", test::small_vocabulary());
    ASSERT_FALSE(result);
    EXPECT_EQ(printed(result.error()), test::read_data("broken.golden"));
}

TEST(Diagnostic, TheCaretStandsRightBelowTabsAndLongCharacters) {
    const Diagnostic d = first("{\n\t\"naïve\":\t\"é\", \"x-y\": 1, \"bad\": 1}");
    ASSERT_EQ(d.code, "E0102");
    for (const Diagnostic& other : test::diagnostics_of("{\n\t\"naïve\":\t\"é\"}")) {
        if (other.code != "E0101")
            continue;
        EXPECT_EQ(
            format_diagnostic(other, false),
            "s.json:2:2: error: unknown key \"naïve\"\n"
            "    2 | \t\"naïve\":\t\"é\"}\n"
            "      | \t^~~~~~~ at /naïve\n"
            "  expected: $schema, version, name, title, seed, duration, kafka, mode, cluster, "
            "network, topics, producers, consumers, faults, expect, record, switches\n");
    }
}

TEST(Diagnostic, ALongLineIsCutAroundThePlace) {
    const std::string filler(500, 'x');
    const auto all = test::diagnostics_of("{\"x-a\": \"" + filler +
                                          "\", \"duration\": 60, \"x-b\": \"" + filler + "\"}");
    for (const Diagnostic& d : all) {
        if (d.code != "E0107")
            continue;
        EXPECT_EQ(d.column, 525);
        EXPECT_LT(d.excerpt.size(), 120U);
        EXPECT_TRUE(d.excerpt.starts_with("…"));
        EXPECT_TRUE(d.excerpt.ends_with("…"));
        const std::string text = format_diagnostic(d, false);
        const std::size_t source = text.find("60,", text.find("|"));
        const std::size_t line = text.rfind('\n', source);
        const std::size_t caret = text.find('^');
        const std::size_t caret_line = text.rfind('\n', caret);
        // "…" has three bytes and one column.
        EXPECT_EQ(source - line - 2, caret - caret_line);
        return;
    }
    FAIL();
}

TEST(Diagnostic, ControlCharactersDoNotReachTheTerminal) {
    const auto all = test::diagnostics_of("{\"a\\u001b[31m\\n\\u009b\": 1, \"b\x7f\": 2}");
    for (const Diagnostic& d : all) {
        const std::string text = format_diagnostic(d, false);
        EXPECT_EQ(text.find('\x1b'), std::string::npos);
        EXPECT_EQ(text.find('\x7f'), std::string::npos);
        EXPECT_EQ(text.find("\xc2\x9b"), std::string::npos);
    }
    EXPECT_NE(printed(all).find("a\\u001b[31m\\u000a\\u009b"), std::string::npos);
}

TEST(Diagnostic, AVeryLongNameIsCut) {
    for (const Diagnostic& d : test::diagnostics_of("{\"" + std::string(100'000, 'k') + "\": 1}")) {
        EXPECT_LT(format_diagnostic(d, false).size(), 2500U);
    }
}

TEST(Diagnostic, ColourGoesAroundTheText) {
    const std::string text = test::replaced(test::read_data("base.json"), "\"60s\"", "60");
    std::string coloured = format_diagnostic(first(text), true);
    EXPECT_NE(coloured.find("\033[1;31merror:\033[0m"), std::string::npos);
    for (std::size_t at = 0; (at = coloured.find('\033')) != std::string::npos;) {
        coloured.erase(at, coloured.find('m', at) - at + 1);
    }
    EXPECT_EQ(coloured, format_diagnostic(first(text), false));
}

TEST(Diagnostic, HasAJsonForm) {
    const std::string text = test::replaced(test::read_data("base.json"), "\"60s\"", "60");
    EXPECT_EQ(to_json(first(text)).dump(),
              R"({"file":"s.json","line":4,"column":15,"pointer":"/duration","code":"E0107",)"
              R"("message":"duration needs a unit, got number 60","expected":"a number and a unit )"
              R"(of ns, us, ms, s, m, h, d, such as \"30s\" or \"1.5h\"","suggestion":"60s",)"
              R"("severity":"error"})");
}

TEST(Diagnostic, EveryCodeIsExplainedOnce) {
    const auto codes = all_codes();
    EXPECT_TRUE(std::is_sorted(codes.begin(), codes.end()));
    EXPECT_EQ(std::set(codes.begin(), codes.end()).size(), codes.size());
    for (const std::string_view code : codes)
        EXPECT_GT(explain_code(code)->size(), 50U) << code;
    EXPECT_FALSE(explain_code("E9999"));
}

TEST(Load, ReadsAFile) {
    const auto loaded = load_scenario_file(test::data_path("base.json"));
    ASSERT_TRUE(loaded);
    EXPECT_EQ(loaded->text, test::read_data("base.json"));
    EXPECT_EQ(loaded->file_name, test::data_path("base.json"));
}

TEST(Load, TellsAFileThatCannotBeReadFromOneThatIsTooLarge) {
    for (const std::string& path : {test::data_path("absent.json"), test::data_path("")}) {
        const auto loaded = load_scenario_file(path);
        ASSERT_FALSE(loaded);
        EXPECT_TRUE(loaded.error().io);
        EXPECT_EQ(loaded.error().diagnostic.code, "E0001");
        EXPECT_TRUE(format_diagnostic(loaded.error().diagnostic, false)
                        .starts_with(path + ": error: cannot read the scenario: "));
    }
    const test::TempDir directory;
    const std::string path = directory / "too-large.json";
    {
        std::ofstream out(path, std::ios::binary);
        out.seekp(static_cast<std::streamoff>(kScenarioBytesMax));
        out.put('x');
    }
    const auto loaded = load_scenario_file(path);
    ASSERT_FALSE(loaded);
    EXPECT_FALSE(loaded.error().io);
    EXPECT_EQ(loaded.error().diagnostic.code, "E0002");
}

}  // namespace
}  // namespace bsim
