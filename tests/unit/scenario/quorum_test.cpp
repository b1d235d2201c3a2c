// What came with quorums, links, disks and conditions.
#include <gtest/gtest.h>

#include "tests/unit/scenario/support.h"

namespace bsim {
namespace {

Scenario quorum() {
    auto result =
        parse_scenario(test::read_data("quorum.jsonc"), "quorum.jsonc", test::vocabulary());
    EXPECT_TRUE(result) << test::brief(result.error());
    return std::move(*result);
}

const FaultSpec& fault(const Scenario& s, const std::string& id) {
    for (const FaultSpec& spec : s.faults) {
        if (spec.id == id)
            return spec;
    }
    throw std::out_of_range(id);
}

NodeTraits broker(std::int32_t id, const std::string& rack) {
    return {BrokerId(id), {}, rack, {}, {}};
}

TEST(QuorumScenario, ANodeInBothListsIsCombinedAndTheSameInBoth) {
    const Scenario s = quorum();
    ASSERT_EQ(s.controllers.size(), 3U);
    EXPECT_EQ(s.controllers[0].id, BrokerId(3)) << "ascending";
    EXPECT_TRUE(s.controllers[0].combined);
    EXPECT_EQ(s.controllers[0], s.brokers[2]);
    EXPECT_FALSE(s.controllers[1].combined);
    EXPECT_FALSE(s.brokers[0].combined);
}

TEST(QuorumScenario, HardwareIsLaidOverFieldByField) {
    const Scenario s = quorum();
    const HardwareSpec& one = s.brokers[0].hardware;
    EXPECT_EQ(one.cpu, (Ratio{2, 1}));
    EXPECT_EQ(one.disk.write, LatencyDist(LognormalDist{microseconds(200), milliseconds(5)}));
    EXPECT_EQ(one.disk.fsync, LatencyDist(ConstantDist{milliseconds(4)}));
    EXPECT_FALSE(one.disk.read);
    EXPECT_FALSE(one.disk.capacity_bytes);
    const HardwareSpec& two = s.brokers[1].hardware;
    EXPECT_EQ(two.clock.skew, milliseconds(-5));
    EXPECT_EQ(two.clock.drift_ppm, (Ratio{-35, 10}));
    EXPECT_EQ(two.cpu, (Ratio{5, 10}));
    const HardwareSpec& combined = s.brokers[2].hardware;
    EXPECT_EQ(combined.disk.fsync, LatencyDist(ConstantDist{milliseconds(1)}))
        << "controller_defaults count for a combined node too";
    EXPECT_EQ(combined.disk.write, one.disk.write);
    EXPECT_EQ(combined.disk.capacity_bytes, std::int64_t{50} << 30);
}

std::string with_three_dirs(const std::string& config) {
    return test::replaced(
        test::read_data("base.json"), R"("brokers": {)",
        R"("defaults": {"disk": {"log_dirs": 3}, "config": {)" + config + R"(}}, "brokers": {)");
}

TEST(QuorumScenario, LogDirectoriesAreCountedOrNamed) {
    const auto counted = test::parse(with_three_dirs(""));
    ASSERT_TRUE(counted) << test::brief(counted.error());
    EXPECT_EQ(counted->brokers[0].hardware.disk.log_dirs, 3);
    const auto named = test::parse(test::replaced(with_three_dirs(R"("log.dirs": "a,b")"),
                                                  R"("disk": {"log_dirs": 3}, )", ""));
    ASSERT_TRUE(named) << test::brief(named.error());
    EXPECT_EQ(named->brokers[0].hardware.disk.log_dirs, 2);
    const auto both = test::diagnostics_of(with_three_dirs(R"("log.dirs": "a,b")"));
    EXPECT_EQ(both.at(0).message, "\"log.dirs\" of node 1 names 2, \"log_dirs\" says 3");
}

TEST(QuorumScenario, AFaultOfOneDirectoryNeedsANodeThatHasIt) {
    const auto slow = [](const std::string& dir) {
        return test::replaced(
            with_three_dirs(""), R"("fault": "crash")",
            R"("fault": "disk-slow", "latency": "1ms", "for": "1s", "dir": )" + dir);
    };
    const auto scenario = test::parse(slow("2"));
    ASSERT_TRUE(scenario) << test::brief(scenario.error());
    EXPECT_EQ(std::get<DiskSlowFault>(scenario->faults[0].action).dir, 2U);
    const auto wrong = test::diagnostics_of(slow("3"));
    EXPECT_EQ(wrong.at(0).message, "no node has a log directory 3");
    EXPECT_EQ(wrong.at(0).expected, "0 to 2");
}

TEST(QuorumScenario, LinksOverrideWhatTheDefaultSays) {
    const Scenario s = quorum();
    const NodeTraits a = broker(1, "a");
    const NodeTraits b = broker(2, "b");
    const NodeTraits client{
        {}, {}, {}, ClientSelector{ClientSelector::Role::Producer, "shop", 0}, {}};
    const LinkSpec same = s.network.between(b, broker(3, "b"));
    EXPECT_EQ(same, s.network.link);
    EXPECT_EQ(same.bits_per_second, 10'000'000'000);
    EXPECT_EQ(same.loss, LossModel(IndependentLoss{{5, 10'000}}));
    const LinkSpec across = s.network.between(a, b);
    EXPECT_EQ(across.latency, LatencyDist(ConstantDist{milliseconds(12)}));
    EXPECT_EQ(across.duplicate, (Ratio{1, 1000}));
    EXPECT_EQ(across.bits_per_second, same.bits_per_second);
    EXPECT_EQ(across, s.network.between(b, a)) << "both ways";
    const LinkSpec up = s.network.between(client, a);
    EXPECT_EQ(up.loss, LossModel(BurstLoss{{1, 100}, {2, 10}, {0, 1}, {5, 10}}));
    EXPECT_EQ(up.bits_per_second, 12'000'000);
    EXPECT_EQ(up.latency, same.latency);
    EXPECT_EQ(s.network.between(a, client), s.network.link) << "one way";
}

TEST(QuorumScenario, ConsumersAndSwitchesAreRead) {
    const Scenario s = quorum();
    ASSERT_EQ(s.consumers.size(), 1U);
    ASSERT_EQ(s.consumers[0].members.size(), 2U);
    const MemberSpec& member = s.consumers[0].members[0];
    const std::vector<TopicPartition> assigned = {{"orders", PartitionIndex(0)},
                                                  {"orders", PartitionIndex(1)}};
    EXPECT_EQ(s.consumers[0].assign, assigned);
    EXPECT_EQ(member.process, LatencyDist(ConstantDist{milliseconds(2)}));
    EXPECT_EQ(member.settings.at("auto.offset.reset"), "earliest");
    Switches switches;
    switches.pre_vote = true;
    switches.persist_vote = false;
    switches.truncation = Switches::Truncation::ByHighWatermark;
    EXPECT_EQ(s.switches, switches);
    EXPECT_EQ(s.record_messages, MessageRecording::Full);
}

TEST(QuorumScenario, ABrokerThatJoinsIsListedAndMarked) {
    const Scenario s = quorum();
    ASSERT_EQ(s.brokers.size(), 4U);
    EXPECT_EQ(s.brokers[3].id, BrokerId(4));
    EXPECT_TRUE(s.brokers[3].joins_by_fault);
    EXPECT_EQ(s.brokers[3].settings.at("num.io.threads"), "2");
    EXPECT_EQ(s.brokers[3].config.replica_lag_time_max, seconds(10)) << "defaults count";
    EXPECT_FALSE(s.brokers[0].joins_by_fault);
}

TEST(QuorumScenario, TriggersEndsAndRepeatsAreRead) {
    const Scenario s = quorum();
    const auto& kill = std::get<WhenTrigger>(fault(s, "kill").trigger);
    EXPECT_EQ(kill.when.text, "isr(orders-0) < 3");
    EXPECT_EQ(kill.hold, milliseconds(500));
    EXPECT_EQ(std::get<CrashFault>(fault(s, "kill").action).mode, CrashMode::Power);
    EXPECT_EQ(fault(s, "half").trigger, FaultTrigger(AfterTrigger{"kill", true, seconds(2)}));
    EXPECT_EQ(fault(s, "half").until->text, "urp() == 0");
    const FaultSpec& gc = fault(s, "gc");
    EXPECT_EQ(gc.duration, LatencyDist(ExponentialDist{milliseconds(200)}));
    EXPECT_EQ(gc.repeat, (FaultRepeat{seconds(3), seconds(1), 4}));
    EXPECT_EQ(gc.probability, (Ratio{5, 10}));
    EXPECT_EQ(std::get<PauseFault>(gc.action).target,
              Selector(RandomSelector{Selector(AllBrokersSelector{}), 2}));
    const auto& roll = std::get<RollingRestartFault>(fault(s, "roll").action);
    EXPECT_EQ(roll.order, RollingRestartFault::Order::ControllerLast);
    EXPECT_EQ(roll.target, Selector(NotSelector{Selector(BrokerSelector{BrokerId(1)})}));
    EXPECT_EQ(to_string(roll.gate.root), "((isr(orders-0) == 3) and (controller() != none))");
    const auto& held = std::get<MessageFault>(fault(s, "held").action);
    EXPECT_EQ(held.filter, (MessageFilter{"AlterPartition",
                                          MessageFilter::Of::Both,
                                          2,
                                          3,
                                          {{"epoch", "3"}, {"partition", "orders-0"}}}));
    EXPECT_EQ(held.from, Selector(BrokerSelector{BrokerId(1)}));
    EXPECT_FALSE(held.to);
}

TEST(QuorumScenario, ExpectationsAboutTimeAreRead) {
    const Scenario s = quorum();
    ASSERT_EQ(s.expect.size(), 4U);
    const auto& failover = std::get<EventuallyExpect>(s.expect[0].form);
    EXPECT_EQ(failover.start, (ExpectStart{SimTime(), "kill", false}));
    EXPECT_EQ(failover.within, seconds(12));
    const auto& never = std::get<AlwaysExpect>(s.expect[1].form);
    EXPECT_TRUE(never.negated);
    EXPECT_EQ(never.start.from, SimTime(1'000'000'000));
    EXPECT_EQ(never.to, SimTime(100'000'000'000));
    const auto& always = std::get<AlwaysExpect>(s.expect[2].form);
    EXPECT_EQ(to_string(always.expression.root),
              "(not (event(ProduceFailed, latency_ns>250000000) within 5s))");
    EXPECT_EQ(s.expect[2].outcome, ExpectedOutcome::Violated);
    const auto& sequence = std::get<SequenceExpect>(s.expect[3].form);
    const std::vector<ExpressionValue> is = {NodeNames{"broker-1", "controller-1"}, NodeNames{},
                                             NodeNames{"broker-2"}, NodeNames{},
                                             NodeNames{"broker-3"}};
    EXPECT_EQ(sequence.is, is);
}

TEST(QuorumScenario, WhatTheProgramCannotDoIsRefusedOnePartEach) {
    Vocabulary words = test::vocabulary();
    words.features.clear();
    const auto result = parse_scenario(test::read_data("quorum.jsonc"), "quorum.jsonc", words);
    ASSERT_FALSE(result);
    for (const Diagnostic& d : result.error())
        EXPECT_EQ(d.code, "E0900") << test::brief(d);
    // With any one part missing there is at least one complaint less than with all missing, and
    // none about anything else.
    for (const std::string& feature : all_features()) {
        Vocabulary most = test::vocabulary();
        std::erase(most.features, feature);
        const auto without = parse_scenario(test::read_data("quorum.jsonc"), "quorum.jsonc", most);
        if (without)
            continue;
        EXPECT_LT(without.error().size(), result.error().size()) << feature;
        for (const Diagnostic& d : without.error())
            EXPECT_EQ(d.code, "E0900") << feature << ": " << test::brief(d);
    }
}

TEST(QuorumScenario, SelectorsRoundTrip) {
    for (const std::string text :
         {"broker:1", "controller:100", "controller", "brokers", "controllers", "clients",
          "leader(orders-0)", "follower(orders-0, 1)", "isr(orders-1)", "producer:shop",
          "producer:shop-0", "random(brokers, 2)", "not broker:1",
          "random(not random(not leader(orders-0), 2), 1)"}) {
        const std::string isolated =
            test::replaced(test::read_data("base.json"), "\"crash\"", "\"partition\"");
        const auto scenario = test::parse(test::replaced(isolated, "leader(orders-0)", text));
        ASSERT_TRUE(scenario) << text << test::brief(scenario.error());
        const auto& cut = std::get<PartitionFault>(scenario->faults[0].action).cut;
        EXPECT_EQ(to_string(std::get<IsolationCut>(cut).target), text);
    }
}

TEST(QuorumScenario, DeepNestingIsRefusedWithoutHarm) {
    std::string selector;
    std::string expression;
    for (int i = 0; i < 100'000; ++i) {
        selector += "not ";
        expression += "(";
    }
    const std::string base = test::read_data("base.json");
    EXPECT_EQ(test::diagnostics_of(test::replaced(base, "leader(orders-0)", selector + "brokers"))
                  .at(0)
                  .code,
              "E0401");
    EXPECT_EQ(test::diagnostics_of(
                  test::replaced(base, R"("at": "8s")", R"("when": ")" + expression + "\""))
                  .at(0)
                  .code,
              "E0402");
}

}  // namespace
}  // namespace bsim
