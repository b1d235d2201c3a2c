#include "sim/trace/event_text.h"

#include <fmt/format.h>
#include <limits>
#include <map>

#include <gtest/gtest.h>

#include "sim/base/stable_hash.h"

namespace bsim {
namespace {

// Fills attributes with values from the edges of their ranges and with awkward texts.
class Filler {
  public:
    explicit Filler(std::uint64_t seed) : state_(seed) {}

    template <std::integral Int>
    void operator()(std::string_view, Int& value) {
        value = static_cast<Int>(draw_number(std::numeric_limits<Int>::max()));
    }
    void operator()(std::string_view, bool& value) { value = draw(2) == 1; }
    void operator()(std::string_view, std::string& text) { text = draw_text(); }
    void operator()(std::string_view, NodeName& node) { node = NodeName::broker(draw_broker()); }
    void operator()(std::string_view, Offset& offset) {
        offset = Offset(draw_number(std::numeric_limits<std::int64_t>::max()));
    }
    void operator()(std::string_view, SimDuration& d) {
        d = SimDuration(draw_number(std::numeric_limits<std::int64_t>::max()));
    }
    void operator()(std::string_view, Uuid& uuid) { uuid = Uuid::from_random(draw(0), draw(0)); }
    void operator()(std::string_view, TopicPartition& p) {
        p = {"a.b_c-7-d", PartitionIndex(static_cast<std::int32_t>(draw(1000)))};
    }
    void operator()(std::string_view, std::optional<BrokerId>& broker) {
        broker = draw(2) == 1 ? std::optional(draw_broker()) : std::nullopt;
    }
    template <std::integral Int>
    void operator()(std::string_view name, std::optional<Int>& value) {
        value.reset();
        if (draw(2) == 1)
            (*this)(name, value.emplace());
    }
    template <class Tag, std::integral Rep>
    void operator()(std::string_view name, Strong<Tag, Rep>& value) {
        Rep raw{};
        (*this)(name, raw);
        value = Strong<Tag, Rep>(raw);
    }
    void operator()(std::string_view, StopMode& mode) { mode = static_cast<StopMode>(draw(3)); }
    void operator()(std::string_view, RaftRoleName& role) {
        role = static_cast<RaftRoleName>(draw(8));
    }
    void operator()(std::string_view, SnapshotStep& how) {
        how = static_cast<SnapshotStep>(draw(2));
    }
    void operator()(std::string_view, GroupStateName& state) {
        state = static_cast<GroupStateName>(draw(5));
    }
    template <class T>
    void operator()(std::string_view name, std::map<std::string, T>& members) {
        for (std::uint64_t left = draw(4); left > 0; --left)
            (*this)(name, members[draw_text()]);
    }
    template <class T>
    void operator()(std::string_view name, std::vector<T>& list) {
        list.resize(draw(4));
        for (T& element : list)
            (*this)(name, element);
    }

    std::uint64_t draw(std::uint64_t below) {
        state_ = mix64(state_);
        return below == 0 ? state_ : state_ % below;
    }

  private:
    template <class Int>
    Int draw_number(Int max) {
        const std::uint64_t kind = draw(4);
        if (kind == 0)
            return 0;
        if (kind == 1)
            return max;
        if (kind == 2 && std::is_signed_v<Int>)
            return static_cast<Int>(-1);
        return static_cast<Int>(draw(static_cast<std::uint64_t>(max)));
    }
    BrokerId draw_broker() { return BrokerId(static_cast<std::int32_t>(draw(2000))); }
    std::string draw_text() {
        static const std::string kTexts[] = {"", "why not", "quote \" and \\ and \x01\n", "äöü 語",
                                             "{\"a\":[1,2]}"};
        return kTexts[draw(5)];
    }

    std::uint64_t state_;
};

template <class Body>
EventBody filled(Filler& filler) {
    Body body;
    for_each_attribute(body, filler);
    return body;
}

template <std::size_t... I>
std::vector<EventBody> one_of_each(std::uint64_t seed, std::index_sequence<I...>) {
    Filler filler(seed);
    return {filled<std::variant_alternative_t<I, EventBody>>(filler)...};
}

std::vector<EventBody> one_of_each(std::uint64_t seed) {
    return one_of_each(seed, std::make_index_sequence<std::variant_size_v<EventBody>>{});
}

TEST(EventText, EveryKindComesBackAsItWasWritten) {
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        for (EventBody& body : one_of_each(seed)) {
            Event event;
            event.i = EventNumber(seed * 1000);
            event.t = SimTime(static_cast<std::int64_t>(mix64(seed) >> 1U));
            event.n = NodeName::controller(BrokerId(100));
            event.body = std::move(body);
            for (std::uint64_t c = 0; c < seed % 3; ++c)
                event.c.push_back(EventNumber(c + 1));
            const std::string line = write_event(event);
            ASSERT_EQ(line.back(), '\n');
            ASSERT_EQ(line.find('\n'), line.size() - 1) << line;
            for (const Attributes mode : {Attributes::Required, Attributes::Defaulted}) {
                const auto back = parse_event(line, mode);
                ASSERT_TRUE(back.ok()) << back.error() << "\n" << line;
                ASSERT_EQ(*back, event) << line;
            }
        }
    }
}

TEST(EventText, LineHasTheFormOfTheTraceFile) {
    Event event;
    event.i = EventNumber(4894);
    event.t = SimTime(27511207000);
    event.n = NodeName::controller(BrokerId(100));
    PartitionChanged changed;
    changed.p = {"orders", PartitionIndex(0)};
    changed.leader_epoch = LeaderEpoch(3);
    changed.partition_epoch = PartitionEpoch(9);
    changed.isr = {BrokerId(3), BrokerId(1)};
    changed.replicas = {BrokerId(1), BrokerId(2), BrokerId(3)};
    changed.reason = "fenced";
    event.body = changed;
    event.c = {EventNumber(4893)};
    EXPECT_EQ(write_event(event),
              "{\"i\":4894,\"t\":27511207000,\"n\":\"controller-100\",\"k\":\"PartitionChanged\","
              "\"a\":{\"p\":\"orders-0\",\"leader\":-1,\"leader_epoch\":3,\"partition_epoch\":9,"
              "\"isr\":[3,1],\"elr\":[],\"last_known_elr\":[],\"replicas\":[1,2,3],\"adding\":[],"
              "\"removing\":[],\"recovering\":false,\"reason\":\"fenced\"},\"c\":[4893]}\n");
}

TEST(EventText, KindWithoutAttributesHasAnEmptyObject) {
    Event event{EventNumber(1), SimTime(0), NodeName::sim(), RunStarted{}};
    EXPECT_EQ(write_event(event),
              "{\"i\":1,\"t\":0,\"n\":\"sim\",\"k\":\"RunStarted\",\"a\":{},\"c\":[]}\n");
}

TEST(EventText, AttributesOfANewerProgramArePassedOver) {
    const auto event = parse_event(
        R"({"i":1,"t":5,"n":"broker-1","k":"NodeStarted","a":{"incarnation":2,"zone":"x"},"c":[]})",
        Attributes::Required);
    ASSERT_TRUE(event.ok()) << event.error();
    EXPECT_EQ(as<NodeStarted>(*event)->incarnation, Incarnation(2));
}

TEST(EventText, HandMadeEventsMayLeaveOutButNotInvent) {
    EXPECT_TRUE(parse_event(R"({"i":1,"t":5,"n":"broker-1","k":"LogAppended","a":{"base":3}})",
                            Attributes::Defaulted)
                    .ok());
    const auto invented = parse_event(
        R"({"i":1,"t":5,"n":"broker-1","k":"LogAppended","a":{"bsae":3}})", Attributes::Defaulted);
    ASSERT_FALSE(invented.ok());
    EXPECT_EQ(invented.error(), "LogAppended has no attribute \"bsae\"");
}

// A topic's name may end in '-'; "t--1" is partition -1 of "t" only where a record may have none.
TEST(EventText, ARecordGivenUpBeforeItHadAPartitionStandsUnderMinusOne) {
    const ProduceFailed unplaced{{"orders", kUnknownPartition}, 1, "TIMEOUT", SimDuration(7)};
    const Event event{EventNumber(1), SimTime(5), NodeName("p"), unplaced};
    const std::string line = write_event(event);
    EXPECT_NE(line.find(R"("p":"orders--1")"), std::string::npos) << line;
    const auto again = parse_event(line, Attributes::Required);
    ASSERT_TRUE(again.ok()) << again.error();
    EXPECT_EQ(as<ProduceFailed>(*again)->p, unplaced.p);

    const auto placed =
        parse_event(R"({"i":1,"t":5,"n":"b","k":"LogFlushed","a":{"p":"orders--1","to":1}})",
                    Attributes::Required);
    ASSERT_TRUE(placed.ok()) << placed.error();
    EXPECT_EQ(as<LogFlushed>(*placed)->p, (TopicPartition{"orders-", PartitionIndex(1)}));
}

TEST(EventText, BrokenLinesAreRefusedWithTheirReason) {
    const auto error = [](std::string_view line) {
        const auto event = parse_event(line, Attributes::Required);
        return event.ok() ? std::string("accepted") : event.error();
    };
    EXPECT_EQ(error(R"({"i":1,)"), "not valid JSON");
    EXPECT_EQ(error("7"), "not a JSON object");
    EXPECT_EQ(error(R"({"i":1,"t":5,"n":"sim","a":{}})"), "event lacks key \"k\"");
    EXPECT_EQ(error(R"({"i":0,"t":5,"n":"sim","k":"RunStarted","a":{}})"),
              "\"i\" is no event number");
    EXPECT_EQ(error(R"({"i":1,"t":5,"n":"sim","k":"RunStratde","a":{}})"),
              "unknown event kind \"RunStratde\"");
    EXPECT_EQ(error(R"({"i":1,"t":5,"n":"sim","k":"NodeStarted","a":{}})"),
              "NodeStarted lacks attribute \"incarnation\"");
    EXPECT_EQ(error(R"({"i":1,"t":5,"n":"b","k":"NodeStarted","a":{"incarnation":3000000000}})"),
              "NodeStarted attribute \"incarnation\" has the wrong type or range: 3000000000");
    EXPECT_EQ(error(R"({"i":1,"t":5,"n":"b","k":"NodeStopped","a":{"how":"gently"}})"),
              "NodeStopped attribute \"how\" has the wrong type or range: \"gently\"");
    EXPECT_EQ(error(R"({"i":1,"t":5,"n":"b","k":"LogFlushed","a":{"p":"orders","to":1}})"),
              "LogFlushed attribute \"p\" has the wrong type or range: \"orders\"");
}

TEST(EventKinds, AreNamedLikeTheTableOfTheTraceFormat) {
    EXPECT_EQ(
        fmt::format("{}", fmt::join(event_kinds(), " ")),
        "RunStarted FaultStarted FaultEnded FaultSkipped NodeStarted NodeStopped NodePaused "
        "NodeResumed LogDirFailed MessageSent MessageDelivered MessageDropped "
        "ConnectionOpened ConnectionClosed RaftRole RaftVote RaftHw ControllerElected "
        "ControllerResigned BrokerRegistered BrokerFenced BrokerUnfenced TopicCreated "
        "TopicDeleted PartitionChanged LeaderElected BecameLeader BecameFollower IsrShrunk "
        "IsrExpanded HwAdvanced LogAppended LogFlushed LogTruncated LogStartAdvanced "
        "SegmentRolled SegmentDeleted LogRecovered ProduceAcked ProduceFailed RecordsConsumed "
        "RecordsSkipped PositionReset ConsumeFailed GroupState MemberJoined MemberLeft "
        "RebalanceStarted RebalanceCompleted OffsetCommitted OffsetRemoved GroupMoved "
        "AssignmentChanged CommitFailed CommitRetried IsrProposed IsrProposalDropped "
        "RaftSnapshot");
    EXPECT_TRUE(is_event_kind("HwAdvanced"));
    EXPECT_FALSE(is_event_kind("HwRetreated"));
}

TEST(NodeName, TellsKafkaNodesFromOthers) {
    EXPECT_EQ(NodeName::broker(BrokerId(12)).text(), "broker-12");
    EXPECT_EQ(NodeName::client("producer", "shop", 1).text(), "producer-shop-1");
    EXPECT_EQ(NodeName("broker-12").kafka_id(), BrokerId(12));
    EXPECT_EQ(NodeName("controller-100").kafka_id(), BrokerId(100));
    EXPECT_EQ(NodeName("producer-broker-1").kafka_id(), std::nullopt);
    EXPECT_EQ(NodeName("broker-1x").kafka_id(), std::nullopt);
    EXPECT_EQ(NodeName("sim").kafka_id(), std::nullopt);
}

}  // namespace
}  // namespace bsim
