// Faults of single requests and answers, as a scenario writes them.

#include <gtest/gtest.h>

#include "tests/unit/scenario/support.h"

namespace bsim {
namespace {

Result<Scenario, std::vector<Diagnostic>> with_fault(const std::string& fault) {
    return test::parse(
        test::replaced(test::read_data("base.json"), R"("at": "8s"})", R"("at": "8s"}, )" + fault));
}

TEST(MessageFaults, AnApiErrorRefusesTheFirstRequestUnlessItSaysMore) {
    const auto s = with_fault(
        R"({"fault": "api-error", "api": "Fetch", "error": "NOT_COORDINATOR", "at": "1s"})");
    ASSERT_TRUE(s) << test::brief(s.error());
    const ApiErrorFault plain{
        {"Fetch", MessageFilter::Of::Request, 1, 1, {}}, "NOT_COORDINATOR", {}, {}, {1, 1}};
    EXPECT_EQ(s->faults.at(1).action, FaultAction(plain));
    EXPECT_TRUE(s->warnings.empty()) << test::brief(s->warnings);
}

TEST(MessageFaults, TheirProbabilityIsThatOfEachMessage) {
    const auto s = with_fault(
        R"j({"fault": "api-error", "api": "Fetch", "error": "REQUEST_TIMED_OUT", "at": "1s",
            "from": "producer:shop", "to": "broker:2", "nth": 3, "count": 9, "probability": 0.25,
            "match": {"partition": "orders-1"}, "for": "5s"},
           {"fault": "response-drop", "api": "Produce", "at": "1s", "from": "leader(orders-0)",
            "count": 4, "probability": 0.5})j");
    ASSERT_TRUE(s) << test::brief(s.error());
    EXPECT_EQ(s->faults.at(1).probability, (Ratio{1, 1})) << "the fault itself is certain";
    const auto& refused = std::get<ApiErrorFault>(s->faults.at(1).action);
    EXPECT_EQ(
        refused.filter,
        (MessageFilter{"Fetch", MessageFilter::Of::Request, 3, 9, {{"partition", "orders-1"}}}));
    EXPECT_EQ(refused.error, "REQUEST_TIMED_OUT");
    EXPECT_EQ(refused.to, Selector(BrokerSelector{BrokerId(2)}));
    EXPECT_TRUE(refused.from);
    EXPECT_EQ(refused.probability, (Ratio{25, 100}));
    EXPECT_TRUE(s->faults.at(1).duration);

    EXPECT_EQ(s->faults.at(2).probability, (Ratio{1, 1}));
    const auto& dropped = std::get<MessageFault>(s->faults.at(2).action);
    EXPECT_EQ(dropped.verb, MessageFault::Verb::Lose);
    EXPECT_EQ(dropped.filter.of, MessageFilter::Of::Response);
    EXPECT_EQ(dropped.probability, (Ratio{5, 10}));
    EXPECT_TRUE(s->warnings.empty()) << test::brief(s->warnings);
}

TEST(MessageFaults, AProbabilityOfOneMessageIsWonderedAt) {
    const std::string fault =
        R"({"fault": "response-drop", "api": "Produce", "probability": 0.1, "at": "1s")";
    const auto once = with_fault(fault + "}");
    ASSERT_TRUE(once) << test::brief(once.error());
    ASSERT_EQ(once->warnings.size(), 1U);
    EXPECT_EQ(once->warnings[0].code, "W0007");
    const auto often = with_fault(fault + R"(, "every": "1s"})");
    ASSERT_TRUE(often) << test::brief(often.error());
    EXPECT_TRUE(often->warnings.empty()) << "each time anew, at the most one";
}

}  // namespace
}  // namespace bsim
