#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include <gtest/gtest.h>

#include "sim/check/registry.h"
#include "tests/unit/check/checker_script.h"

namespace bsim {
namespace {

namespace fs = std::filesystem;

struct StoredScript {
    std::string check;
    fs::path path;
};

std::vector<StoredScript> all_scripts() {
    std::vector<StoredScript> scripts;
    const fs::path root = fs::path(BSIM_SOURCE_DIR) / "tests" / "checkers";
    for (const auto& entry : fs::recursive_directory_iterator(root)) {
        if (entry.path().extension() != ".txt")
            continue;
        scripts.push_back({entry.path().parent_path().filename().string(), entry.path()});
    }
    std::sort(scripts.begin(), scripts.end(),
              [](const auto& a, const auto& b) { return a.path < b.path; });
    return scripts;
}

std::string read(const fs::path& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

class CheckerScript : public testing::TestWithParam<StoredScript> {};

TEST_P(CheckerScript, SaysWhatIsWrittenBelowTheDashes) {
    static const std::string kDashes = "----\n";
    const std::string text = read(GetParam().path);
    const std::size_t cut = text.find(kDashes);
    ASSERT_NE(cut, std::string::npos) << "no line of dashes";
    const std::string above = text.substr(0, cut);
    const auto outcome = test::run_checker_script(GetParam().check, above);
    ASSERT_EQ(outcome.error, "");
    if (std::getenv("BSIM_REWRITE") != nullptr) {
        std::ofstream(GetParam().path) << above << kDashes << outcome.text;
        return;
    }
    EXPECT_EQ(outcome.text, text.substr(cut + kDashes.size()));
}

INSTANTIATE_TEST_SUITE_P(
    Checkers, CheckerScript, testing::ValuesIn(all_scripts()), [](const auto& param) {
        std::string name = param.param.check + "_" + param.param.path.stem().string();
        std::replace(name.begin(), name.end(), '-', '_');
        return name;
    });

TEST(CheckerScripts, EachCheckerHasTracesThatItRejectsAndOnesThatItAccepts) {
    std::map<std::string, std::pair<int, int>> rejected_accepted;
    for (const StoredScript& script : all_scripts()) {
        const std::string text = read(script.path);
        auto& counts = rejected_accepted[script.check];
        if (text.find("\nviolation ") != std::string::npos)
            ++counts.first;
        if (text.ends_with("----\nholds\n"))
            ++counts.second;
    }
    for (const std::string_view check : check_names()) {
        // Reads files: segments_readable_test.cpp.
        if (check == "segments-readable")
            continue;
        const auto& counts = rejected_accepted[std::string(check)];
        EXPECT_GE(counts.first, 1) << check;
        EXPECT_GE(counts.second, 1) << check;
    }
}

TEST(CheckerScripts, MistakesInAScriptAreErrors) {
    const auto error = [](const char* text) {
        return test::run_checker_script("hw-monotonic", text).error;
    };
    EXPECT_EQ(error("# fine\n\n1s sim RunStarted\n"), "");
    EXPECT_EQ(error("soon sim RunStarted\n"), "line 1: no time: soon");
    EXPECT_EQ(error("1s broker-1 HwAdvanced p=t-0 hv=3\n"),
              "line 1: HwAdvanced has no attribute \"hv\"");
}

}  // namespace
}  // namespace bsim
