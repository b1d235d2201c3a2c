// Faults in whole runs: when they strike, whom, and when they have ended.
#include <filesystem>
#include <map>

#include <gtest/gtest.h>

#include "sim/trace/event_text.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/world/world_stage.h"

namespace bsim {
namespace {

// Keeps the events that tests ask for.
class Kept : public EventSink {
  public:
    void on(const Event& event, std::string_view) override {
        if (!is_message_event(event.body))
            events.push_back(event);
    }
    template <class Body>
    std::vector<const Event*> all() const {
        std::vector<const Event*> out;
        for (const Event& event : events) {
            if (as<Body>(event) != nullptr)
                out.push_back(&event);
        }
        return out;
    }
    const Event& number(EventNumber i) const {
        return *std::find_if(events.begin(), events.end(),
                             [&](const Event& event) { return event.i == i; });
    }
    std::vector<Event> events;
};

class FaultRun : public testing::Test {
  protected:
    void run(const std::string& faults, SimDuration end) {
        const Scenario scenario = test::scenario_with(
            R"x("producers": {"p": {"topic": "orders", "rate": "50/s"}}, "faults": [)x" + faults +
            "]");
        StringSink text;
        HistoryWriter history(text);
        JudgedRun run(scenario, {1, SimTime(0) + end, directory_, history, {&kept_}, nullptr});
        run.execute([](SimTime, std::uint64_t) { return true; });
    }
    // "1000 kill broker-1; 6000 kill-end broker-1; 9000 other-skipped": times in ms.
    std::string story() const {
        std::string out;
        for (const Event& event : kept_.events) {
            const std::string at =
                (out.empty() ? "" : "; ") + std::to_string(event.t.ns() / 1'000'000) + " ";
            if (const auto* began = as<FaultStarted>(event))
                out += at + began->f + targets(began->targets);
            if (const auto* ended = as<FaultEnded>(event))
                out += at + ended->f + "-end" + targets(ended->targets);
            if (const auto* skipped = as<FaultSkipped>(event))
                out += at + skipped->f + "-skipped (" + skipped->why + ")";
        }
        return out;
    }
    static std::string targets(const std::vector<std::string>& names) {
        std::string out;
        for (const std::string& name : names)
            out += " " + name;
        return out;
    }

    test::TempDir temp_;
    const std::string directory_ = temp_ / "data";
    Kept kept_;
};

TEST_F(FaultRun, StrikesInTheInstantOfAnEventAndNamesItAsTheCause) {
    run(R"x({"id": "f", "fault": "pause", "target": "broker:2", "for": "100ms",
            "when": "event(LogAppended, n=broker-1, p=orders-0, base>=20)"})x",
        seconds(5));
    const auto began = kept_.all<FaultStarted>();
    ASSERT_EQ(began.size(), 1U);
    const Event& cause = kept_.number(began[0]->c.at(0));
    const auto* appended = as<LogAppended>(cause);
    ASSERT_NE(appended, nullptr);
    EXPECT_EQ(cause.t, began[0]->t);
    EXPECT_EQ(cause.n.text(), "broker-1");
    EXPECT_GE(appended->base, Offset(20));
    const auto resumed = kept_.all<NodeResumed>();
    ASSERT_EQ(resumed.size(), 1U);
    EXPECT_EQ(resumed[0]->t - began[0]->t, milliseconds(100));
}

TEST_F(FaultRun, ChainsWaitForBeginningsAndEnds) {
    run(R"x({"id": "a", "fault": "pause", "target": "broker:3", "at": "2s", "for": "500ms",
            "every": "1s", "times": 2},
           {"id": "b", "fault": "elect-preferred", "topic": "orders", "after": "a"},
           {"id": "c", "fault": "pause", "target": "broker:3", "after": "a.end", "delay": "250ms",
            "for": "1s"},
           {"id": "d", "fault": "pause", "target": "broker:3", "after": "c.end", "delay": "1h",
            "for": "1s"})x",
        seconds(6));
    const std::string told = story();
    EXPECT_TRUE(told.starts_with("2000 a broker-3; 2000 b orders; 2500 a-end broker-3; ")) << told;
    EXPECT_TRUE(
        told.ends_with("; 3000 a broker-3; 3500 a-end broker-3; 3750 c broker-3; "
                       "4750 c-end broker-3; 6000 d-skipped (the run ended before c did)"))
        << told;
}

TEST_F(FaultRun, AConditionEndsAFault) {
    run(R"x({"id": "cut", "fault": "partition", "target": "broker:3", "at": "3s",
            "until": "event(BrokerFenced, broker=3)"},
           {"id": "down", "fault": "crash", "target": "broker:2", "at": "4s",
            "until": "leader(orders-0) == none or urp() > 0"})x",
        seconds(20));
    const auto fenced = kept_.all<BrokerFenced>();
    ASSERT_FALSE(fenced.empty());
    const auto ended = kept_.all<FaultEnded>();
    ASSERT_EQ(ended.size(), 2U);
    for (const Event* end : ended) {
        const Event& cause = kept_.number(end->c.at(0));
        EXPECT_EQ(cause.t, end->t);
        EXPECT_TRUE(as<BrokerFenced>(cause) != nullptr || as<NodeStarted>(cause) != nullptr);
    }
}

TEST_F(FaultRun, ManyAreStruckAtOnceAndEndTogether) {
    run(R"x({"id": "all", "fault": "crash", "target": "rack:b", "at": "3s", "restart_after": "1s"},
           {"id": "others", "fault": "pause", "target": "not broker:1", "at": "6s", "for": "1s"},
           {"id": "two", "fault": "pause", "target": "random(brokers, 2)", "at": "8s", "for": "1s"},
           {"id": "nobody", "fault": "pause", "target": "follower(orders-0, 1)", "at": "1ms",
            "for": "1s"})x",
        seconds(10));
    const std::string told = story();
    EXPECT_NE(told.find("3000 all broker-2 broker-3; 4000 all-end broker-2 broker-3"),
              std::string::npos)
        << told;
    EXPECT_NE(told.find("6000 others broker-2 broker-3; 7000 others-end broker-2 broker-3"),
              std::string::npos)
        << told;
    EXPECT_TRUE(told.starts_with("1 nobody-skipped (orders-0 has no follower 1)")) << told;
    const auto paused = kept_.all<NodePaused>();
    EXPECT_EQ(paused.size(), 4U);
}

TEST_F(FaultRun, AConditionWithTimesStrikesEachTimeAnew) {
    run(R"x({"id": "f", "fault": "crash", "target": "broker:3", "at": "4s", "restart_after": "3s",
            "every": "12s", "times": 2},
           {"id": "g", "fault": "elect-preferred", "topic": "orders", "when": "not up(broker-3)",
            "hold": "1s", "times": 5})x",
        seconds(30));
    std::vector<std::int64_t> times;
    for (const Event* event : kept_.all<FaultStarted>()) {
        if (as<FaultStarted>(*event)->f == "g")
            times.push_back(event->t.ns() / 1'000'000);
    }
    EXPECT_EQ(times, (std::vector<std::int64_t>{5000, 17000}));
}

TEST_F(FaultRun, ARollingRestartWaitsForItsGate) {
    run(R"x({"id": "roll", "fault": "rolling-restart", "target": "brokers", "order": "descending",
            "at": "5s"})x",
        seconds(40));
    std::vector<std::string> stopped;
    std::int64_t isr = 3;
    bool healed = true;  // since the last start
    for (const Event& event : kept_.events) {
        if (as<NodeStarted>(event) != nullptr)
            healed = stopped.empty();
        if (const auto* changed = as<PartitionChanged>(event)) {
            isr = static_cast<std::int64_t>(changed->isr.size());
            healed = healed || isr == 3;
        }
        if (as<NodeStopped>(event) != nullptr) {
            EXPECT_TRUE(healed) << event.n.text();
            stopped.push_back(event.n.text());
        }
    }
    EXPECT_EQ(stopped, (std::vector<std::string>{"broker-3", "broker-2", "broker-1"}));
    EXPECT_EQ(isr, 3);
    EXPECT_TRUE(story().ends_with("roll-end broker-3 broker-2 broker-1")) << story();
}

TEST_F(FaultRun, ABrokerJoinsByAFault) {
    run(R"x({"id": "join", "fault": "broker-add", "target": "broker:4", "at": "5s"},
           {"id": "new", "fault": "topic-create", "topic": "new", "partitions": 4, "replication": 4,
            "when": "event(BrokerUnfenced, broker=4)"})x",
        seconds(15));
    EXPECT_TRUE(story().starts_with("5000 join broker-4; 5000 join-end broker-4")) << story();
    std::int64_t created = 0;
    for (const Event* event : kept_.all<PartitionChanged>())
        created += as<PartitionChanged>(*event)->p.topic == "new" ? 1 : 0;
    EXPECT_GE(created, 4);
}

TEST_F(FaultRun, ProbabilityLeavesOccurrencesOutAndShiftsNothing) {
    run(R"x({"id": "f", "fault": "gc-pause", "target": "broker:3", "at": "2s", "every": "200ms",
            "times": 40, "for": {"dist": "uniform", "min": "1ms", "max": "50ms"},
            "probability": 0.5})x",
        seconds(12));
    const std::string half = story();
    const std::size_t fired = kept_.all<FaultStarted>().size();
    EXPECT_GT(fired, 10U);
    EXPECT_LT(fired, 30U);
    EXPECT_EQ(kept_.all<FaultSkipped>().size(), 40 - fired);
    std::map<std::int64_t, SimTime> ends;
    for (const Event* event : kept_.all<FaultEnded>())
        ends[event->t.ns() / 200'000'000] = event->t;
    kept_.events.clear();
    std::filesystem::remove_all(directory_);
    run(R"x({"id": "f", "fault": "gc-pause", "target": "broker:3", "at": "2s", "every": "200ms",
            "times": 40, "for": {"dist": "uniform", "min": "1ms", "max": "50ms"}})x",
        seconds(12));
    EXPECT_EQ(kept_.all<FaultStarted>().size(), 40U);
    for (const Event* event : kept_.all<FaultEnded>()) {
        const auto same = ends.find(event->t.ns() / 200'000'000);
        if (same != ends.end()) {
            EXPECT_EQ(event->t, same->second);
        }
    }
}

TEST(Vocabulary, NamesOnlyPartsThatTheFormatHas) {
    const Vocabulary words = vocabulary();
    const auto all = all_features();
    for (const std::string& feature : words.features)
        EXPECT_NE(std::find(all.begin(), all.end(), feature), all.end()) << feature;
    EXPECT_NE(std::find(words.apis.begin(), words.apis.end(), "AlterPartition"), words.apis.end());
}

}  // namespace
}  // namespace bsim
