#include "sim/metrics/run_metrics.h"

#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "sim/trace/json_lines.h"
#include "sim/trace/reader.h"
#include "tests/unit/metrics/metric_story.h"

namespace bsim::test {
namespace {

const std::string kUp = ",broker-1,brokersim_node_up,";

TEST(RunMetrics, RowsHoldTheStateAfterAllEventsOfTheirMoment) {
    MetricStory story;
    story.tell("broker-1", NodeStarted{Incarnation(1)});
    story.at(seconds(2)).tell("broker-1", NodeStopped{StopMode::Kill});
    story.tell("broker-1", NodeStarted{Incarnation(2)});
    story.tell("broker-1", NodePaused{});
    story.at(SimDuration(2'000'000'001)).tell("broker-1", NodeResumed{});
    story.finish(SimDuration(4'999'999'999));
    const auto rows = csv_rows(story.csv());
    std::string ups;
    for (const auto& [key, value] : rows) {
        if (key.ends_with(kUp))
            ups += key.substr(0, key.find(',')) + '=' + value + ' ';
    }
    EXPECT_EQ(ups, "0=1 1000000000=1 2000000000=0 3000000000=1 4000000000=1 ");
}

TEST(RunMetrics, EndThatIsAMultipleHasItsRows) {
    MetricStory story;
    story.tell("broker-1", NodeStarted{Incarnation(1)});
    story.finish(seconds(2));
    const auto rows = csv_rows(story.csv());
    EXPECT_EQ(rows.count("2000000000" + kUp), 1U);
    EXPECT_EQ(rows.count("3000000000" + kUp), 0U);
    EXPECT_TRUE(story.csv().starts_with("t_ns,node,metric,labels,value\n"));
}

TEST(RunMetrics, IntervalCanBeChosen) {
    metrics::Settings settings;
    settings.interval = milliseconds(250);
    MetricStory story(settings);
    story.tell("broker-1", NodeStarted{Incarnation(1)});
    story.finish(milliseconds(600));
    const auto rows = csv_rows(story.csv());
    EXPECT_EQ(rows.count("500000000" + kUp), 1U);
    EXPECT_EQ(rows.count("750000000" + kUp), 0U);
}

// A bit of everything.
void tell_all(Tracer& tracer) {
    const NodeName one("broker-1");
    const NodeName controller("controller-100");
    const TopicPartition p = partition("t", 0);
    tracer.emit(SimTime(0), controller, NodeStarted{Incarnation(1)});
    tracer.emit(SimTime(0), one, NodeStarted{Incarnation(1)});
    tracer.emit(SimTime(1), controller, ControllerElected{LeaderEpoch(1)});
    tracer.emit(SimTime(1), controller,
                RaftRole{RaftRoleName::Leader, LeaderEpoch(1), BrokerId(100)});
    tracer.emit(SimTime(2), controller, BrokerRegistered{BrokerId(1), BrokerEpoch(4)});
    PartitionChanged created;
    created.p = p;
    created.leader = BrokerId(1);
    created.isr = created.replicas = {BrokerId(1)};
    created.reason = "created";
    tracer.emit(SimTime(3), controller, created);
    tracer.emit(SimTime(4), one, BecameLeader{p, LeaderEpoch(0), Offset(0)});
    tracer.emit(SimTime(5), one, LogAppended{p, Offset(0), Offset(9), LeaderEpoch(0), 80, 5});
    tracer.emit_message(SimTime(1'500'000'000), one, [&] {
        return MessageSent{1, controller, "Fetch", 10};
    });
    tracer.emit(SimTime(2'500'000'000), one, HwAdvanced{p, Offset(8), LeaderEpoch(0)});
    ProduceAcked acked;
    acked.p = p;
    acked.count = 10;
    acked.latency_ns = milliseconds(3);
    tracer.emit(SimTime(2'500'000'001), NodeName("producer-a-0"), acked);
}

struct Texts {
    std::string csv;
    std::string open_metrics;

    bool operator==(const Texts&) const = default;
};

Texts live(RecordMessages messages, std::string* trace) {
    StringSink csv;
    metrics::RunMetrics run(metrics::Settings{}, csv);
    Tracer tracer(messages);
    tracer.subscribe(run);
    StringSink lines;
    {
        JsonLinesWriter writer(lines, {"s", 1}, {});
        tracer.subscribe(writer);
        tell_all(tracer);
    }
    if (trace != nullptr)
        *trace = lines.text();
    run.finish(SimTime(3'000'000'000));
    return {csv.text(), run.open_metrics(SimTime(3'000'000'000))};
}

TEST(RunMetrics, SaysTheSameLiveAndOfAStoredTrace) {
    std::string trace;
    const Texts told = live(RecordMessages::Yes, &trace);
    StringSink csv;
    metrics::RunMetrics stored(metrics::Settings{}, csv);
    std::istringstream in(trace);
    TraceReader reader(in, Attributes::Required);
    ASSERT_TRUE(reader.header().ok());
    while (true) {
        const auto event = reader.next();
        ASSERT_TRUE(event.ok());
        if (!*event)
            break;
        stored.on(**event);
    }
    stored.finish(SimTime(3'000'000'000));
    EXPECT_EQ(csv.text(), told.csv);
    EXPECT_EQ(stored.open_metrics(SimTime(3'000'000'000)), told.open_metrics);
    EXPECT_NE(told.csv.find("messagesin_total,topic=t,10"), std::string::npos) << told.csv;
}

TEST(RunMetrics, RecordingMessagesChangesNothing) {
    EXPECT_EQ(live(RecordMessages::Yes, nullptr), live(RecordMessages::No, nullptr));
}

TEST(RunMetrics, ListeningChangesNeitherNumbersNorHash) {
    Tracer alone(RecordMessages::No);
    tell_all(alone);
    Tracer watched(RecordMessages::No);
    StringSink csv;
    metrics::RunMetrics run(metrics::Settings{}, csv);
    watched.subscribe(run);
    tell_all(watched);
    EXPECT_EQ(alone.hash_hex(), watched.hash_hex());
    EXPECT_EQ(alone.last_number(), watched.last_number());
}

// What the OpenMetrics grammar asks of the text as a whole.
TEST(RunMetrics, OpenMetricsTextIsWellFormed) {
    const std::string text = live(RecordMessages::No, nullptr).open_metrics;
    ASSERT_TRUE(text.ends_with("\n# EOF\n"));
    std::istringstream lines(text);
    std::set<std::string> families;
    std::set<std::string> samples;
    std::string line;
    std::string family;
    while (std::getline(lines, line)) {
        if (line.starts_with("# TYPE ")) {
            family = line.substr(7, line.find(' ', 7) - 7);
            EXPECT_TRUE(families.insert(family).second) << family << " stands in two places";
        } else if (!line.starts_with('#')) {
            EXPECT_TRUE(line.starts_with(family)) << line << " stands under " << family;
            EXPECT_TRUE(samples.insert(line.substr(0, line.find(' '))).second) << line << " twice";
        }
    }
    EXPECT_GT(families.size(), 25U);
}

}  // namespace
}  // namespace bsim::test
