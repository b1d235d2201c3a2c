#include "sim/trace/tracer.h"

#include <sstream>

#include <gtest/gtest.h>

#include "sim/trace/event_text.h"
#include "sim/trace/json_lines.h"
#include "sim/trace/reader.h"

namespace bsim {
namespace {

const TopicPartition kOrders{"orders", PartitionIndex(0)};

class Collector : public EventSink {
  public:
    void on(const Event& event, std::string_view) override { events.push_back(event); }
    std::vector<Event> events;
};

// A short story: a message brings an append, which moves the high watermark.
void tell(Tracer& tracer) {
    const NodeName one = NodeName::broker(BrokerId(1));
    tracer.emit(SimTime(0), NodeName::sim(), RunStarted{});
    EventNumber carried;
    {
        const CauseScope scope(tracer, EventNumber(1));
        tracer.emit(SimTime(10), one, NodeStarted{Incarnation(1)});
        carried = tracer.emit_message(SimTime(20), one, [&] {
            return MessageSent{1, NodeName::broker(BrokerId(2)), "Fetch", 100};
        });
    }
    {
        const CauseScope scope(tracer, carried);
        tracer.emit_message(SimTime(30), NodeName::broker(BrokerId(2)), [&] {
            return MessageDelivered{1, one, "Fetch"};
        });
        tracer.emit(SimTime(30), NodeName::broker(BrokerId(2)),
                    LogAppended{kOrders, Offset(0), Offset(9), LeaderEpoch(0), 170, 77});
        tracer.emit(SimTime(30), NodeName::broker(BrokerId(2)),
                    HwAdvanced{kOrders, Offset(10), LeaderEpoch(0)});
    }
    tracer.emit_message(SimTime(40), one, [] { return MessageDropped{2, "partition"}; });
    tracer.emit(SimTime(50), one, NodeStopped{StopMode::Kill},
                std::vector<EventNumber>{EventNumber(1), EventNumber(2)});
}

std::vector<std::vector<std::uint64_t>> causes(const std::vector<Event>& events) {
    std::vector<std::vector<std::uint64_t>> all;
    for (const Event& event : events) {
        all.emplace_back();
        for (const EventNumber c : event.c)
            all.back().push_back(c.value());
    }
    return all;
}

TEST(Tracer, CausesFollowTheStoryThroughMessages) {
    Tracer tracer(RecordMessages::Yes);
    Collector all;
    tracer.subscribe(all);
    tell(tracer);
    ASSERT_EQ(all.events.size(), 8U);
    for (std::size_t i = 0; i < 8; ++i)
        EXPECT_EQ(all.events[i].i, EventNumber(i + 1));
    EXPECT_EQ(causes(all.events),
              (std::vector<std::vector<std::uint64_t>>{{}, {1}, {2}, {3}, {4}, {5}, {}, {1, 2}}));
}

TEST(Tracer, UnrecordedMessagesTakeTheirNumbersAndLendTheirCauses) {
    Tracer tracer(RecordMessages::No);
    Collector all;
    tracer.subscribe(all);
    tell(tracer);
    std::vector<std::uint64_t> numbers;
    for (const Event& event : all.events)
        numbers.push_back(event.i.value());
    EXPECT_EQ(numbers, (std::vector<std::uint64_t>{1, 2, 5, 6, 8}));
    EXPECT_EQ(causes(all.events),
              (std::vector<std::vector<std::uint64_t>>{{}, {1}, {2}, {5}, {1, 2}}));
    EXPECT_EQ(tracer.last_number(), EventNumber(8));
    EXPECT_EQ(tracer.messages_sent(), 1U);
    EXPECT_EQ(tracer.messages_dropped(), 1U);
}

TEST(Tracer, NeitherSinksNorRecordingChangeNumbersOrHash) {
    Tracer bare(RecordMessages::No);
    tell(bare);
    Tracer full(RecordMessages::Yes);
    Collector first;
    StringSink text;
    JsonLinesWriter second(text, {"s", 1}, {});
    full.subscribe(first);
    full.subscribe(second);
    tell(full);
    EXPECT_EQ(bare.hash_hex(), full.hash_hex());
    EXPECT_EQ(bare.last_number(), full.last_number());
}

TEST(Tracer, HashIsTheGoldenOneAndThatOfTheStoredBytes) {
    Tracer tracer(RecordMessages::No);
    StringSink text;
    {
        JsonLinesWriter writer(text, {"s", 1}, {});
        tracer.subscribe(writer);
        tell(tracer);
    }
    // What a reader of the file would hash: each line between its number and its causes.
    std::istringstream lines(text.text());
    std::string line;
    std::string hashed;
    std::getline(lines, line);
    while (std::getline(lines, line)) {
        const std::size_t from = line.find(',') + 1;
        hashed += line.substr(from, line.rfind(",\"c\":") - from) + '\n';
    }
    EXPECT_EQ(tracer.hash_hex(), xxh3_128_hex(hashed));
    EXPECT_EQ(tracer.hash_hex(), "9ae66c6cf65236644f7a247ac4bee269");
}

TEST(Tracer, EveryPartOfAnEventCountsForTheHash) {
    const auto hash = [](SimTime t, const char* node, std::int64_t hw) {
        Tracer tracer(RecordMessages::No);
        tracer.emit(t, NodeName(node), HwAdvanced{kOrders, Offset(hw), LeaderEpoch(0)});
        return tracer.hash_hex();
    };
    const std::string base = hash(SimTime(1), "broker-1", 5);
    EXPECT_EQ(hash(SimTime(1), "broker-1", 5), base);
    EXPECT_NE(hash(SimTime(2), "broker-1", 5), base);
    EXPECT_NE(hash(SimTime(1), "broker-2", 5), base);
    EXPECT_NE(hash(SimTime(1), "broker-1", 6), base);
}

TEST(Tracer, ScopesNestAndOutsideThereIsNoCause) {
    Tracer tracer(RecordMessages::No);
    {
        const CauseScope outer(tracer, EventNumber(7));
        {
            const CauseScope inner(tracer, EventNumber());
            EXPECT_EQ(tracer.context(), EventNumber());
            EXPECT_EQ(tracer.emit(SimTime(1), NodeName::sim(), RunStarted{}), EventNumber(1));
            EXPECT_EQ(tracer.context(), EventNumber(1));
        }
        EXPECT_EQ(tracer.context(), EventNumber(7));
    }
    tracer.emit(SimTime(1), NodeName::admin(), NodePaused{});
    EXPECT_EQ(tracer.context(), EventNumber());
}

TEST(Tracer, TimeThatFallsIsOurBug) {
    Tracer tracer(RecordMessages::No);
    tracer.emit(SimTime(5), NodeName::sim(), RunStarted{});
    EXPECT_THROW(tracer.emit(SimTime(4), NodeName::sim(), NodePaused{}), InternalBug);
}

TEST(JsonLinesWriter, WritesOnlyTheKindsAskedFor) {
    Tracer tracer(RecordMessages::No);
    StringSink text;
    {
        JsonLinesWriter writer(text, {"leader \"x\"", 42}, {"HwAdvanced"});
        tracer.subscribe(writer);
        tell(tracer);
    }
    EXPECT_EQ(text.text(),
              "{\"brokersim\":1,\"scenario\":\"leader \\\"x\\\"\",\"seed\":42,\"clock\":\"ns\"}\n"
              "{\"i\":6,\"t\":30,\"n\":\"broker-2\",\"k\":\"HwAdvanced\","
              "\"a\":{\"p\":\"orders-0\",\"hw\":10,\"epoch\":0},\"c\":[5]}\n");
}

TEST(TraceReader, ReadsBackWhatAWriterStored) {
    Tracer tracer(RecordMessages::Yes);
    Collector live;
    StringSink text;
    tracer.subscribe(live);
    {
        JsonLinesWriter writer(text, {"story", 9007199254740991}, {});
        tracer.subscribe(writer);
        tell(tracer);
    }
    std::istringstream in(text.text());
    TraceReader reader(in, Attributes::Required);
    const auto header = reader.header();
    ASSERT_TRUE(header.ok());
    EXPECT_EQ(*header, (TraceHeader{"story", 9007199254740991}));
    std::vector<Event> stored;
    while (true) {
        auto event = reader.next();
        ASSERT_TRUE(event.ok()) << event.error().to_string();
        if (!*event)
            break;
        stored.push_back(**event);
    }
    EXPECT_EQ(stored, live.events);
}

std::string read_error(const std::string& text) {
    std::istringstream in(text);
    TraceReader reader(in, Attributes::Required);
    const auto header = reader.header();
    if (!header)
        return header.error().to_string();
    while (true) {
        const auto event = reader.next();
        if (!event)
            return event.error().to_string();
        if (!*event)
            return "no error";
    }
}

TEST(TraceReader, ErrorsNameTheLine) {
    const std::string header = header_line({"s", 1}) + '\n';
    const std::string first = R"({"i":3,"t":0,"n":"sim","k":"RunStarted","a":{},"c":[]})";
    EXPECT_EQ(read_error(""), "line 1: the trace is empty");
    EXPECT_EQ(read_error("{}\n"), "line 1: not the header of a brokersim trace");
    EXPECT_EQ(read_error("{\"brokersim\":2}\n"),
              "line 1: trace format 2 is not supported, only 1 is");
    EXPECT_EQ(read_error("{\"brokersim\":1}\n"), "line 1: the header lacks scenario or seed");
    EXPECT_EQ(read_error(header + first + "\n"), "no error");
    EXPECT_EQ(read_error(header + first + "\n" + first + "\n"),
              "line 3: event number 3 does not rise");
    EXPECT_EQ(read_error(header + first + "\n" + first.substr(0, 20)), "line 3: not valid JSON");
}

TEST(RunHash, IsXxh3With128BitsHoweverTheBytesAreCut) {
    EXPECT_EQ(xxh3_128_hex(""), "99aa06d3014798d86001c324468d497f");
    std::string text;
    RunHash cut;
    for (int i = 0; i < 5000; ++i) {
        const std::string piece(static_cast<std::size_t>(i % 7), static_cast<char>('a' + i % 26));
        text += piece;
        cut.update(piece);
        if (i % 1000 == 0) {
            EXPECT_EQ(cut.hex(), xxh3_128_hex(text));
        }
    }
    EXPECT_EQ(cut.hex(), xxh3_128_hex(text));
}

}  // namespace
}  // namespace bsim
