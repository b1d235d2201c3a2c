// Rules as values: who is cut from whom, and which rule decides.

#include "sim/network/rules.h"

#include <vector>

#include <gtest/gtest.h>

namespace bsim {
namespace {

const HostId a(1);
const HostId b(2);
const HostId c(3);
const HostId d(4);

TEST(Rules, WithoutRulesEverythingPasses) {
    EXPECT_EQ(Rules().verdict(a, b), RuleVerdict::Pass);
}

TEST(Rules, ACutHoldsBothWaysBetweenTheGroupsButNotWithinThem) {
    Rules rules;
    rules.add(PartitionRule{{a, b}, {c, d}, true, RuleVerdict::Drop});
    for (const HostId left : {a, b}) {
        for (const HostId right : {c, d}) {
            EXPECT_EQ(rules.verdict(left, right), RuleVerdict::Drop);
            EXPECT_EQ(rules.verdict(right, left), RuleVerdict::Drop);
        }
    }
    EXPECT_EQ(rules.verdict(a, b), RuleVerdict::Pass);
    EXPECT_EQ(rules.verdict(d, c), RuleVerdict::Pass);
}

TEST(Rules, AOneWayCutLeavesTheWayBackOpen) {
    Rules rules;
    rules.add(PartitionRule{{a}, {b, c}, false, RuleVerdict::Drop});
    EXPECT_EQ(rules.verdict(a, b), RuleVerdict::Drop);
    EXPECT_EQ(rules.verdict(a, c), RuleVerdict::Drop);
    EXPECT_EQ(rules.verdict(b, a), RuleVerdict::Pass);
    EXPECT_EQ(rules.verdict(b, c), RuleVerdict::Pass);
}

TEST(Rules, OfSeveralThatMatchTheOneAddedFirstDecides) {
    Rules rules;
    const RuleId jam = rules.add(PartitionRule{{a}, {b}, true, RuleVerdict::Jam});
    const RuleId reject = rules.add(PartitionRule{{a}, {b, c}, true, RuleVerdict::Reject});
    rules.add(PartitionRule{{a}, {b, c}, true, RuleVerdict::Drop});
    EXPECT_EQ(rules.verdict(a, b), RuleVerdict::Jam);
    EXPECT_EQ(rules.verdict(a, c), RuleVerdict::Reject) << "the first does not match";
    rules.take(jam);
    EXPECT_EQ(rules.verdict(a, b), RuleVerdict::Reject);
    rules.take(reject);
    EXPECT_EQ(rules.verdict(a, b), RuleVerdict::Drop);
    rules.add(PartitionRule{{a}, {b}, true, RuleVerdict::Jam});
    EXPECT_EQ(rules.verdict(a, b), RuleVerdict::Drop) << "a new rule stands last";
}

TEST(Rules, ARuleIsTakenOnceAndItsNameIsNotGivenAgain) {
    Rules rules;
    const RuleId first = rules.add(PartitionRule{{a}, {b}, false, RuleVerdict::Jam});
    const auto taken = rules.take(first);
    ASSERT_TRUE(taken.has_value());
    const auto& cut = std::get<PartitionRule>(*taken);
    EXPECT_EQ(cut.how, RuleVerdict::Jam);
    EXPECT_EQ(cut.from, std::set<HostId>{a});
    EXPECT_EQ(cut.to, std::set<HostId>{b});
    EXPECT_FALSE(cut.both_ways);
    EXPECT_FALSE(rules.take(first).has_value());
    EXPECT_NE(rules.add(PartitionRule{{a}, {b}, false, RuleVerdict::Jam}), first);
}

TEST(Rules, AMessageIsCountedWhetherTheDrawChoosesItOrNot) {
    Rules rules;
    int draws = 0;
    MessageRule rule;
    rule.matches = [](const Frame&) { return true; };
    rule.nth = 2;
    rule.count = 3;
    rule.chosen = [&] { return ++draws % 2 == 0; };
    rules.add(rule);
    std::vector<int> struck;
    for (int number = 1; number <= 6; ++number) {
        if (rules.strike(a, b, Frame{}))
            struck.push_back(number);
    }
    EXPECT_EQ(struck, (std::vector<int>{2, 4}));
    EXPECT_EQ(draws, 6) << "also for those that are not counted in";
}

}  // namespace
}  // namespace bsim
