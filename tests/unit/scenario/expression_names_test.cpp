// Names in expressions that nothing bears: each is an error, where it stands.
#include <gtest/gtest.h>

#include "tests/unit/scenario/support.h"

namespace bsim {
namespace {

using Form = EventWords::Form;

Vocabulary words() {
    Vocabulary out = test::vocabulary();
    out.events = {
        {"LeaderElected",
         {"p", "epoch", "isr", "clean", "to"},
         {{Form::Partition}, {Form::Number}, {Form::List}, {Form::Truth}, {Form::Broker}}},
        {"RaftRole", {"leader"}, {{Form::Node}}},
        {"NodeStopped", {"how"}, {{Form::Word, {"graceful", "kill", "power"}}}},
        {"FaultStarted", {"f"}, {{Form::Text}}},
        {"OffsetCommitted",
         {"group", "p", "latency_ns"},
         {{Form::Text}, {Form::Partition}, {Form::Number}}},
        {"ProduceAcked", {"p", "latency_ns"}, {{Form::Partition}, {Form::Number}}}};
    out.metrics = {"kafka_consumergroup_lag", "up"};
    out.metric_labels = {{"kafka_consumergroup_lag", {"consumergroup", "topic", "partition"}},
                         {"up", {}}};
    return out;
}

// What is wrong with a trigger: "E0215 there is no group "x"; did you mean "y"?", or "".
std::string complaint(const std::string& expression) {
    const std::string base = test::read_data("base.json");
    std::string text = test::replaced(base, R"("at": "8s")", R"("when": ")" + expression + "\"");
    text = test::replaced(text, R"("producers": {)",
                          R"("consumers": {"billing": {"topics": ["orders"]}}, "producers": {)");
    const auto parsed = parse_scenario(text, "s.json", words());
    if (parsed)
        return "";
    const Diagnostic& d = parsed.error().front();
    const std::string better =
        d.suggestion.empty() ? "" : "; did you mean \"" + d.suggestion + "\"?";
    return d.code + " " + d.message + better;
}

TEST(ExpressionNames, WhatIsThereMayBeNamed) {
    for (const char* const expression :
         {"state(billing) == Stable", "lag(billing) > 10", "event(UncleanLeaderElected)",
          "event(UncleanLeaderElected, p=orders-0)", "event(LeaderElected, clean=false, epoch>3)",
          "event(LeaderElected, isr=3)", "event(LeaderElected, to=3)",
          "event(LeaderElected, to=-1)", "event(LeaderElected, to!=9)",
          "event(RaftRole, leader=100)", "event(RaftRole, n=controller:100)",
          "event(NodeStopped, how=power, n=broker-1)",
          "event(OffsetCommitted, group=billing, latency_ns>5ms)",
          "p99(commit_latency, group=billing, 5s) > 1s",
          "p50(produce_latency, p=orders-1, 5s) > 1s",
          "metric(kafka_consumergroup_lag, consumergroup=billing, topic=orders, partition=1) > 3",
          "metric(up, instance=broker-2) == 0"}) {
        EXPECT_EQ(complaint(expression), "") << expression;
    }
}

TEST(ExpressionNames, WhatIsNotThereIsAnError) {
    const std::pair<const char*, const char*> mistakes[] = {
        {"state(biling) == Stable",
         "E0215 there is no group \"biling\"; did you mean \"billing\"?"},
        {"lag(orders) > 3", "E0215 there is no group \"orders\""},
        {"state(billing) == stable", "E0403 unknown word \"stable\"; did you mean \"Stable\"?"},
        {"event(LeaderElected, clean=flase)",
         "E0222 \"flase\" is none of the words that can stand here; did you mean \"false\"?"},
        {"event(NodeStopped, how=killed)",
         "E0222 \"killed\" is none of the words that can stand here; did you mean \"kill\"?"},
        {"event(NodeStopped, how<power)", "E0404 \"how\" has no order"},
        {"event(LeaderElected, epoch=three)",
         "E0222 \"three\" is no whole number, as \"epoch\" is"},
        {"event(OffsetCommitted, latency_ns>soon)",
         "E0222 \"soon\" is no whole number and no duration, as \"latency_ns\" is"},
        {"event(LeaderElected, p=orders)",
         "E0222 \"orders\" is no partition, such as orders-0; did you mean \"orders-0\"?"},
        {"event(LeaderElected, to=9)", "E0203 there is no broker 9"},
        {"event(LeaderElected, to=100)", "E0203 there is no broker 100"},
        {"event(LeaderElected, to=broker-2)",
         "E0222 \"broker-2\" is no whole number, as \"to\" is; did you mean \"2\"?"},
        {"event(RaftRole, leader=9)", "E0203 there is no node 9"},
        {"event(\\\"RaftRole\\\")",
         "E0402 \"\"\" is not expected here; did you mean \"RaftRole\"?"},
        {"state(billing) == stable or up(borker-1)",
         "E0403 unknown word \"stable\"; did you mean \"Stable\"?"},
        {"event(LeaderElected, p=orders-7)", "E0204 topic \"orders\" has no partition 7"},
        {"event(FaultStarted, f=kill)", "E0221 the trigger can never be true"},
        {"event(FaultStarted, f=kil)", "E0218 there is no fault \"kil\"; did you mean \"kill\"?"},
        {"event(OffsetCommitted, group=shop)", "E0215 there is no group \"shop\""},
        {"p99(commit_latency, group=shop, 5s) > 1s", "E0215 there is no group \"shop\""},
        {"p99(comit_latency, 5s) > 1s",
         "E0403 nothing is measured as \"comit_latency\"; did you mean \"commit_latency\"?"},
        {"metric(kafka_consumergroup_lga) > 3",
         "E0222 unknown metric \"kafka_consumergroup_lga\"; did you mean "
         "\"kafka_consumergroup_lag\"?"},
        {"metric(kafka_consumergroup_lag, topc=orders) > 3",
         "E0222 metric \"kafka_consumergroup_lag\" has no label \"topc\"; did you mean \"topic\"?"},
        {"metric(kafka_consumergroup_lag, topic=order) > 3",
         "E0202 there is no topic \"order\"; did you mean \"orders\"?"},
        {"metric(kafka_consumergroup_lag, consumergroup=x) > 3", "E0215 there is no group \"x\""},
        {"metric(up, instance=broker-9) > 3", "E0203 there is no broker 9"},
        {"metric(up, topic=orders) > 3", "E0222 metric \"up\" has no label \"topic\""},
        {"lag(billing) < 0", "E0221 the trigger can never be true"},
        {"p99(produce_latency, 5s) < 0s", "E0221 the trigger can never be true"},
    };
    for (const auto& [expression, expected] : mistakes)
        EXPECT_EQ(complaint(expression), expected) << expression;
}

}  // namespace
}  // namespace bsim
