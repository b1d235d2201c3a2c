#include "sim/world/condition_watch.h"

#include <gtest/gtest.h>

#include "tests/unit/world/world_stage.h"

namespace bsim {
namespace {

using test::HandMadeRun;

// Watches one condition and notes when it is called.
class ConditionWatchTest : public testing::Test {
  protected:
    ConditionWatchTest() : conditions_(run_.scheduler, {run_.checkers.view()}) {
        run_.tracer.subscribe(conditions_);
    }

    ConditionId watch(const std::string& text, SimDuration hold = {}, bool anew = false) {
        const Scenario scenario = test::scenario_with(
            R"("faults": [{"fault": "pause", "target": "controller", "for": "1s", "when": ")" +
            text + R"("}, {"fault": "crash", "id": "kill", "target": "broker:1", "at": "1s"}])");
        expressions_.push_back(
            std::make_unique<Expression>(std::get<WhenTrigger>(scenario.faults[0].trigger).when));
        return conditions_.add({*expressions_.back(), hold, anew}, [this](EventNumber cause) {
            calls_.emplace_back(run_.scheduler.now().ns() / 1'000'000, cause.value());
        });
    }

    HandMadeRun run_;
    ConditionWatch conditions_;
    std::vector<std::unique_ptr<Expression>> expressions_;
    std::vector<std::pair<std::int64_t, std::uint64_t>> calls_;  // in ms; the cause
};

using Calls = std::vector<std::pair<std::int64_t, std::uint64_t>>;

TEST_F(ConditionWatchTest, CallsInTheInstantOfTheEventButNotWithinIt) {
    watch("isr(orders-0) < 3");
    run_.until(seconds(1));
    run_.partition(1, {1, 2, 3});
    run_.until(seconds(2));
    run_.scheduler.at(run_.scheduler.now(), [this] {
        run_.partition(1, {1, 2});
        EXPECT_TRUE(calls_.empty());
    });
    run_.until(seconds(2));
    EXPECT_EQ(calls_, (Calls{{2000, 2}}));
    run_.partition(1, {1});
    run_.until(seconds(3));
    EXPECT_EQ(calls_.size(), 1U) << "once";
}

TEST_F(ConditionWatchTest, WhatIsTrueAlreadyCallsAtOnce) {
    run_.partition(1, {1, 2});
    watch("urp() == 1");
    run_.until(seconds(0));
    EXPECT_EQ(calls_, (Calls{{0, 0}}));
}

TEST_F(ConditionWatchTest, HoldIsWithoutABreak) {
    watch("isr(orders-0) < 3", milliseconds(500));
    run_.until(seconds(1));
    run_.partition(1, {1, 2});
    run_.until(milliseconds(1400));
    run_.partition(1, {1, 2, 3});
    run_.until(milliseconds(1600));
    run_.partition(1, {1, 2});
    run_.until(milliseconds(1700));
    run_.partition(1, {1});
    run_.until(seconds(5));
    EXPECT_EQ(calls_, (Calls{{2100, 3}})) << "from the event that made it true on";
}

TEST_F(ConditionWatchTest, AnewMeansThatItWasNotTrueBefore) {
    run_.partition(1, {1, 2});
    watch("urp() == 1", SimDuration(), true);
    run_.until(seconds(1));
    EXPECT_TRUE(calls_.empty());
    run_.partition(1, {1, 2, 3});
    run_.partition(1, {1, 2});
    run_.until(seconds(2));
    EXPECT_EQ(calls_, (Calls{{1000, 3}}));
}

TEST_F(ConditionWatchTest, AnEventDoesNotHold) {
    watch("event(NodeStopped, n=broker-1)", milliseconds(1));
    watch("event(NodeStopped, n=broker-1)");
    run_.until(seconds(1));
    run_.tell("broker-2", NodeStopped{});
    run_.tell("broker-1", NodeStopped{});
    run_.until(seconds(2));
    EXPECT_EQ(calls_, (Calls{{1000, 2}}));
}

TEST_F(ConditionWatchTest, TimeAloneCanMakeItTrue) {
    watch("count(NodeStopped, 3s) == 0 and count(NodeStopped) > 0");
    run_.until(seconds(1));
    run_.tell("broker-1", NodeStopped{});
    run_.until(seconds(10));
    EXPECT_EQ(calls_, (Calls{{4000, 0}}));
}

TEST_F(ConditionWatchTest, ACancelledOneIsSilent) {
    const ConditionId first = watch("urp() == 1", seconds(1));
    const ConditionId second = watch("count(NodeStopped, 3s) == 0 and count(NodeStopped) > 0");
    run_.partition(1, {1, 2});
    run_.tell("broker-1", NodeStopped{});
    conditions_.cancel(first);
    conditions_.cancel(second);
    conditions_.cancel(second);
    run_.until(seconds(10));
    EXPECT_TRUE(calls_.empty());
}

TEST_F(ConditionWatchTest, StateIsWhatTheTraceHasTold) {
    struct Step {
        std::string text;
        bool expected;
    };
    run_.tell("broker-1", NodeStarted{Incarnation(1)});
    run_.tell("controller-100", NodeStarted{Incarnation(1)});
    run_.tell("controller-100", ControllerElected{LeaderEpoch(3)});
    run_.partition(1, {1, 2});
    run_.tell("broker-1", BecameLeader{{"orders", PartitionIndex(0)}, LeaderEpoch(0), Offset(0)});
    LogAppended appended;
    appended.p = {"orders", PartitionIndex(0)};
    appended.last = Offset(4);
    run_.tell("broker-1", appended);
    run_.tell("broker-1", HwAdvanced{appended.p, Offset(3), LeaderEpoch(0)});
    run_.tell("sim", FaultStarted{"kill", "crash", {"broker-3", "broker-1"}});
    const std::vector<Step> steps = {
        {"leader(orders-0) == broker-1 and epoch(orders-0) == 0", true},
        {"leo(1, orders-0) == 5 and hw(orders-0) == 3", true},
        {"leo(2, orders-0) >= 0 or not leo(2, orders-0) >= 0", false},
        {"leader(orders-0) == target(kill)", true},
        {"controller() == controller-100 and up(broker-1)", true},
        {"up(broker-2) or not up(broker-2)", false},
    };
    for (const Step& step : steps) {
        calls_.clear();
        const ConditionId id = watch(step.text);
        run_.until(seconds(0));
        EXPECT_EQ(calls_.size(), step.expected ? 1U : 0U) << step.text;
        conditions_.cancel(id);
    }
    run_.tell("controller-100", NodeStopped{StopMode::Kill});
    run_.tell("broker-1", NodeStopped{StopMode::Kill});
    calls_.clear();
    watch("controller() == none and not up(broker-1)");
    run_.until(seconds(0));
    EXPECT_EQ(calls_.size(), 1U);
}

}  // namespace
}  // namespace bsim
