#include "sim/check/declared.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace bsim {
namespace {

CheckResult violated(std::string name, CheckKind kind = CheckKind::Safety) {
    CheckResult check;
    check.name = std::move(name);
    check.kind = kind;
    check.evaluations = 9;
    check.violation_count = 2;
    check.violations = {{EventNumber(7), SimTime(70), "gone"}, {EventNumber(8), SimTime(80), "b"}};
    return check;
}

CheckSettings declares(const std::string& check) {
    CheckSettings settings;
    settings.expected_checks = {check};
    settings.declared_violated = {check};
    return settings;
}

TEST(Declared, WhatFollowsFromADeclaredViolationIsPermitted) {
    std::vector<CheckResult> results = {violated("acked-records-durable"), violated("lost-write")};
    permit_what_follows(declares("acked-records-durable"), results);
    EXPECT_EQ(results[0].violation_count, 2U);
    EXPECT_EQ(results[1].violation_count, 0U);
    EXPECT_EQ(results[1].permitted_count, 2U);
    ASSERT_EQ(results[1].permitted.size(), 2U);
    EXPECT_EQ(results[1].permitted[0].detail,
              "gone; permitted: it follows from acked-records-durable, which the scenario declares "
              "to be violated");
    EXPECT_TRUE(results[1].violations.empty());
}

TEST(Declared, WhatTheScenarioNamesItselfStaysAViolation) {
    std::vector<CheckResult> results = {violated("acked-records-durable"), violated("lost-write")};
    CheckSettings settings = declares("acked-records-durable");
    settings.expected_checks.insert("lost-write");
    permit_what_follows(settings, results);
    EXPECT_EQ(results[1].violation_count, 2U);
}

TEST(Declared, AViolationThatDidNotComeExcusesNothing) {
    std::vector<CheckResult> results = {CheckResult(), violated("lost-write")};
    results[0].name = "acked-records-durable";
    permit_what_follows(declares("acked-records-durable"), results);
    EXPECT_EQ(results[1].violation_count, 2U);
}

TEST(Declared, LivenessSaysNothingOfRecords) {
    std::vector<CheckResult> results = {violated("availability", CheckKind::Liveness),
                                        violated("lost-write")};
    permit_what_follows(declares("availability"), results);
    EXPECT_EQ(results[1].violation_count, 2U);
}

}  // namespace
}  // namespace bsim
