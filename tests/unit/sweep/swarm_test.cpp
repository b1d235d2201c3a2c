#include "sim/sweep/swarm.h"

#include <fstream>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "sim/scenario/effective_text.h"
#include "sim/world/judged_run.h"

namespace bsim {
namespace {

std::string shipped(const std::string& name) {
    std::ostringstream text;
    text << std::ifstream(std::string(BSIM_SOURCE_DIR) + "/scenarios/" + name).rdbuf();
    return text.str();
}

struct Base {
    explicit Base(std::string base_text)
        : text(std::move(base_text)), scenario(*parse_scenario(text, "base", vocabulary())) {}

    SwarmDraw draw(std::uint64_t seed) const { return Swarm(scenario, text).draw(seed); }

    std::string text;
    Scenario scenario;
};

TEST(Swarm, ASeedMeansTheSameEachTimeAndAnotherSeedSomethingElse) {
    const Base base(shipped("baseline/three-brokers.json"));
    const Swarm swarm(base.scenario, base.text);
    std::set<std::string> texts;
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        const SwarmDraw draw = swarm.draw(seed);
        EXPECT_EQ(draw.text, base.draw(seed).text);
        texts.insert(draw.text);
    }
    EXPECT_EQ(texts.size(), 50U);
}

// Or else a batch that no broker takes any more (KAFKA-14359) outlives the time to recover.
TEST(Swarm, WhatWasSentBeforeTheClusterHealedExpiresBeforeItMustServe) {
    const Base base(shipped("baseline/three-brokers.json"));
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        const auto scenario = parse_scenario(base.draw(seed).text, "drawn", vocabulary());
        ASSERT_TRUE(scenario.ok());
        for (const ProducerSpec& producer : scenario->producers)
            EXPECT_EQ(producer.settings.at("delivery.timeout.ms"), "35000");
    }
}

TEST(Swarm, NoAnswerToAProducerIsLostWhileLaterOnesArrive) {
    const Base base(shipped("baseline/three-brokers.json"));
    int requests = 0;
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        const auto scenario = parse_scenario(base.draw(seed).text, "drawn", vocabulary());
        ASSERT_TRUE(scenario.ok());
        for (const FaultSpec& fault : scenario->faults) {
            const auto* message = std::get_if<MessageFault>(&fault.action);
            if (fault.kind != "message-drop" || message->filter.api != "Produce")
                continue;
            ++requests;
            EXPECT_EQ(message->filter.of, MessageFilter::Of::Request) << "seed " << seed;
        }
    }
    EXPECT_GT(requests, 0);
}

// When a fault has ended at the latest: `for` and `restart_after` stand in its action.
// Without those that start at a point of the protocol, within seconds of another one.
SimTime end_of(const FaultSpec& fault) {
    if (std::holds_alternative<WhenTrigger>(fault.trigger))
        return SimTime();
    const SimTime at = std::get<AtTrigger>(fault.trigger).at;
    const std::int64_t times = fault.repeat.times.value_or(1);
    SimTime end = at + fault.repeat.every.value_or(SimDuration()) * (times - 1);
    if (fault.duration)
        end = end + std::get<ConstantDist>(*fault.duration).value;
    if (const auto* crash = std::get_if<CrashFault>(&fault.action))
        end = end + crash->restart_after.value();
    return end;
}

const FaultSpec* power_loss(const FaultSpec& fault) {
    const auto* crash = std::get_if<CrashFault>(&fault.action);
    return crash != nullptr && crash->mode == CrashMode::Power ? &fault : nullptr;
}

class SwarmOf : public testing::TestWithParam<const char*> {};

TEST_P(SwarmOf, EveryScenarioIsLegalAndHealsBeforeItMustServe) {
    const Base base(shipped(GetParam()));
    std::set<std::string> kinds;
    std::int64_t points_of_all = 0;
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        const SwarmDraw draw = base.draw(seed);
        const auto drawn = parse_scenario(draw.text, "drawn", vocabulary());
        ASSERT_TRUE(drawn.ok()) << "seed " << seed << '\n'
                                << format_diagnostic(drawn.error()[0], false);
        EXPECT_EQ(drawn->seed, seed);
        EXPECT_EQ(drawn->name, base.scenario.name);
        EXPECT_EQ(drawn->brokers.size(), base.scenario.brokers.size());
        ASSERT_FALSE(drawn->faults.empty());
        SimTime served = SimTime() + drawn->duration;
        for (const ExpectSpec& expect : drawn->expect) {
            if (const auto* always = std::get_if<AlwaysExpect>(&expect.form))
                served = std::min(served, always->start.from);
        }
        std::int64_t lossy = 0;
        std::int64_t points = 0;
        for (const FaultSpec& fault : drawn->faults) {
            kinds.insert(fault.kind);
            lossy += power_loss(fault) != nullptr ? 1 : 0;
            points += std::holds_alternative<WhenTrigger>(fault.trigger) ? 1 : 0;
            EXPECT_LE(end_of(fault) + seconds(50), served) << fault.kind << " seed " << seed;
        }
        EXPECT_LE(lossy, 1);
        EXPECT_LE(points, lossy == 0 ? 2 : 0);
        points_of_all += points;
    }
    EXPECT_GT(kinds.size(), 25U);
    EXPECT_GT(points_of_all, 30);
}

INSTANTIATE_TEST_SUITE_P(Shipped,
                         SwarmOf,
                         testing::Values("baseline/three-brokers.json",
                                         "failures/leader-failover.json",
                                         "failures/acks-one-loses.json",
                                         "groups/two-groups.json",
                                         "groups/rolling-restart-static.json",
                                         "kraft/controller-failover.json"));

// Such as failures/lossy-network.json: there everybody is seconds late now and then.
TEST(Swarm, OverLinksThatLoseManyLessIsExpected) {
    for (const char* loss : {R"("loss": 0.05)", R"("corrupt": 0.01)",
                             R"("loss": {"good_to_bad": 0.001, "bad_to_good": 0.5})"}) {
        const Base base(R"({
            "version": 1, "name": "lossy", "duration": "20s",
            "cluster": {"brokers": {"1": {}, "2": {}, "3": {}}},
            "network": {"default": {"latency": "1ms", )" +
                        std::string(loss) + R"(}},
            "topics": {"orders": {"partitions": 2, "replication": 3}},
            "producers": {"shop": {"topic": "orders", "rate": "50/s"}}})");
        for (std::uint64_t seed = 1; seed <= 50; ++seed) {
            const auto drawn = parse_scenario(base.draw(seed).text, "drawn", vocabulary());
            ASSERT_TRUE(drawn.ok());
            EXPECT_FALSE(drawn->brokers[0].settings.contains("replica.lag.time.max.ms")) << loss;
            EXPECT_EQ(drawn->expect.size(), 2U) << loss;
        }
    }
}

TEST(Swarm, WhatTheScenarioSetsStays) {
    const Base base(R"({
        "version": 1, "name": "given", "duration": "20s",
        "cluster": {"brokers": {"1": {}, "2": {}, "3": {}},
                    "defaults": {"config": {"replica.lag.time.max.ms": 7777}}},
        "network": {"default": {"latency": "1ms", "loss": 0.002}},
        "topics": {"orders": {"partitions": 2, "replication": 3}},
        "producers": {"shop": {"topic": "orders", "rate": "5000/s", "value": "100B",
                               "config": {"acks": "all", "linger.ms": 3}}}})");
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        const auto drawn = parse_scenario(base.draw(seed).text, "drawn", vocabulary());
        ASSERT_TRUE(drawn.ok());
        EXPECT_EQ(drawn->brokers[0].settings.at("replica.lag.time.max.ms"), "7777");
        EXPECT_EQ(drawn->producers[0].settings.at("acks"), "all");
        EXPECT_EQ(drawn->producers[0].settings.at("linger.ms"), "3");
        EXPECT_EQ(drawn->network.link.loss, base.scenario.network.link.loss);
        EXPECT_EQ(drawn->producers[0].rate->due(1), milliseconds(1000 / kRateMost));
    }
}

TEST(EffectiveText, MeansWhatTextAndOverridesMean) {
    const std::string text = shipped("groups/two-groups.json");
    const std::vector<std::string> overrides{"/seed=77", "/title=\"quo\\\"ted\"",
                                             "/network={\"default\": {\"loss\": 1e-3}}"};
    const ScenarioText input{text, "x", overrides};
    const std::string effective = effective_text(input);
    auto expected = parse_scenario(input, vocabulary());
    auto found = parse_scenario(effective, "x", vocabulary());
    ASSERT_TRUE(expected.ok());
    ASSERT_TRUE(found.ok());
    EXPECT_EQ(found->title, "quo\"ted");
    expected->warnings.clear();
    found->warnings.clear();
    EXPECT_EQ(*found, *expected);
    EXPECT_NE(effective.find("1e-3"), std::string::npos) << "numbers stay as they are written";
}

}  // namespace
}  // namespace bsim
