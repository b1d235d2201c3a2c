#include "sim/check/checker_set.h"

#include <algorithm>
#include <sstream>

#include <gtest/gtest.h>

#include "sim/trace/json_lines.h"
#include "sim/trace/reader.h"
#include "sim/trace/tracer.h"

namespace bsim {
namespace {

const TopicPartition kOrders{"orders", PartitionIndex(0)};

// Two leaders in one epoch and a high watermark that falls.
void tell(Tracer& tracer) {
    const NodeName one("broker-1");
    const NodeName two("broker-2");
    tracer.emit(SimTime(1), one, BecameLeader{kOrders, LeaderEpoch(2), Offset(0)});
    tracer.emit(SimTime(2), one, LogAppended{kOrders, Offset(0), Offset(9), LeaderEpoch(2), 80, 5});
    tracer.emit(SimTime(3), one, HwAdvanced{kOrders, Offset(8), LeaderEpoch(2)});
    tracer.emit_message(SimTime(3), one, [&] { return MessageSent{1, two, "Fetch", 10}; });
    tracer.emit(SimTime(4), one, HwAdvanced{kOrders, Offset(6), LeaderEpoch(2)});
    tracer.emit(SimTime(5), two, BecameLeader{kOrders, LeaderEpoch(2), Offset(0)});
}

// Of the checks that were put to the test.
std::string summary(const CheckerSet& checkers) {
    std::string text;
    for (const CheckResult& result : checkers.results()) {
        if (result.evaluations == 0)
            continue;
        text += result.name + ' ' + std::to_string(result.evaluations) + '\n';
        for (const Finding& finding : result.violations) {
            text += "  " + std::to_string(finding.i.value()) + ' ' + finding.detail + '\n';
        }
    }
    return text;
}

TEST(CheckerSet, SaysTheSameLiveAndOfAStoredTrace) {
    CheckerSet live{CheckSettings{}};
    StringSink text;
    Tracer tracer(RecordMessages::Yes);
    {
        JsonLinesWriter writer(text, {"s", 1}, {});
        tracer.subscribe(live);
        tracer.subscribe(writer);
        tell(tracer);
    }
    live.finish({SimTime(9), tracer.last_number()});
    CheckerSet stored{CheckSettings{}};
    std::istringstream in(text.text());
    TraceReader reader(in, Attributes::Required);
    ASSERT_TRUE(reader.header().ok());
    while (true) {
        const auto event = reader.next();
        ASSERT_TRUE(event.ok());
        if (!*event)
            break;
        stored.on(**event);
    }
    stored.finish({SimTime(9), tracer.last_number()});
    EXPECT_EQ(summary(live), summary(stored));
    EXPECT_EQ(summary(live),
              "hw-monotonic 3\n"
              "  5 orders-0: the high watermark of broker-1 falls from 8 to 6 in epoch 2\n"
              "isr-holds-committed 2\n"
              "  6 orders-0: broker-2 leads in epoch 2 from offset 0 without all below 8, which is "
              "committed\n"
              "single-leader-per-epoch 5\n"
              "  6 orders-0: brokers 1 and 2 both lead in epoch 2\n");
}

TEST(CheckerSet, ListeningChangesNeitherNumbersNorHash) {
    Tracer alone(RecordMessages::No);
    tell(alone);
    Tracer watched(RecordMessages::No);
    CheckerSet checkers{CheckSettings{}};
    watched.subscribe(checkers);
    tell(watched);
    EXPECT_EQ(alone.hash_hex(), watched.hash_hex());
    EXPECT_EQ(alone.last_number(), watched.last_number());
}

TEST(CheckerSet, KeepsTheFirstFindingsAndCountsAll) {
    CheckerSet checkers{CheckSettings{}};
    Event event{EventNumber(1), SimTime(), NodeName("broker-1"),
                HwAdvanced{kOrders, Offset(1000), LeaderEpoch(0)}};
    checkers.on(event);
    for (std::int64_t hw = 999; hw >= 500; --hw) {
        event.i = EventNumber(event.i.value() + 1);
        event.body = HwAdvanced{kOrders, Offset(hw), LeaderEpoch(0)};
        checkers.on(event);
    }
    const auto results = checkers.results();
    const auto named = std::find_if(results.begin(), results.end(), [](const CheckResult& result) {
        return result.name == "hw-monotonic";
    });
    ASSERT_NE(named, results.end());
    const CheckResult& hw_check = *named;
    EXPECT_EQ(hw_check.violation_count, 500U);
    EXPECT_EQ(hw_check.violations.size(), Checker::kMaxFindings);
    EXPECT_EQ(hw_check.violations.front().i, EventNumber(2));
}

}  // namespace
}  // namespace bsim
