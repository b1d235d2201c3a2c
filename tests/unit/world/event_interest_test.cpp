// An expression must be looked at whenever an event can have changed it, and not for all others.
#include "sim/world/event_interest.h"

#include <random>

#include <gtest/gtest.h>

#include "sim/scenario/expression_text.h"
#include "sim/world/event_match.h"

namespace bsim {
namespace {

class Names : public ExpressionNames {
  public:
    void partition(const TopicPartition&, TextPart, TextPart) override {}
    void node(NodeNames&, TextPart) override {}
    void fault(std::string_view, TextPart) override {}
    void metric(std::string_view, TextPart) override {}
    void event_kind(std::string_view, TextPart) override {}
    void event_condition(std::string_view, const Condition&) override {}
};

Expression parse(const std::string& text) {
    Names names;
    auto parsed = parse_expression(text, ExpressionWanted::AnyValue, names);
    EXPECT_TRUE(parsed) << text << ": " << parsed.error().message;
    return *parsed;
}

TopicPartition orders(int index) {
    return {"orders", PartitionIndex(index)};
}

template <class Body>
Event of_partition(const TopicPartition& p, const std::string& node) {
    Body body;
    body.p = p;
    return {EventNumber(1), SimTime(5), NodeName(node), std::move(body)};
}

bool wanted(const std::string& expression, const Event& event) {
    return EventInterest(parse(expression)).in(event);
}

TEST(EventInterest, GoesByPartitionAndNodeWhereTheyAreNamed) {
    const Event appended = of_partition<LogAppended>(orders(0), "broker-1");
    EXPECT_TRUE(wanted("event(LogAppended)", appended));
    EXPECT_TRUE(wanted("event(LogAppended, p=orders-0, base=1000)", appended));
    EXPECT_TRUE(wanted("event(LogAppended, n=1, p=orders-0)", appended));
    EXPECT_FALSE(wanted("event(LogAppended, p=orders-1)", appended));
    EXPECT_FALSE(wanted("event(LogAppended, n=broker-2)", appended));
    EXPECT_TRUE(wanted("event(LogAppended, n!=broker-2)", appended));
    EXPECT_TRUE(wanted("event(LogAppended, n=2) or event(LogAppended, p=orders-0)", appended));
    EXPECT_FALSE(wanted("isr(orders-0) < 3", appended));
    EXPECT_TRUE(wanted("leo(1, orders-0) > 3", appended));
    EXPECT_FALSE(wanted("leo(1, orders-1) > 3", appended));
}

TEST(EventInterest, OfHighWatermarksAndGroups) {
    const Event advanced = of_partition<HwAdvanced>(orders(2), "broker-1");
    EXPECT_TRUE(wanted("hw(orders-2) > 3", advanced));
    EXPECT_FALSE(wanted("hw(orders-0) > 3", advanced));
    EXPECT_TRUE(wanted("lag(g) > 3", advanced));
    EXPECT_FALSE(wanted("state(g) == Stable", advanced));
    const Event committed = of_partition<OffsetCommitted>(orders(2), "broker-1");
    EXPECT_TRUE(wanted("lag(g) > 3", committed));
    EXPECT_TRUE(wanted("p99(commit_latency, 5s) > 3ms", committed));
    EXPECT_FALSE(wanted("p99(produce_latency, 5s) > 3ms", committed));
}

// The dumb twin tries the pattern on every event.
TEST(EventInterest, MissesNoEventThatAPatternMatches) {
    std::mt19937_64 rng(11);
    const auto pick = [&](std::vector<std::string> of) { return of[rng() % of.size()]; };
    for (int round = 0; round < 3000; ++round) {
        std::string text = "event(" + pick({"LogAppended", "HwAdvanced", "BecameLeader"});
        if (rng() % 2 == 0)
            text += ", p" + pick({"=", "!="}) + pick({"orders-0", "orders-1", "o--1"});
        if (rng() % 2 == 0)
            text += ", n" + pick({"=", "!="}) + pick({"broker-1", "2", "controller-2"});
        const Expression expression = parse(text + ")");
        const EventInterest interest(expression);
        const TopicPartition p =
            rng() % 4 == 0 ? TopicPartition{"o", PartitionIndex(-1)} : orders(int(rng() % 2));
        const std::string node = pick({"broker-1", "broker-2", "controller-2", "admin"});
        const Event event =
            rng() % 2 == 0 ? of_partition<LogAppended>(p, node) : of_partition<HwAdvanced>(p, node);
        const auto& pattern = std::get<EventHappened>(expression.root.form).pattern;
        if (matches(pattern, event)) {
            ASSERT_TRUE(interest.in(event)) << text << " " << p.to_string() << " " << node;
        }
    }
}

}  // namespace
}  // namespace bsim
