#include "sim/app/usage.h"

#include <gtest/gtest.h>

namespace bsim {
namespace {

// A parser like brokersim's, of two commands.
struct Parser {
    CLI::App root{"", "brokersim"};
    bool json = false;
    std::string file;
    std::string until;
    std::string seed;

    Parser() {
        root.add_flag("--json", json);
        root.fallthrough();
        root.require_subcommand(1);
        CLI::App* run = root.add_subcommand("run");
        run->add_option("SCENARIO", file)->required()->check(path_complaint);
        run->add_option("--until", until)->check(duration_complaint);
        run->add_option("--seed", seed)->check(count_complaint);
        root.add_subcommand("check")->alias("validate");
    }
};

std::string complaint(const std::vector<std::string>& words) {
    Parser parser;
    try {
        // CLI11 wants the last word first.
        parser.root.parse(std::vector<std::string>(words.rbegin(), words.rend()));
    } catch (const CLI::ParseError& error) {
        return usage_complaint(parser.root, error) + " (" + help_command(parser.root) + ")";
    }
    return "accepted";
}

TEST(Usage, AnUnknownCommandIsNamedWithTheNearestOrAll) {
    EXPECT_EQ(complaint({"frobnicate"}),
              "unknown command \"frobnicate\"; expected one of: run, check, validate "
              "(brokersim --help)");
    EXPECT_EQ(complaint({"rnu", "x.json"}),
              "unknown command \"rnu\"; did you mean \"run\"? (brokersim --help)");
    EXPECT_EQ(complaint({"--json", "valdate"}),
              "unknown command \"valdate\"; did you mean \"validate\"? (brokersim --help)");
    EXPECT_EQ(complaint({}),
              "no command; expected one of: run, check, validate (brokersim --help)");
    EXPECT_EQ(complaint({"--json"}),
              "no command; expected one of: run, check, validate (brokersim --help)");
}

TEST(Usage, AnUnknownOptionIsNamedWithTheNearest) {
    EXPECT_EQ(complaint({"run", "--untill", "3s", "x"}),
              "unknown option \"--untill\"; did you mean \"--until\"? (brokersim run --help)");
    EXPECT_EQ(complaint({"run", "x", "--untill=3s"}),
              "unknown option \"--untill\"; did you mean \"--until\"? (brokersim run --help)");
    EXPECT_EQ(complaint({"--jsn", "run", "x"}),
              "unknown option \"--jsn\"; did you mean \"--json\"? (brokersim run --help)");
    EXPECT_EQ(complaint({"--frob"}), "unknown option \"--frob\" (brokersim --help)");
    EXPECT_EQ(complaint({"run", "-x"}), "unknown option \"-x\" (brokersim run --help)");
}

TEST(Usage, WrongNumbersOfWordsAreTold) {
    EXPECT_EQ(complaint({"run"}), "SCENARIO is required (brokersim run --help)");
    EXPECT_EQ(complaint({"check", "extra"}),
              "unexpected argument \"extra\" (brokersim check --help)");
    EXPECT_EQ(complaint({"run", "x", "--until"}), "--until needs a value (brokersim run --help)");
    EXPECT_EQ(complaint({"run", "x", "--seed", "1", "--seed", "2"}),
              "--seed stands there twice (brokersim run --help)");
    EXPECT_EQ(complaint({"run", "x", "--until", "3s"}), "accepted");
}

TEST(Usage, WrongValuesAreTold) {
    EXPECT_EQ(complaint({"run", "x", "--until", "5"}),
              "--until: \"5\" is no duration; did you mean \"5s\"? (brokersim run --help)");
    EXPECT_EQ(complaint({"run", "x", "--until", "soon"}),
              "--until: \"soon\" is no duration, such as 30s (brokersim run --help)");
    EXPECT_EQ(complaint({"run", "x", "--seed", "0"}),
              "--seed: \"0\" is no number above 0 (brokersim run --help)");
    EXPECT_EQ(complaint({"run", ""}), "SCENARIO: the name is empty (brokersim run --help)");
}

}  // namespace
}  // namespace bsim
