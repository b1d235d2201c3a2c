#include "sim/check/expectation.h"

#include <gtest/gtest.h>

#include "sim/check/registry.h"

namespace bsim {
namespace {

const EndOfRun kEnd{SimTime(60), EventNumber(99)};

CheckResult held() {
    return {"acked-records-durable", CheckKind::Safety, 7, 0, 0, {}, {}};
}
CheckResult violated() {
    return {"acked-records-durable",
            CheckKind::Safety,
            7,
            1,
            0,
            {{EventNumber(5), SimTime(3), "lost"}},
            {}};
}
CheckResult permitted() {
    return {"acked-records-durable",
            CheckKind::Safety,
            7,
            0,
            1,
            {},
            {{EventNumber(4), SimTime(2), "lost, as declared"}}};
}

ExpectationResult judge(DeclaredOutcome outcome, CheckResult check) {
    return evaluate({{"durable", "acked-records-durable", outcome}}, {std::move(check)}, kEnd)
        .front();
}

TEST(Expectation, HoldsIsMetOnlyWithoutAnyLoss) {
    EXPECT_EQ(judge(DeclaredOutcome::Holds, held()).outcome, ExpectationOutcome::Met);
    EXPECT_EQ(judge(DeclaredOutcome::Holds, violated()).outcome, ExpectationOutcome::Failed);
    EXPECT_EQ(judge(DeclaredOutcome::Holds, permitted()).outcome, ExpectationOutcome::Failed);
}

TEST(Expectation, ViolatedIsMetByViolationOrPermittedLoss) {
    EXPECT_EQ(judge(DeclaredOutcome::Violated, held()).outcome, ExpectationOutcome::Failed);
    EXPECT_EQ(judge(DeclaredOutcome::Violated, violated()).outcome, ExpectationOutcome::Met);
    EXPECT_EQ(judge(DeclaredOutcome::Violated, permitted()).outcome, ExpectationOutcome::Met);
}

TEST(Expectation, NamesTheFirstFindingOrTheEnd) {
    CheckResult both = violated();
    both.permitted = permitted().permitted;
    const ExpectationResult found = judge(DeclaredOutcome::Holds, both);
    EXPECT_EQ(found.i, EventNumber(4));
    EXPECT_EQ(found.at, SimTime(2));
    EXPECT_EQ(found.detail, "lost, as declared");
    const ExpectationResult none = judge(DeclaredOutcome::Holds, held());
    EXPECT_EQ(none.i, kEnd.i);
    EXPECT_EQ(none.at, kEnd.t);
}

TEST(Expectation, WhatWasNeverTestedIsNeitherMetNorFailed) {
    CheckResult idle = held();
    idle.evaluations = 0;
    EXPECT_EQ(judge(DeclaredOutcome::Holds, idle).outcome, ExpectationOutcome::NotReached);
    EXPECT_EQ(judge(DeclaredOutcome::Violated, idle).outcome, ExpectationOutcome::NotReached);
}

TEST(Expectation, OnlyUnnamedSafetyViolationsFailTheRun) {
    EXPECT_EQ(unexpected_failures({}, {violated()}).size(), 1U);
    EXPECT_TRUE(unexpected_failures({}, {held(), permitted()}).empty());
    const CheckExpectation named{"d", "acked-records-durable", DeclaredOutcome::Violated};
    EXPECT_TRUE(unexpected_failures({named}, {violated()}).empty());
    CheckResult lively = violated();
    lively.kind = CheckKind::Liveness;
    EXPECT_TRUE(unexpected_failures({}, {lively}).empty());
}

TEST(Registry, NamesAreSortedAndEachCheckThatReadsNoFilesHasOne) {
    EXPECT_TRUE(std::is_sorted(check_names().begin(), check_names().end()));
    std::vector<std::string> folds;
    for (const CheckResult& check : CheckerSet(CheckSettings{}).results())
        folds.push_back(check.name);
    std::vector<std::string> expected(check_names().begin(), check_names().end());
    std::erase(expected, "segments-readable");
    EXPECT_EQ(folds, expected);
}

}  // namespace
}  // namespace bsim
