#include <gtest/gtest.h>

#include "tests/unit/scenario/support.h"

namespace bsim {
namespace {

Result<Scenario, std::vector<Diagnostic>> with(const std::vector<std::string>& overrides) {
    static const std::string kBase = test::read_data("base.json");
    return parse_scenario(ScenarioText{kBase, "base.json", overrides}, test::vocabulary());
}

std::string said(const std::vector<std::string>& overrides) {
    const auto result = with(overrides);
    const auto diagnostics = result ? result->warnings : result.error();
    return (diagnostics.empty() ? "" : diagnostics.front().file + " ") + test::brief(diagnostics);
}

TEST(Overrides, SetValuesThatAreThereAndValuesThatAreNot) {
    const auto scenario =
        with({"/duration=30s", "/seed=7", "/topics/orders/partitions=5",
              "/producers/shop/config={\"acks\": 1}", "/producers/shop/config/linger.ms=5",
              "/faults/0/target=broker:2", "/expect/-={\"check\": \"committed-prefix\"}"});
    ASSERT_TRUE(scenario) << test::brief(scenario.error());
    EXPECT_EQ(scenario->duration, seconds(30));
    EXPECT_EQ(scenario->seed, 7U);
    EXPECT_EQ(scenario->topics[0].partitions, 5);
    EXPECT_EQ(scenario->producers[0].config.linger, milliseconds(5));
    EXPECT_EQ(scenario->producers[0].config.acks, Acks::Leader);
    EXPECT_EQ(scenario->faults[0].action,
              FaultAction(CrashFault{BrokerSelector{BrokerId(2)}, CrashFault::Mode::Kill, {}}));
    EXPECT_EQ(scenario->expect.size(), 2U);
}

TEST(Overrides, TheLastOneWins) {
    EXPECT_EQ(with({"/duration=30s", "/duration=\"40s\""})->duration, seconds(40));
}

TEST(Overrides, MistakesAreShownWhereTheyWereMade) {
    EXPECT_EQ(said({"/duration=5x"}), "--set E0108 1:11 /duration: \"5x\" is no duration\n");
    EXPECT_EQ(said({"/duraton=5s"}),
              "--set E0101 1:1 /duraton: unknown key \"duraton\"; did you "
              "mean \"duration\"?\n");
    EXPECT_EQ(said({"/faults/0/target=leader(orders-7)"}),
              "--set E0204 1:32 /faults/0/target: topic \"orders\" has no partition 7\n");
    EXPECT_EQ(said({"/faults/0/target=\"leader(orders-7)\""}),
              "--set E0204 1:33 /faults/0/target: topic \"orders\" has no partition 7\n");
    EXPECT_EQ(said({"/expect/-={\"check\": \"nonsense\"}"}),
              "--set E0210 1:21 /expect/1/check: unknown check \"nonsense\"\n");
}

TEST(Overrides, APointerMustLeadSomewhere) {
    EXPECT_EQ(said({"/topics/audit/partitions=5"}),
              "--set E0013 1:8 /topics/audit: there is no \"audit\" in /topics\n");
    EXPECT_EQ(said({"/topics/oders/partitions=5"}),
              "--set E0013 1:8 /topics/oders: there is no \"oders\" in /topics; did you mean "
              "\"orders\"?\n");
    EXPECT_EQ(said({"/name/x=5"}), "--set E0013 1:6 /name/x: there is no \"x\" in /name\n");
    EXPECT_EQ(said({"/faults/1/at=5s"}),
              "--set E0013 1:8 /faults/1: there is no \"1\" in /faults\n");
    EXPECT_EQ(said({"/faults/00=5s"}),
              "--set E0013 1:8 /faults/00: there is no \"00\" in /faults\n");
    EXPECT_EQ(said({"duration=5s"}),
              "--set E0012 1:1 : \"duration=5s\" is no override; did you mean "
              "\"/duration=5s\"?\n");
    EXPECT_EQ(said({"/=5"}), "--set E0101 1:1 /: unknown key \"\"\n");
    EXPECT_EQ(said({"/duration"}), "--set E0012 1:1 : \"/duration\" is no override\n");
    EXPECT_EQ(said({""}), "--set E0012 1:1 : \"\" is no override\n");
    EXPECT_EQ(said({"=5"}), "--set E0012 1:1 : \"=5\" is no override\n");
    EXPECT_EQ(said({"/duration=\xff"}), "--set E0006 1:11 : byte 0xff is no valid UTF-8 here\n");
}

TEST(Overrides, PointersUnescapeTildeAndSlash) {
    EXPECT_EQ(said({"/x-a~1b~0=5"}), "");
    EXPECT_EQ(said({"/a~1b=5"}).substr(0, 40), "--set E0101 1:1 /a~1b: unknown key \"a/b\"");
}

}  // namespace
}  // namespace bsim
