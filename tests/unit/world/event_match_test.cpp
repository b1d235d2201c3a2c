#include "sim/world/event_match.h"

#include <gtest/gtest.h>

#include "sim/scenario/expression_text.h"

namespace bsim {
namespace {

Event event(EventBody body, const std::string& node) {
    return {EventNumber(1), SimTime(5), NodeName(node), std::move(body)};
}

bool match(const std::string& conditions, const Event& event) {
    class Names : public ExpressionNames {
      public:
        void partition(const TopicPartition&, TextPart, TextPart) override {}
        void node(NodeNames&, TextPart) override {}
        void fault(std::string_view, TextPart) override {}
        void metric(std::string_view, TextPart) override {}
        void event_kind(std::string_view, TextPart) override {}
        void event_condition(std::string_view, const Condition&) override {}
    } names;
    const auto parsed =
        parse_expression("event(" + conditions + ")", ExpressionWanted::Condition, names);
    EXPECT_TRUE(parsed) << parsed.error().message;
    return matches(std::get<EventHappened>(parsed->root.form).pattern, event);
}

TEST(EventMatch, ComparesAttributesAsTheyStandInTheTrace) {
    LogAppended body;
    body.p = {"orders", PartitionIndex(0)};
    body.base = Offset(1000);
    body.last = Offset(1009);
    const Event appended = event(body, "broker-1");
    EXPECT_TRUE(match("LogAppended", appended));
    EXPECT_TRUE(match("LogAppended, n=broker-1, p=orders-0, base=1000", appended));
    EXPECT_TRUE(match("LogAppended, n=1", appended));
    EXPECT_TRUE(match("LogAppended, n!=broker-2, last >= 1009, base<1001", appended));
    EXPECT_FALSE(match("LogAppended, n=broker-2", appended));
    EXPECT_FALSE(match("LogAppended, p=orders-1", appended));
    EXPECT_FALSE(match("LogAppended, base=100", appended));
    EXPECT_FALSE(match("LogAppended, last>1009", appended));
    EXPECT_FALSE(match("HwAdvanced", appended));
}

TEST(EventMatch, KnowsBooleansAbsentBrokersAndDurations) {
    LeaderElected elected;
    elected.p = {"t", PartitionIndex(0)};
    elected.to = BrokerId(2);
    elected.clean = false;
    EXPECT_TRUE(
        match("LeaderElected, clean=false, from=-1, to=2", event(elected, "controller-100")));
    EXPECT_FALSE(match("LeaderElected, clean=true", event(elected, "controller-100")));
    ProduceFailed failed;
    failed.error = "NOT_ENOUGH_REPLICAS";
    failed.latency_ns = milliseconds(300);
    EXPECT_TRUE(match("ProduceFailed, error=NOT_ENOUGH_REPLICAS, latency_ns > 250ms",
                      event(failed, "producer-p-0")));
    EXPECT_FALSE(match("ProduceFailed, latency_ns > 1s", event(failed, "producer-p-0")));
}

TEST(EventMatch, AListEqualsWhatIsInIt) {
    IsrShrunk shrunk;
    shrunk.isr = {BrokerId(1), BrokerId(12)};
    shrunk.removed = {BrokerId(3)};
    const Event told = event(shrunk, "broker-1");
    EXPECT_TRUE(match("IsrShrunk, removed=3", told));
    EXPECT_TRUE(match("IsrShrunk, isr=12, isr=1", told));
    EXPECT_FALSE(match("IsrShrunk, isr=2", told));
    EXPECT_TRUE(match("IsrShrunk, isr!=2", told));
    FaultStarted fault{"f", "crash", {"broker-1", "broker-2"}};
    EXPECT_TRUE(match("FaultStarted, targets=broker-2", event(fault, "sim")));
    EXPECT_FALSE(match("FaultStarted, targets=broker", event(fault, "sim")));
}

TEST(EventMatch, AllKindsCanBeNamed) {
    const auto words = event_words();
    EXPECT_EQ(words.size(), event_kinds().size());
    for (std::size_t i = 0; i < words.size(); ++i)
        EXPECT_EQ(words[i].kind, event_kinds()[i]);
    const auto fault = std::find_if(words.begin(), words.end(),
                                    [](const EventWords& w) { return w.kind == "FaultSkipped"; });
    EXPECT_EQ(fault->attributes, (std::vector<std::string>{"f", "why"}));
}

}  // namespace
}  // namespace bsim
