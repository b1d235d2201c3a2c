// What befalls machines in whole runs: loss of power, slow and stalled disks, slow processors,
// clocks that are wrong.
#include <algorithm>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "sim/node/wall_clock.h"
#include "sim/wire/record_batch.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/world/world_stage.h"

namespace bsim {
namespace {

class Kept : public EventSink {
  public:
    void on(const Event& event, std::string_view) override {
        if (!is_message_event(event.body))
            events.push_back(event);
    }
    std::vector<Event> events;
};

class MachineFaults : public testing::Test {
  protected:
    void run(const std::string& faults, SimDuration end) {
        const Scenario scenario = test::scenario_with(
            R"x("producers": {"p": {"topic": "orders", "rate": "50/s"}}, "faults": [)x" + faults +
            "]");
        StringSink text;
        HistoryWriter history(text);
        JudgedRun run(scenario,
                      {1, SimTime(0) + end, directory_.path(), history, {&kept_}, nullptr});
        run.execute([](SimTime, std::uint64_t) { return true; });
    }
    // When records were acknowledged in [from, to), and how long the slowest took.
    struct Acks {
        std::size_t count = 0;
        SimDuration slowest;
    };
    Acks acks(SimDuration from, SimDuration to) const {
        Acks out;
        for (const Event& event : kept_.events) {
            const auto* acked = as<ProduceAcked>(event);
            if (acked == nullptr || event.t < SimTime(0) + from || event.t >= SimTime(0) + to)
                continue;
            ++out.count;
            out.slowest = std::max(out.slowest, acked->latency_ns);
        }
        return out;
    }
    template <class Body>
    std::vector<const Event*> all(const std::string& node) const {
        std::vector<const Event*> out;
        for (const Event& event : kept_.events) {
            if (as<Body>(event) != nullptr && event.n.text() == node)
                out.push_back(&event);
        }
        return out;
    }

    test::TempDir directory_;
    Kept kept_;
};

TEST_F(MachineFaults, PowerTakesWhatWasNotSyncedAndTheFollowersBringItBack) {
    run(R"x({"id": "cut", "fault": "crash", "mode": "power", "target": "broker:1", "at": "15s",
             "restart_after": "15s"})x",
        seconds(50));
    const auto stops = all<NodeStopped>("broker-1");
    ASSERT_EQ(stops.size(), 1u);
    EXPECT_EQ(as<NodeStopped>(*stops[0])->how, StopMode::Power);
    Offset before{0};
    for (const Event* event : all<LogAppended>("broker-1")) {
        if (event->t < stops[0]->t)
            before = std::max(before, as<LogAppended>(*event)->last + 1);
    }
    const auto recovered = all<LogRecovered>("broker-1");
    const auto orders = std::find_if(recovered.begin(), recovered.end(), [&](const Event* event) {
        return event->t > stops[0]->t && as<LogRecovered>(*event)->p.topic == "orders";
    });
    ASSERT_NE(orders, recovered.end());
    EXPECT_LT(as<LogRecovered>(**orders)->leo, before) << "most of 15 s was never written back";
    const auto expanded =
        std::count_if(kept_.events.begin(), kept_.events.end(), [&](const Event& event) {
            const auto* isr = as<IsrExpanded>(event);
            return isr != nullptr && event.t > (*orders)->t && isr->isr.size() == 3;
        });
    EXPECT_EQ(expanded, 1);
}

TEST_F(MachineFaults, ASlowDiskDelaysWhatIsWritten) {
    run(R"x({"id": "slow", "fault": "disk-slow", "target": "leader(orders-0)", "op": "write",
             "latency": "80ms", "at": "15s", "for": "5s"})x",
        seconds(30));
    EXPECT_LT(acks(seconds(10), seconds(15)).slowest, milliseconds(80));
    EXPECT_GT(acks(seconds(16), seconds(20)).slowest, milliseconds(80));
    EXPECT_LT(acks(seconds(25), seconds(30)).slowest, milliseconds(80));
}

TEST_F(MachineFaults, OnAStalledDiskNothingIsAcknowledgedUntilItGoesOn) {
    run(R"x({"id": "stall", "fault": "disk-stall", "target": "leader(orders-0)", "at": "15s",
             "for": "3s"})x",
        seconds(30));
    EXPECT_EQ(acks(milliseconds(15'100), seconds(18)).count, 0u);
    EXPECT_GT(acks(seconds(18), milliseconds(18'500)).count, 0u);
    EXPECT_GT(acks(seconds(18), seconds(19)).slowest, seconds(2));
}

TEST_F(MachineFaults, ASlowProcessorTakesLongerForEveryRequest) {
    run(R"x({"id": "slow", "fault": "cpu-slow", "target": "brokers", "factor": 200, "at": "15s",
             "for": "5s"})x",
        seconds(30));
    EXPECT_LT(acks(seconds(10), seconds(15)).slowest, milliseconds(60));
    EXPECT_GT(acks(seconds(16), seconds(20)).slowest, milliseconds(20));
    EXPECT_GT(acks(seconds(16), seconds(20)).slowest, acks(seconds(25), seconds(30)).slowest);
}

// The controller stamps its batches by its own clock.
TEST_F(MachineFaults, AClockThatJumpsIsSeenInTimestampsOnly) {
    run(R"x({"id": "jump", "fault": "clock-jump", "target": "controller", "by": "1h",
             "at": "20s"})x",
        seconds(30));
    std::ifstream in(directory_ / "controller-100/__cluster_metadata-0/00000000000000000000.log",
                     std::ios::binary);
    const std::vector<std::uint8_t> log(std::istreambuf_iterator<char>(in), {});
    wire::BatchReader batches{ByteView(log)};
    wire::BatchView batch;
    std::vector<std::int64_t> seconds_after_start;
    while (batches.next(batch)) {
        const std::int64_t ms = batch.header.max_timestamp - wall_clock(SimTime(0)).value();
        seconds_after_start.push_back(ms / 1000);
    }
    ASSERT_FALSE(seconds_after_start.empty());
    EXPECT_EQ(seconds_after_start.back() / 10, (3600 + 29) / 10);
    EXPECT_EQ(std::count_if(seconds_after_start.begin(), seconds_after_start.end(),
                            [](std::int64_t s) { return s > 20 && s < 3620; }),
              0);
    EXPECT_TRUE(all<ControllerResigned>("controller-100").empty()) << "timeouts do not follow it";
}

TEST_F(MachineFaults, AVoteIsGivenOnlyWhenTheDiskHasIt) {
    const Scenario scenario = [] {
        const std::string text = R"({"version": 1, "name": "t", "duration": "30s",
            "cluster": {"controllers": [101, 102, 103], "brokers": {"1": {}}},
            "faults": [{"id": "slow", "fault": "disk-slow", "target": "controllers",
                        "op": "fsync", "latency": "300ms", "at": "10s", "for": "15s"},
                       {"id": "kill", "fault": "crash", "target": "controller", "at": "12s"}]})";
        return *parse_scenario(text, "t.json", vocabulary());
    }();
    StringSink text;
    HistoryWriter history(text);
    JudgedRun run(scenario,
                  {1, SimTime(0) + seconds(25), directory_.path(), history, {&kept_}, nullptr});
    run.execute([](SimTime, std::uint64_t) { return true; });
    // The candidate syncs its vote for itself, the other one its vote, one after the other.
    std::optional<SimTime> candidate;
    std::optional<SimTime> elected;
    for (const Event& event : kept_.events) {
        if (event.t < SimTime(0) + seconds(13))
            continue;
        if (const auto* role = as<RaftRole>(event)) {
            if (role->role == RaftRoleName::Candidate)
                candidate = event.t;
            if (role->role == RaftRoleName::Leader && !elected)
                elected = event.t;
        }
        if (elected)
            break;
    }
    ASSERT_TRUE(candidate && elected);
    EXPECT_GT(*elected - *candidate, milliseconds(300));
}

}  // namespace
}  // namespace bsim
