#include "sim/report/state_snapshots.h"

#include <fstream>

#include <gtest/gtest.h>

#include "sim/report/trace_text.h"
#include "sim/trace/json_lines.h"
#include "sim/trace/tracer.h"
#include "tests/support/temp_dir.h"

namespace bsim {
namespace {

class StateSnapshotsTest : public testing::Test {
  protected:
    // A run of three seconds, with a snapshot after each event.
    void record() {
        StringSink trace;
        std::string snapshots;
        {
            ClusterView view;
            Tracer tracer(RecordMessages::No);
            JsonLinesWriter writer(trace, {"t", 1}, {});
            tracer.subscribe(writer);
            for (int second = 1; second <= 3; ++second) {
                const SimTime now = SimTime() + seconds(second);
                const auto i = tracer.emit(now, NodeName("broker-1"), NodeStarted{});
                view.on({i, now, NodeName("broker-1"), NodeStarted{}});
                snapshots += snapshot_line({now, i, {writer.bytes(), writer.lines()}}, view);
            }
        }
        std::ofstream(directory_ / "snapshots.jsonl") << snapshots;
        std::ofstream(directory_ / "trace.jsonl") << trace.text();
        snapshots_ = snapshots;
    }
    std::string shown(SimTime from, bool with_snapshots) const {
        TraceQuery query;
        query.from = from;
        if (with_snapshots)
            query.begin = last_snapshot(directory_ / "snapshots.jsonl", from);
        std::ifstream in(directory_ / "trace.jsonl");
        StringSink out;
        EXPECT_TRUE(render_trace(in, query, out).ok());
        return out.text();
    }

    test::TempDir directory_;
    std::string snapshots_;
};

TEST_F(StateSnapshotsTest, TellTheStateAndWhereTheTraceGoesOn) {
    record();
    EXPECT_TRUE(snapshots_.starts_with(R"({"t":1000000000,"i":1,"bytes":)")) << snapshots_;
    EXPECT_NE(snapshots_.find(R"("nodes":{"broker-1":"up"},"partitions":[],"groups":[]})"),
              std::string::npos);
}

TEST_F(StateSnapshotsTest, ATraceThatBeginsAtOneShowsTheSame) {
    record();
    for (const std::int64_t ms : {0, 1, 1000, 1500, 2000, 2001, 3000, 4000}) {
        const SimTime from = SimTime() + milliseconds(ms);
        EXPECT_EQ(shown(from, true), shown(from, false)) << ms;
    }
}

TEST_F(StateSnapshotsTest, TheLastOneBeforeTheTimeIsTaken) {
    record();
    const auto file = directory_ / "snapshots.jsonl";
    EXPECT_EQ(last_snapshot(file, SimTime() + seconds(1)), std::nullopt);
    EXPECT_EQ(last_snapshot(file, SimTime() + milliseconds(2500))->lines, 3U);
    EXPECT_EQ(last_snapshot(file, SimTime() + seconds(9))->lines, 4U);
    EXPECT_EQ(last_snapshot(directory_ / "nothing", SimTime() + seconds(9)), std::nullopt);
    std::ofstream(file, std::ios::app) << "{\"t\":40000000000,\"i\":";
    EXPECT_EQ(last_snapshot(file, SimTime() + seconds(60))->lines, 4U) << "cut short";
}

}  // namespace
}  // namespace bsim
