#include "sim/app/run_summary.h"

#include <gtest/gtest.h>

#include "sim/app/terminal.h"

namespace bsim {
namespace {

CheckResult check(std::string name, std::vector<Finding> violations) {
    const std::uint64_t count = violations.size();
    return {std::move(name), CheckKind::Safety, 7, count, 0, std::move(violations), {}};
}

// A run with these findings of two checks, the first of which is expected to hold.
Results results_of(std::vector<Finding> durable, std::vector<Finding> prefix) {
    RunOutcome outcome;
    outcome.scenario = "split";
    outcome.seed = 42;
    outcome.hash = "00ff";
    outcome.end = SimTime(60);
    outcome.events = 900;
    outcome.expectations = {{"safe", "acked-records-durable", DeclaredOutcome::Holds}};
    outcome.checks = {check("acked-records-durable", std::move(durable)),
                      check("committed-prefix", std::move(prefix))};
    return conclude(std::move(outcome), ResultsFold{});
}

const RunPlace kPlace{"runs/split", "brokersim", true};

TEST(RunSummary, AnIntactRunIsSummedUpAndLeadsToItsPlots) {
    EXPECT_EQ(run_summary(results_of({}, {}), kPlace),
              "split pass  seed 42  hash 00ff\n"
              "  met         safe: acked-records-durable held in 7 evaluations\n"
              "  run directory: runs/split\n"
              "  next: scripts/plot.py runs/split\n");
}

TEST(RunSummary, WithoutTheScriptItLeadsToTheTrace) {
    EXPECT_EQ(next_command(results_of({}, {}), {"runs/a b", "./brokersim", false}),
              "./brokersim trace 'runs/a b' --where k=PartitionChanged");
}

TEST(RunSummary, AViolationLeadsToItsExplanation) {
    const Results broken = results_of({{EventNumber(300), SimTime(7), "lost"}},
                                      {{EventNumber(200), SimTime(5), "cut"}});
    EXPECT_EQ(run_summary(broken, kPlace),
              "split fail  seed 42  hash 00ff\n"
              "  failed      safe: lost\n"
              "  violated    acked-records-durable: lost\n"
              "  violated    committed-prefix: cut\n"
              "  run directory: runs/split\n"
              "  next: brokersim explain runs/split --violation committed-prefix\n");
}

TEST(RunSummary, AFailedExpectationIsNamedByItsId) {
    const Results broken = results_of({{EventNumber(3), SimTime(7), "lost"}}, {});
    EXPECT_EQ(next_command(broken, kPlace), "brokersim explain runs/split --violation safe");
}

TEST(RunSummary, WhatIsExpectedToBeViolatedIsNoComplaint) {
    RunOutcome outcome = results_of({{EventNumber(3), SimTime(7), "lost"}}, {}).outcome;
    outcome.expectations.front().outcome = DeclaredOutcome::Violated;
    const Results as_declared = conclude(std::move(outcome), ResultsFold{});
    EXPECT_EQ(first_complaint(as_declared), std::nullopt);
}

TEST(ShellWord, IsQuotedOnlyIfItHasToBe) {
    EXPECT_EQ(shell_word("runs/split-s42-0a1b"), "runs/split-s42-0a1b");
    EXPECT_EQ(shell_word(""), "''");
    EXPECT_EQ(shell_word("a b"), "'a b'");
    EXPECT_EQ(shell_word("it's"), "'it'\\''s'");
    EXPECT_EQ(shell_word("$HOME"), "'$HOME'");
}

}  // namespace
}  // namespace bsim
