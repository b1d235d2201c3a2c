// When logs are brought to the device in whole runs: those of partitions only if a setting asks for
// it, that of the metadata before anything is committed.
#include <algorithm>
#include <map>

#include <gtest/gtest.h>

#include "tests/support/temp_dir.h"
#include "tests/unit/world/world_stage.h"

namespace bsim {
namespace {

class Flushes : public EventSink {
  public:
    void on(const Event& event, std::string_view) override {
        if (const auto* flushed = as<LogFlushed>(event))
            to[flushed->p.topic].emplace_back(event.t, flushed->to);
        if (const auto* appended = as<LogAppended>(event))
            ++appends[appended->p.topic];
        if (const auto* acked = as<ProduceAcked>(event))
            fastest_ack = std::min(fastest_ack, acked->latency_ns);
        if (const auto* hw = as<RaftHw>(event))
            commits.emplace_back(event.t, hw->hw);
    }
    std::map<std::string, std::vector<std::pair<SimTime, Offset>>> to;
    std::map<std::string, int> appends;
    std::vector<std::pair<SimTime, Offset>> commits;
    SimDuration fastest_ack = seconds(1000);
};

class LogFlushes : public testing::Test {
  protected:
    // One broker whose fsyncs take 50 ms, with 20 records a second.
    void run(const std::string& broker, const std::string& topic, SimDuration end) {
        const std::string text = R"({"version": 1, "name": "t", "duration": "100s",
            "cluster": {"controllers": [100], "brokers": {"1": {"config": {)" +
                                 broker + R"(}}},
                        "defaults": {"disk": {"fsync": "50ms"}},
                        "controller_defaults": {"disk": {"fsync": "50ms"}}},
            "topics": {"orders": {"partitions": 1, "replication": 1, "config": {)" +
                                 topic + R"(}}},
            "producers": {"p": {"topic": "orders", "rate": "20/s"}}})";
        const auto scenario = parse_scenario(text, "t.json", vocabulary());
        ASSERT_TRUE(scenario.ok()) << format_diagnostic(scenario.error().front(), false);
        const test::TempDir directory;
        StringSink sink;
        HistoryWriter history(sink);
        JudgedRun judged(*scenario,
                         {1, SimTime(0) + end, directory.path(), history, {&flushes_}, nullptr});
        judged.execute([](SimTime, std::uint64_t) { return true; });
    }
    std::size_t flushes(SimTime before) const {
        const auto found = flushes_.to.find("orders");
        if (found == flushes_.to.end())
            return 0;
        return static_cast<std::size_t>(
            std::count_if(found->second.begin(), found->second.end(),
                          [&](const auto& flush) { return flush.first < before; }));
    }
    Flushes flushes_;
};

TEST_F(LogFlushes, UnlessAskedForThePartitionsAreLeftToTheKernel) {
    run("", "", seconds(30));
    EXPECT_GT(flushes_.appends["orders"], 300);
    EXPECT_EQ(flushes(SimTime(0) + seconds(29)), 0u);
    EXPECT_LT(flushes_.fastest_ack, milliseconds(50)) << "nobody waits for the device";
}

TEST_F(LogFlushes, TheKernelBringsThemOverWhenTheyAreThirtySecondsOld) {
    run("", "", seconds(60));
    EXPECT_GT(flushes(SimTime(0) + seconds(50)), 0u);
}

TEST_F(LogFlushes, EachAppendWaitsForTheDeviceIfEveryMessageIsFlushed) {
    run("", R"("flush.messages": 1)", seconds(20));
    EXPECT_NEAR(static_cast<double>(flushes(SimTime(0) + seconds(19))),
                static_cast<double>(flushes_.appends["orders"]), 25);
    EXPECT_GT(flushes_.fastest_ack, milliseconds(50));
}

TEST_F(LogFlushes, EveryTenthMessageFlushesTheNineBeforeIt) {
    run("", R"("flush.messages": 10)", seconds(20));
    const auto& to = flushes_.to["orders"];
    ASSERT_GT(to.size(), 10u);
    for (std::size_t i = 1; i + 1 < to.size(); ++i)
        EXPECT_GE(to[i].second - to[i - 1].second, 10);
}

TEST_F(LogFlushes, ByTimeTheFlusherTakesThoseThatWaitedLongEnough) {
    run(R"("log.flush.scheduler.interval.ms": 1000, "log.initial.task.delay.ms": 2000)",
        R"("flush.ms": 2500)", seconds(20));
    const auto& to = flushes_.to["orders"];
    ASSERT_GT(to.size(), 3u);
    for (std::size_t i = 1; i + 1 < to.size(); ++i)
        EXPECT_NEAR(static_cast<double>((to[i].first - to[i - 1].first).ns()), 3e9, 1e8)
            << "the first turn after 2.5 s";
}

TEST_F(LogFlushes, MetadataIsOnTheDeviceAboutWhenItIsCommitted) {
    run("", "", seconds(10));
    const auto& flushed = flushes_.to["__cluster_metadata"];
    ASSERT_GT(flushes_.commits.size(), 5u);
    for (const auto& [at, hw] : flushes_.commits) {
        const auto covered =
            std::find_if(flushed.begin(), flushed.end(),
                         [&, offset = hw](const auto& flush) { return flush.second >= offset; });
        ASSERT_NE(covered, flushed.end());
        EXPECT_LE(covered->first - at, milliseconds(120)) << "hw " << hw.value();
    }
}

}  // namespace
}  // namespace bsim
