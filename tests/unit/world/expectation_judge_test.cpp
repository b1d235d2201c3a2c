#include "sim/world/expectation_judge.h"

#include <gtest/gtest.h>

#include "tests/unit/world/world_stage.h"

namespace bsim {
namespace {

constexpr auto kFault =
    R"x("faults": [{"id": "kill", "fault": "crash", "target": "broker:1", "at": "10s",
    "restart_after": "5s", "every": "10s", "times": 2}])x";

class ExpectationJudgeTest : public testing::Test {
  protected:
    void expect(const std::string& expectations) {
        scenario_ =
            test::scenario_with(std::string(kFault) + ", \"expect\": [" + expectations + "]");
        judge_ = std::make_unique<ExpectationJudge>(scenario_, run_.scheduler,
                                                    TraceState::Seen{run_.checkers.view()});
        run_.tracer.subscribe(*judge_);
        judge_->start();
    }
    // "met 12000 true after 2.000 s"
    std::string outcome(std::size_t at = 0) {
        if (!finished_)
            judge_->finish({run_.scheduler.now(), run_.tracer.last_number()});
        finished_ = true;
        const ExpectationResult& result = judge_->results().at(at);
        return std::string(name(result.outcome)) + " " +
               std::to_string(result.at.ns() / 1'000'000) + " " + result.detail;
    }
    void fault_begins() { run_.tell("sim", FaultStarted{"kill", "crash", {"broker-1"}}); }
    void fault_ends() { run_.tell("sim", FaultEnded{"kill", "crash", {"broker-1"}}); }

    test::HandMadeRun run_;
    Scenario scenario_;
    std::unique_ptr<ExpectationJudge> judge_;
    bool finished_ = false;
};

TEST_F(ExpectationJudgeTest, EventuallyIsMetWhenItBecomesTrueInTime) {
    expect(R"x({"eventually": "leader(orders-0) != none and leader(orders-0) != target(kill)",
               "after": "kill", "within": "12s"})x");
    run_.partition(1, {1, 2, 3});
    run_.until(seconds(10));
    fault_begins();
    run_.until(seconds(19));
    run_.partition({}, {1});
    run_.until(seconds(20));
    run_.partition(2, {2, 3});
    run_.until(seconds(60));
    EXPECT_EQ(outcome(), "met 20000 true after 10.000 s");
    EXPECT_EQ(judge_->results()[0].measured_ns, seconds(10));
    EXPECT_EQ(judge_->results()[0].i, EventNumber(4));
}

TEST_F(ExpectationJudgeTest, EventuallyFailsAfterItsTime) {
    expect(R"x({"eventually": "urp() > 0", "within": "5s", "from": "1s"})x");
    run_.until(milliseconds(6001));
    run_.partition(1, {1});
    run_.until(seconds(60));
    EXPECT_EQ(outcome(), "failed 6000 not true within 5.000 s");
}

TEST_F(ExpectationJudgeTest, TheLastInstantCounts) {
    expect(R"x({"eventually": "urp() > 0", "within": "5s"}, {"never": "urp() > 0", "to": "5s"})x");
    run_.until(seconds(5));
    run_.partition(1, {1});
    run_.until(seconds(60));
    EXPECT_EQ(outcome(0), "met 5000 true after 5.000 s");
    EXPECT_EQ(outcome(1), "failed 5000 urp() > 0 was true; greatest urp(): 1");
}

TEST_F(ExpectationJudgeTest, WhatTheRunDoesNotReachIsNotReached) {
    expect(R"x({"eventually": "urp() > 0", "within": "50s"},
              {"eventually": "urp() > 0", "within": "1s", "after": "kill.end"},
              {"always": "isr(orders-0) == 3"}, {"never": "urp() > 0", "from": "50s"})x");
    run_.until(seconds(30));
    EXPECT_EQ(outcome(0), "not_reached 30000 the run ended before its time was up");
    EXPECT_EQ(outcome(1), "not_reached 30000 fault kill never ended");
    EXPECT_EQ(outcome(2), "not_reached 30000 its value was unknown all along");
    EXPECT_EQ(outcome(3), "not_reached 30000 the run ended before it began");
}

TEST_F(ExpectationJudgeTest, AFaultHasEndedWhenItsLastOccurrenceHas) {
    expect(R"x({"eventually": "urp() == 0", "within": "1s", "after": "kill.end"},
              {"eventually": "urp() == 0", "within": "1s", "after": "kill"})x");
    fault_begins();
    run_.partition(1, {1});
    run_.until(seconds(5));
    fault_ends();
    run_.until(seconds(10));
    run_.partition(1, {1, 2, 3});
    run_.tell("sim", FaultSkipped{"kill", "down already"});
    run_.until(seconds(20));
    EXPECT_EQ(outcome(0), "met 10000 true after 0.000 s");
    EXPECT_EQ(outcome(1), "met 0 true after 0.000 s") << "before anything was under-replicated";
}

TEST_F(ExpectationJudgeTest, AlwaysAndNeverFailAtTheFirstInstant) {
    expect(R"x({"always": "isr(orders-0) >= 2", "from": "10s"},
              {"never": "event(LeaderElected, clean=false)"},
              {"always": "isr(orders-0) >= 2", "from": "10s", "outcome": "violated"},
              {"always": "isr(orders-0) >= 2", "from": "10s", "to": "15s"})x");
    run_.partition(1, {1});
    run_.until(seconds(5));
    run_.partition(1, {1, 2});
    run_.until(seconds(20));
    LeaderElected elected;
    elected.clean = false;
    run_.tell("controller-100", elected);
    run_.partition(1, {1});
    run_.until(seconds(25));
    run_.partition(1, {1, 2});
    run_.until(seconds(60));
    EXPECT_EQ(outcome(0), "failed 20000 isr(orders-0) >= 2 was false; least isr(orders-0): 1");
    EXPECT_EQ(outcome(1), "failed 20000 event(LeaderElected, clean=false) was true");
    EXPECT_EQ(outcome(2), "met 20000 isr(orders-0) >= 2 was false; least isr(orders-0): 1");
    EXPECT_EQ(outcome(3), "met 15000 isr(orders-0) >= 2 was always true; least isr(orders-0): 2");
}

TEST_F(ExpectationJudgeTest, ASequenceIsOfValuesWithoutRepeats) {
    expect(R"x({"sequence": "leader(orders-0)", "is": [1, null, "broker-2"]},
              {"sequence": "isr(orders-0)", "is": [3, 2]},
              {"sequence": "isr(orders-0)", "is": [3, 2, 3, 2]},
              {"sequence": "leader(orders-0)", "is": [1], "to": "3s"})x");
    run_.partition(1, {1, 2, 3});
    run_.partition(1, {1, 2, 3});
    run_.until(seconds(5));
    run_.partition({}, {1, 2});
    run_.until(seconds(6));
    run_.partition(2, {1, 2, 3});
    run_.until(seconds(60));
    EXPECT_EQ(outcome(0), "met 60000 leader(orders-0) took the values broker-1, none, broker-2");
    EXPECT_EQ(outcome(1), "failed 6000 isr(orders-0) took the values 3, 2, 3");
    EXPECT_EQ(outcome(2), "failed 60000 isr(orders-0) took the values 3, 2, 3");
    EXPECT_EQ(outcome(3), "met 3000 leader(orders-0) took the values broker-1");
}

TEST_F(ExpectationJudgeTest, TheWorstValueIsMeasuredAlsoAfterAFailure) {
    expect(R"x({"always": "isr(orders-0) >= 2"}, {"never": "urp() > 3"},
              {"always": "p99(produce_latency, 5s) < 250ms", "to": "30s"},
              {"always": "isr(orders-0) == 3"})x");
    const auto acked = [&](std::int64_t ms) {
        ProduceAcked body;
        body.p = {"orders", PartitionIndex(0)};
        body.latency_ns = milliseconds(ms);
        run_.tell("producer-p-0", body);
    };
    run_.partition(1, {1, 2, 3});
    acked(100);
    run_.until(seconds(10));
    run_.partition(1, {1});
    acked(300);
    run_.until(seconds(20));
    acked(700);
    run_.partition(1, {1, 2});
    run_.until(seconds(40));
    acked(900);
    run_.until(seconds(60));
    EXPECT_EQ(outcome(0), "failed 10000 isr(orders-0) >= 2 was false; least isr(orders-0): 1");
    EXPECT_EQ(judge_->results()[0].measured, (Ratio{1, 1}));
    EXPECT_EQ(outcome(1), "met 60000 urp() > 3 was never true; greatest urp(): 1");
    EXPECT_EQ(outcome(2),
              "failed 10000 p99(produce_latency, 5s) < 250ms was false; "
              "greatest p99(produce_latency, 5s): 700.000 ms");
    EXPECT_EQ(judge_->results()[2].measured_ns, milliseconds(700));
    EXPECT_EQ(judge_->results()[2].measured_what, "greatest p99(produce_latency, 5s)");
    EXPECT_EQ(outcome(3), "failed 10000 isr(orders-0) == 3 was false");
}

TEST_F(ExpectationJudgeTest, WhatIsDeclaredIsKeptWithItsReason) {
    expect(R"x({"always": "urp() == 0", "outcome": "violated", "because": "one is slow"})x");
    run_.partition(1, {1});
    run_.until(seconds(60));
    EXPECT_EQ(outcome(0), "met 0 urp() == 0 was false");
    EXPECT_EQ(judge_->results()[0].declared, DeclaredOutcome::Violated);
    EXPECT_EQ(judge_->results()[0].because, "one is slow");
}

}  // namespace
}  // namespace bsim
