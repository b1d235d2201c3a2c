#include "sim/report/results.h"

#include <algorithm>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "sim/report/manifest.h"
#include "sim/report/verdicts.h"
#include "sim/trace/run_hash.h"
#include "sim/trace/tracer.h"

namespace bsim {
namespace {

const TopicPartition kOrders{"orders", PartitionIndex(0)};

// A leader that dies, is replaced, and a fault that found no target.
class ResultsOfARun : public testing::Test {
  protected:
    CheckResult& check(std::string_view name) {
        const auto it = std::find_if(outcome_.checks.begin(), outcome_.checks.end(),
                                     [&](const CheckResult& each) { return each.name == name; });
        EXPECT_NE(it, outcome_.checks.end());
        return *it;
    }
    void SetUp() override {
        tracer_.subscribe(checkers_);
        tracer_.subscribe(counts_);
        tell();
        const EndOfRun end{SimTime(60'000'000'000), tracer_.last_number()};
        checkers_.finish(end);
        outcome_.scenario = "leader-failover";
        outcome_.seed = 42;
        outcome_.hash = tracer_.hash_hex();
        outcome_.end = end.t;
        outcome_.events = end.i.value();
        outcome_.wall_ns = 123;
        outcome_.messages = tracer_.messages_sent();
        outcome_.checks = checkers_.results();
        outcome_.records_lost = checkers_.records_lost();
    }

    template <class Body>
    void emit(std::int64_t ms, const char* node, Body body) {
        tracer_.emit(SimTime(ms * 1'000'000), NodeName(node), std::move(body));
    }
    void tell() {
        const std::vector<BrokerId> all = {BrokerId(1), BrokerId(2)};
        PartitionChanged changed;
        changed.p = kOrders;
        changed.leader = BrokerId(1);
        changed.isr = all;
        changed.replicas = all;
        changed.reason = "created";
        emit(0, "sim", RunStarted{});
        emit(1, "controller-100", changed);
        emit(1, "broker-1", BecameLeader{kOrders, LeaderEpoch(0), Offset(0)});
        emit(2, "broker-1", LogAppended{kOrders, Offset(0), Offset(4), LeaderEpoch(0), 90, 7});
        emit(2, "broker-2", LogAppended{kOrders, Offset(0), Offset(4), LeaderEpoch(0), 90, 7});
        emit(2, "broker-1", HwAdvanced{kOrders, Offset(5), LeaderEpoch(0)});
        ProduceAcked acked;
        acked.p = kOrders;
        acked.count = 5;
        acked.broker = BrokerId(1);
        acked.crc = 7;
        emit(3, "producer-p-0", acked);
        emit(4, "sim", FaultStarted{"kill", "crash", {"broker-1"}});
        emit(4, "broker-1", NodeStopped{StopMode::Kill});
        emit(5, "sim", FaultSkipped{"cut", "no such node"});
        changed.leader = BrokerId(2);
        changed.leader_epoch = LeaderEpoch(1);
        changed.partition_epoch = PartitionEpoch(1);
        changed.isr = {BrokerId(2)};
        changed.reason = "fenced";
        emit(6, "controller-100", changed);
        emit(6, "controller-100",
             LeaderElected{kOrders, BrokerId(1), BrokerId(2), LeaderEpoch(1), {BrokerId(2)}, true});
        emit(6, "broker-2", BecameLeader{kOrders, LeaderEpoch(1), Offset(5)});
        emit(7, "broker-2", IsrShrunk{kOrders, {BrokerId(2)}, {BrokerId(1)}});
    }

    CheckerSet checkers_{CheckSettings{}};
    ResultsFold counts_;
    Tracer tracer_{RecordMessages::No};
    RunOutcome outcome_;
};

TEST_F(ResultsOfARun, ResultsHaveTheKeysInTheirOrder) {
    outcome_.expectations = {{"durable", "acked-records-durable", DeclaredOutcome::Holds}};
    const Results results = conclude(outcome_, counts_);
    const std::string text = results_json(results, counts_, checkers_.view());
    const auto json = nlohmann::ordered_json::parse(text);
    std::vector<std::string> keys;
    for (const auto& [key, value] : json.items())
        keys.push_back(key);
    EXPECT_EQ(keys, (std::vector<std::string>{"brokersim", "scenario", "seed", "hash", "verdict",
                                              "exit_code", "sim_ns", "events", "wall_ns",
                                              "expectations", "checks", "faults", "totals",
                                              "partitions", "groups", "availability"}));
    EXPECT_EQ(json["verdict"], "pass");
    EXPECT_EQ(json["exit_code"], 0);
    EXPECT_EQ(json["events"], 14);
    EXPECT_EQ(json["hash"].get<std::string>().size(), 32U);
    EXPECT_EQ(json["expectations"].dump(),
              R"([{"id":"durable","outcome":"met","at_ns":60000000000,"measured_ns":null,)"
              R"("detail":"acked-records-durable held in 3 evaluations","measured":null,)"
              R"("measured_what":"","declared":"holds","because":""}])");
    EXPECT_EQ(json["faults"].dump(),
              R"([{"id":"kill","fault":"crash","fired_at_ns":4000000,"targets":["broker-1"]},)"
              R"({"id":"cut","fired_at_ns":null,"why":"no such node"}])");
    EXPECT_EQ(json["totals"].dump(),
              R"({"records_acked":5,"records_failed":0,"records_consumed":0,"records_lost":0,)"
              R"("records_duplicated":0,"leader_elections":1,"isr_shrinks":1,"isr_expands":0,)"
              R"("rebalances":0,"messages":0,"messages_dropped":0})");
    EXPECT_EQ(json["partitions"].dump(),
              R"([{"p":"orders-0","leader":2,"leader_epoch":1,"isr":[2],"log_start":0,"hw":5,)"
              R"("replicas":{"1":{"leo":5},"2":{"leo":5}}}])");
    EXPECT_EQ(json["groups"].dump(), "[]");
    EXPECT_EQ(json["checks"][1]["name"], "acked-records-durable");
    EXPECT_EQ(json["checks"][1]["first"], nullptr);
}

TEST_F(ResultsOfARun, GroupsHaveStateGenerationAndLag) {
    const auto state = [&](GroupStateName to, int generation) {
        emit(8, "broker-2", GroupState{"g", GroupStateName::Empty, to, GenerationId(generation)});
    };
    state(GroupStateName::PreparingRebalance, 0);
    emit(8, "broker-2", MemberJoined{"g", "a-1", "consumer-a-0", ""});
    state(GroupStateName::CompletingRebalance, 1);
    emit(8, "broker-2",
         RebalanceCompleted{"g", GenerationId(1), {{"consumer-a-0", {kOrders}}}, "range"});
    state(GroupStateName::Stable, 1);
    emit(9, "broker-2",
         OffsetCommitted{"g", kOrders, Offset(3), GenerationId(1), "a-1", SimDuration()});
    const auto json = nlohmann::ordered_json::parse(
        results_json(conclude(outcome_, counts_), counts_, checkers_.view()));
    EXPECT_EQ(json["totals"]["rebalances"], 1);
    EXPECT_EQ(json["groups"].dump(),
              R"([{"group":"g","state":"Stable","generation":1,"lag":2,"coordinator":"broker-2",)"
              R"("members":1,"rebalances":1,"offsets":{"orders-0":3}}])");
}

TEST_F(ResultsOfARun, OnlyWallTimeDiffersBetweenTwoRuns) {
    const Results one = conclude(outcome_, counts_);
    outcome_.wall_ns = 456;
    const Results two = conclude(outcome_, counts_);
    std::string first = results_json(one, counts_, checkers_.view());
    const std::string second = results_json(two, counts_, checkers_.view());
    EXPECT_NE(first, second);
    first.replace(first.find("\"wall_ns\": 123"), 14, "\"wall_ns\": 456");
    EXPECT_EQ(first, second);
    EXPECT_EQ(verdicts_jsonl(one), verdicts_jsonl(two));
}

TEST_F(ResultsOfARun, VerdictsStandInTheirOwnNumbering) {
    outcome_.expectations = {{"durable", "acked-records-durable", DeclaredOutcome::Holds},
                             {"lossy", "committed-prefix", DeclaredOutcome::Violated}};
    CheckResult& broken = check("hw-monotonic");
    broken.violations = {{EventNumber(9), SimTime(4), "hw \"fell\""}};
    broken.violation_count = 1;
    CheckResult& lossy = check("committed-prefix");
    lossy.permitted = {{EventNumber(3), SimTime(2), "so be it"}};
    lossy.permitted_count = 1;
    const Results results = conclude(outcome_, counts_);
    EXPECT_EQ(
        verdicts_jsonl(results),
        "{\"i\":1,\"t\":2,\"n\":\"sim\",\"k\":\"PermittedLoss\",\"a\":{\"check\":"
        "\"committed-prefix\",\"detail\":\"so be it\",\"i\":3},\"c\":[]}\n"
        "{\"i\":2,\"t\":4,\"n\":\"sim\",\"k\":\"Violation\",\"a\":{\"check\":\"hw-monotonic\","
        "\"detail\":\"hw \\\"fell\\\"\",\"i\":9},\"c\":[]}\n"
        "{\"i\":3,\"t\":60000000000,\"n\":\"sim\",\"k\":\"ExpectationMet\",\"a\":{\"id\":"
        "\"durable\",\"detail\":\"acked-records-durable held in 3 evaluations\",\"i\":14},"
        "\"c\":[]}\n"
        "{\"i\":4,\"t\":2,\"n\":\"sim\",\"k\":\"ExpectationMet\",\"a\":{\"id\":\"lossy\","
        "\"detail\":\"so be it\",\"i\":3},\"c\":[]}\n"
        "{\"i\":5,\"t\":60000000000,\"n\":\"sim\",\"k\":\"RunEnded\",\"a\":{\"verdict\":\"fail\","
        "\"events\":14},\"c\":[]}\n");
}

TEST_F(ResultsOfARun, ExitCodesFollowTheVerdict) {
    const auto code = [&](RunEnd ended, bool strict) {
        outcome_.ended = ended;
        outcome_.strict = strict;
        return conclude(outcome_, counts_).exit_code;
    };
    EXPECT_EQ(code(RunEnd::Completed, false), ExitCode::Pass);
    EXPECT_EQ(code(RunEnd::Completed, true), ExitCode::Inconclusive) << "a fault was skipped";
    EXPECT_EQ(code(RunEnd::EventLimit, false), ExitCode::Inconclusive);
    EXPECT_EQ(code(RunEnd::Budget, false), ExitCode::Inconclusive);
    EXPECT_EQ(code(RunEnd::Interrupted, false), ExitCode::Interrupted);
    outcome_.checks[0].violation_count = 1;
    EXPECT_EQ(code(RunEnd::Completed, false), ExitCode::Fail);
    EXPECT_EQ(code(RunEnd::EventLimit, true), ExitCode::Fail) << "what failed stays failed";
}

Manifest some_manifest() {
    Manifest manifest;
    manifest.program_version = "0.1.0";
    manifest.kafka_version = "3.9";
    manifest.scenario = "s";
    manifest.title = "t";
    manifest.source = {"{}", true, {"/duration=5s", "/seed=1", "/duration=6s"}};
    manifest.seed = 7;
    manifest.end = SimTime(5'000'000'000);
    manifest.strict = true;
    manifest.nodes["broker-1"] = {true, false, "a", {{"num.partitions", "3"}}};
    manifest.nodes["controller-2"].voter = true;
    return manifest;
}

TEST(Manifest, HoldsWhatMakesTheRunAgain) {
    EXPECT_EQ(
        nlohmann::ordered_json::parse(manifest_json(some_manifest())).dump(),
        R"({"brokersim":1,"version":"0.1.0","kafka":"3.9","scenario":"s","title":"t",)"
        R"("scenario_hash":")" +
            xxh3_128_hex("{}") +
            R"(","seed":7,)"
            R"("overrides":{"/duration":"6s","/seed":"1"},)"
            R"("replay":{"scenario_file":"scenario.jsonc",)"
            R"("set":["/duration=5s","/seed=1","/duration=6s"],"end_ns":5000000000,"strict":true},)"
            R"("formats":{"trace":1,"results":1,"history":1,"scenario":1},"libraries":{},)"
            R"("nodes":{"broker-1":{"broker":true,"voter":false,"rack":"a",)"
            R"("settings":{"num.partitions":"3"}},)"
            R"("controller-2":{"broker":false,"voter":true,"settings":{}}}})");
}

TEST(Manifest, IsReadBackForAReplay) {
    const auto order = read_manifest(manifest_json(some_manifest()));
    ASSERT_TRUE(order.ok());
    EXPECT_EQ(order->scenario_file, "scenario.jsonc");
    EXPECT_EQ(order->scenario_hash, some_manifest().source.hash());
    EXPECT_EQ(order->overrides, some_manifest().source.overrides);
    EXPECT_EQ(order->seed, 7U);
    EXPECT_EQ(order->end, SimTime(5'000'000'000));
    EXPECT_TRUE(order->strict);
}

TEST(Manifest, OneThatTellsTooLittleIsRefused) {
    EXPECT_FALSE(read_manifest("").ok());
    EXPECT_FALSE(read_manifest("[]").ok());
    EXPECT_EQ(read_manifest(R"({"brokersim":1})").error(),
              "was written by a brokersim that could not replay yet");
    auto json = nlohmann::ordered_json::parse(manifest_json(some_manifest()));
    json["seed"] = "seven";
    EXPECT_EQ(read_manifest(json.dump()).error(), "lacks what a replay needs");
    json["seed"] = 7;
    json["replay"]["scenario_file"] = "../else.json";
    EXPECT_FALSE(read_manifest(json.dump()).ok());
}

}  // namespace
}  // namespace bsim
