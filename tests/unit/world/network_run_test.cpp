// Links and faults of the network in whole runs, as the trace of messages shows them.
#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "tests/support/temp_dir.h"
#include "tests/unit/world/world_stage.h"

namespace bsim {
namespace {

// What became of one message.
struct Fate {
    std::string from;
    std::string to;
    std::string api;
    SimTime sent;
    std::optional<SimTime> delivered;
    std::map<std::string, int> drops;  // by why
};

class MessageLog : public EventSink {
  public:
    void on(const Event& event, std::string_view) override {
        if (const auto* e = as<MessageSent>(event))
            fates[e->m] = {event.n.text(), e->to.text(), e->api, event.t, {}, {}};
        if (const auto* e = as<MessageDelivered>(event))
            fates[e->m].delivered = event.t;
        if (const auto* e = as<MessageDropped>(event))
            ++fates[e->m].drops[e->why];
        if (const auto* e = as<ConnectionClosed>(event))
            closed.emplace_back(event.t,
                                event.n.text() + " with " + e->peer.text() + ": " + e->why);
        if (const auto* e = as<FaultStarted>(event))
            faults.push_back({event.t, e->f, e->targets});
        if (const auto* e = as<BrokerFenced>(event))
            fenced.emplace_back(event.t, e->broker);
        if (as<FaultEnded>(event) != nullptr)
            ended.push_back(event.t);
        if (as<ProduceAcked>(event) != nullptr)
            ++acked;
    }

    struct Started {
        SimTime at;
        std::string f;
        std::vector<std::string> targets;
    };
    std::map<std::uint64_t, Fate> fates;
    std::vector<std::pair<SimTime, std::string>> closed;
    std::vector<Started> faults;
    std::vector<SimTime> ended;
    std::vector<std::pair<SimTime, BrokerId>> fenced;
    int acked = 0;
};

class NetworkRun : public testing::Test {
  protected:
    // `more` are members of the scenario: faults, a network. Returns the checks that did not hold.
    std::vector<std::string> run(const std::string& more, SimDuration end) {
        const Scenario scenario = test::scenario_with(
            R"x("record": {"messages": "full"},
                "producers": {"p": {"topic": "orders", "rate": "50/s"}}, )x" +
            more);
        StringSink text;
        HistoryWriter history(text);
        JudgedRun run(scenario, {1, SimTime(0) + end, directory_, history, {&log_}, nullptr});
        run.execute([](SimTime, std::uint64_t) { return true; });
        std::vector<std::string> broken;
        for (const CheckResult& check : run.checks()) {
            if (!check.violations.empty())
                broken.push_back(check.name);
        }
        return broken;
    }
    static std::string faults(const std::string& list) { return R"("faults": [)" + list + "]"; }

    // Messages of one way that were sent in [begin, end).
    std::vector<Fate> sent(const std::string& from,
                           const std::string& to,
                           SimDuration begin,
                           SimDuration end) const {
        std::vector<Fate> out;
        for (const auto& [m, fate] : log_.fates) {
            const SimDuration at = fate.sent - SimTime();
            if (fate.from == from && fate.to == to && begin <= at && at < end)
                out.push_back(fate);
        }
        return out;
    }
    static SimDuration trip(const Fate& fate) {
        return fate.delivered ? *fate.delivered - fate.sent : seconds(1'000'000);
    }
    static SimDuration shortest(const std::vector<Fate>& fates) {
        SimDuration least = seconds(1'000'000);
        for (const Fate& fate : fates)
            least = std::min(least, trip(fate));
        return least;
    }
    std::map<std::string, int> drops() const {
        std::map<std::string, int> sum;
        for (const auto& [m, fate] : log_.fates) {
            for (const auto& [why, times] : fate.drops)
                sum[why] += times;
        }
        return sum;
    }

    test::TempDir temp_;
    const std::string directory_ = temp_ / "data";
    MessageLog log_;
};

TEST_F(NetworkRun, LossyLinksCostTimeAndNothingElse) {
    const auto broken = run(R"x("network": {"default": {"loss": 0.05, "duplicate": 0.05,
        "reorder": 0.05, "corrupt": 0.05}})x",
                            seconds(20));
    EXPECT_TRUE(broken.empty()) << broken.front();
    const auto why = drops();
    EXPECT_EQ(why.size(), 2u) << "loss and corrupt";
    EXPECT_GT(why.at("loss"), 50);
    EXPECT_GT(why.at("corrupt"), 50);
    EXPECT_GT(log_.acked, 100);
    EXPECT_TRUE(log_.closed.empty()) << log_.closed.front().second;
    std::size_t missing = 0;
    for (const auto& [m, fate] : log_.fates)
        missing += fate.delivered || SimTime() + seconds(18) < fate.sent ? 0 : 1;
    EXPECT_EQ(missing, 0u);
}

TEST_F(NetworkRun, ALinkOfItsOwnHoldsForItsWaysAlone) {
    run(R"x("network": {"default": {"latency": "1ms"}, "links": [
        {"between": ["broker:1", "broker:2"], "latency": "40ms"},
        {"between": ["rack:b", "controllers"], "latency": "7ms", "oneway": true}]})x",
        seconds(8));
    const std::map<std::pair<std::string, std::string>, SimDuration> expected{
        {{"broker-1", "broker-2"}, milliseconds(40)},
        {{"broker-2", "broker-1"}, milliseconds(40)},
        {{"broker-1", "broker-3"}, milliseconds(1)},
        {{"broker-3", "broker-1"}, milliseconds(1)},
        {{"broker-2", "controller-100"}, milliseconds(7)},
        {{"broker-3", "controller-100"}, milliseconds(7)},
        {{"controller-100", "broker-3"}, milliseconds(1)},
        {{"broker-1", "controller-100"}, milliseconds(1)},
        {{"producer-p-0", "broker-1"}, milliseconds(1)},
    };
    for (const auto& [way, latency] : expected) {
        const auto fates = sent(way.first, way.second, seconds(0), seconds(8));
        ASSERT_FALSE(fates.empty()) << way.first << way.second;
        EXPECT_EQ(shortest(fates), latency) << way.first << " " << way.second;
    }
}

TEST_F(NetworkRun, SlowPacketsAreSlowWhileTheFaultLasts) {
    run(faults(R"x({"id": "s", "fault": "net-slow", "between": ["broker:1", "broker:2"],
                    "latency": "50ms", "at": "4s", "for": "3s"})x"),
        seconds(10));
    ASSERT_EQ(log_.faults.size(), 1u);
    EXPECT_EQ(log_.faults[0].targets, (std::vector<std::string>{"broker-1", "broker-2"}));
    for (const bool back : {false, true}) {
        const std::string a = back ? "broker-2" : "broker-1";
        const std::string b = back ? "broker-1" : "broker-2";
        EXPECT_LT(shortest(sent(a, b, seconds(2), seconds(4))), milliseconds(50));
        EXPECT_GT(shortest(sent(a, b, seconds(4), seconds(7))), milliseconds(50));
        EXPECT_LT(shortest(sent(a, b, seconds(7), seconds(9))), milliseconds(50));
    }
    EXPECT_LT(shortest(sent("broker-3", "broker-1", seconds(4), seconds(7))), milliseconds(50));
}

TEST_F(NetworkRun, LossFromAndToStrikesOneWayAlone) {
    run(faults(R"x({"id": "l", "fault": "net-loss", "from": "broker:2", "to": "broker:1",
                    "rate": 1, "at": "4s", "for": "1s"})x"),
        seconds(10));
    for (const auto& [m, fate] : log_.fates) {
        if (!fate.drops.empty()) {
            EXPECT_EQ(fate.from + fate.to, "broker-2broker-1");
        }
    }
    EXPECT_GT(drops()["loss"], 0);
    for (const Fate& fate : sent("broker-2", "broker-1", seconds(4), seconds(5)))
        EXPECT_GE(fate.sent + trip(fate), SimTime() + seconds(5)) << "nothing comes through before";
}

TEST_F(NetworkRun, EveryKindOfDisturbanceReachesTheNetwork) {
    const auto broken =
        run(faults(R"x({"fault": "net-corrupt", "target": "broker:2", "rate": 0.2, "at": "3s"},
                   {"fault": "net-duplicate", "target": "broker:2", "rate": 0.2, "at": "3s"},
                   {"fault": "net-reorder", "target": "broker:2", "rate": 0.2, "at": "3s"},
                   {"fault": "net-bandwidth", "between": ["broker:1", "broker:3"],
                    "rate": "100kbit/s", "at": "3s"})x"),
            seconds(12));
    EXPECT_TRUE(broken.empty()) << broken.front();
    EXPECT_GT(drops()["corrupt"], 10);
    for (const auto& [m, fate] : log_.fates) {
        if (!fate.drops.empty()) {
            EXPECT_TRUE(fate.from == "broker-2" || fate.to == "broker-2");
        }
    }
    const SimDuration a_byte = microseconds(80);
    const auto limited = sent("broker-3", "broker-1", seconds(3), seconds(11));
    EXPECT_GT(shortest(limited), a_byte * 60) << "a fetch has more than 60 bytes";
}

TEST_F(NetworkRun, AResetBreaksConnectionsAtOnceAndTheyAreOpenedAgain) {
    const auto broken = run(faults(R"x({"id": "r", "fault": "net-reset", "target": "broker:1",
                                        "at": "4s", "every": "2s", "times": 2})x"),
                            seconds(10));
    EXPECT_TRUE(broken.empty()) << broken.front();
    ASSERT_EQ(log_.faults.size(), 2u);
    EXPECT_EQ(log_.ended, (std::vector<SimTime>{log_.faults[0].at, log_.faults[1].at}));
    for (const auto& fault : log_.faults) {
        int ends = 0;
        for (const auto& [at, what] : log_.closed)
            ends += at == fault.at && what.ends_with(": reset") ? 1 : 0;
        EXPECT_GE(ends, 6) << "fetchers of two followers, and the producer's";
    }
    EXPECT_GT(sent("broker-2", "broker-1", seconds(7), seconds(10)).size(), 3u);
}

TEST_F(NetworkRun, AMessageRuleStrikesTheOnesItCounts) {
    run(faults(R"x({"id": "d", "fault": "message-drop", "api": "Fetch", "from": "broker:2",
                    "to": "broker:1", "nth": 3, "count": 2, "match": {"partition": "orders-0"},
                    "at": "4s"},
                   {"id": "none", "fault": "message-drop", "api": "BrokerHeartbeat", "count": 9,
                    "match": {"partition": "orders-0"}, "at": "4s"})x"),
        seconds(60));
    int number = 0;
    std::vector<int> struck;
    for (const Fate& fate : sent("broker-2", "broker-1", seconds(4), seconds(60))) {
        if (fate.api != "Fetch")
            continue;
        ++number;
        if (fate.drops.contains("message-drop"))
            struck.push_back(number);
    }
    EXPECT_EQ(struck, (std::vector<int>{3, 4}))
        << "the follower asks for its one partition each time, as it has no session yet or news";
    EXPECT_EQ(drops()["message-drop"], 2);
}

TEST_F(NetworkRun, HeldAnswersComeAllTogetherAtTheEndOfTheFault) {
    run(faults(R"x({"id": "h", "fault": "message-hold", "api": "Produce", "of": "response",
                    "at": "4s", "for": "2s", "count": 1000})x"),
        seconds(10));
    ASSERT_EQ(log_.faults.size(), 1u);
    EXPECT_TRUE(log_.faults[0].targets.empty());
    int held = 0;
    for (const Fate& fate : sent("broker-1", "producer-p-0", seconds(4), seconds(6))) {
        EXPECT_GE(fate.sent + trip(fate), SimTime() + seconds(6));
        EXPECT_LT(fate.sent + trip(fate), SimTime() + milliseconds(6100));
        ++held;
    }
    EXPECT_EQ(held, 5) << "max.in.flight.requests.per.connection";
    EXPECT_GT(log_.acked, 100);
}

TEST_F(NetworkRun, DelayedMessagesAreLateByADraw) {
    run(faults(R"x({"id": "d", "fault": "message-delay", "api": "Produce", "at": "4s", "for": "2s",
                    "count": 1000, "latency": "300ms"})x"),
        seconds(10));
    const auto late = sent("producer-p-0", "broker-1", seconds(4), seconds(6));
    ASSERT_GT(late.size(), 3u);
    for (const Fate& fate : late)
        EXPECT_GE(trip(fate), milliseconds(300));
    EXPECT_LT(shortest(sent("producer-p-0", "broker-1", seconds(8), seconds(10))),
              milliseconds(300));
}

TEST_F(NetworkRun, APartitionDropsRejectsOrJams) {
    const std::map<std::string, std::set<std::string>> expected{
        {"drop", {"partition"}}, {"reject", {"reset"}}, {"jam", {}}};
    for (const auto& [how, why] : expected) {
        log_ = MessageLog();
        std::filesystem::remove_all(directory_);
        run(faults(R"x({"fault": "partition", "between": ["broker:2", "broker:1"], "how": ")x" +
                   how + R"x(", "at": "4s", "for": "1s"})x"),
            seconds(8));
        for (const auto& [reason, times] : drops())
            EXPECT_TRUE(why.contains(reason)) << how << ": " << reason;
        EXPECT_EQ(drops().contains("partition"), how == "drop");
        int resets = 0;
        for (const auto& [at, what] : log_.closed)
            resets += what.ends_with(": reset") ? 1 : 0;
        EXPECT_EQ(resets > 0, how == "reject") << how;
        for (const Fate& fate : sent("broker-2", "broker-1", seconds(4), seconds(5)))
            EXPECT_GE(fate.sent + trip(fate), SimTime() + seconds(5)) << how;
    }
}

TEST_F(NetworkRun, AZombieHearsClientsAndBrokersButNoController) {
    run(faults(R"x({"fault": "zombie", "target": "leader(orders-0)", "at": "4s", "for": "15s"})x"),
        seconds(30));
    ASSERT_EQ(log_.faults.size(), 1U);
    EXPECT_EQ(log_.faults[0].targets, std::vector<std::string>{"broker-1"});
    const auto delivered = [&](const std::string& from, const std::string& to) {
        const auto fates = sent(from, to, seconds(5), seconds(18));
        return std::count_if(fates.begin(), fates.end(), [](const Fate& fate) {
            return fate.delivered && *fate.delivered < SimTime() + seconds(19);
        });
    };
    EXPECT_EQ(delivered("broker-1", "controller-100"), 0);
    EXPECT_EQ(delivered("controller-100", "broker-1"), 0);
    EXPECT_GT(delivered("broker-2", "controller-100"), 5);
    EXPECT_GT(delivered("producer-p-0", "broker-1"), 5);
    EXPECT_GT(delivered("broker-2", "broker-1"), 5);
    // Its session is over after nine seconds, and another one leads; the producer, whose requests
    // wait for followers that do not fetch any more, is told so by the zombie itself, later.
    ASSERT_EQ(log_.fenced.size(), 1U);
    EXPECT_EQ(log_.fenced[0].second, BrokerId(1));
    EXPECT_LT(log_.fenced[0].first, SimTime() + seconds(14));
    EXPECT_EQ(delivered("producer-p-0", "broker-2"), 0);
    EXPECT_FALSE(sent("broker-1", "controller-100", seconds(20), seconds(30)).empty());
    EXPECT_FALSE(sent("producer-p-0", "broker-2", seconds(19), seconds(30)).empty());
}

TEST_F(NetworkRun, EachOccurrenceOfAFaultDrawsAnew) {
    run(faults(R"x({"fault": "net-loss", "target": "broker:3", "rate": 0.5, "at": "4s",
                    "for": "2s", "every": "4s", "times": 2})x"),
        seconds(12));
    std::vector<bool> lost[2];
    for (int k = 0; k < 2; ++k) {
        const SimDuration begin = seconds(4 + 4 * k);
        for (const Fate& fate : sent("broker-3", "broker-1", begin, begin + seconds(2)))
            lost[k].push_back(!fate.drops.empty());
        lost[k].resize(5);
    }
    EXPECT_NE(lost[0], lost[1]);
}

}  // namespace
}  // namespace bsim
