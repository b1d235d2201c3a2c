// The promise of ARCHITECTURE §1, idea 6, as a property: whatever links do to packets, connections
// deliver every frame once and in order, only later.

#include <map>

#include "tests/unit/network/network_lab.h"

namespace bsim::test {
namespace {

constexpr Ratio kFivePercent{5, 100};

LinkSpec bad_link(bool burst) {
    LinkSpec spec;
    spec.latency = UniformDist{microseconds(100), milliseconds(5)};
    spec.loss = IndependentLoss{kFivePercent};
    if (burst) {
        BurstLoss bursts;
        bursts.good_to_bad = {1, 100};
        bursts.bad_to_good = {1, 4};
        spec.loss = bursts;
    }
    spec.duplicate = kFivePercent;
    spec.reorder = kFivePercent;
    spec.corrupt = kFivePercent;
    spec.bits_per_second = 100'000'000;
    return spec;
}

class TcpPromise : public NetworkLab, public testing::WithParamInterface<std::uint64_t> {
  protected:
    TcpPromise() : NetworkLab(GetParam()), draws(Rng(GetParam(), 1).stream("story")) {}

    // Cuts of all kinds come and go while frames are under way.
    void trouble(Station& one, Station& other) {
        static constexpr RuleVerdict kHow[] = {RuleVerdict::Drop, RuleVerdict::Jam};
        const SimTime begin = SimTime() + milliseconds(draws.between(1'000, 60'000));
        const SimDuration length = milliseconds(draws.between(1, 20'000));
        const RuleVerdict how = kHow[draws.below(2)];
        const bool one_way = draws.chance(Ratio{1, 2});
        scheduler.at(begin, [this, &one, &other, how, one_way, length] {
            const RuleId rule = one_way ? cut_one_way(one, other, how) : cut(one, other, how);
            scheduler.after(length, [this, rule] { network.remove_rule(rule); });
        });
    }

    struct Stream {
        ConnectionId connection;
        Station* from;
        Station* to;
        std::vector<std::int32_t> sent{};
    };

    // Frames of all sizes at random times on all connections, both ways.
    void chatter(std::vector<Stream>& streams) {
        std::int32_t number = 0;
        SimTime at = scheduler.now();
        for (int i = 0; i < 600; ++i) {
            at = at + microseconds(draws.between(0, 200'000));
            Stream& stream = streams[draws.below(streams.size())];
            const std::int64_t bytes =
                draws.chance(Ratio{1, 10}) ? draws.between(0, 300'000) : draws.between(0, 2'000);
            stream.sent.push_back(++number);
            scheduler.at(at, [this, &stream, number, bytes] {
                send_bytes(stream.connection, *stream.from, number, bytes);
            });
        }
    }

    RngStream draws;
};
INSTANTIATE_TEST_SUITE_P(Seeds, TcpPromise, testing::Range<std::uint64_t>(1, 41));

TEST_P(TcpPromise, EverythingArrivesOnceAndInOrder) {
    std::vector<Station*> hosts;
    for (const char* name : {"a", "b", "c"})
        hosts.push_back(&add_station(name, bad_link(GetParam() % 2 == 0)));
    std::vector<Stream> streams;
    for (std::size_t i = 0; i < hosts.size(); ++i) {
        Station& from = *hosts[i];
        Station& to = *hosts[(i + 1) % hosts.size()];
        for (int parallel = 0; parallel < 2; ++parallel) {
            const ConnectionId connection = connected(from, to);
            streams.push_back({connection, &from, &to});
            streams.push_back({connection, &to, &from});
        }
        if (GetParam() % 3 == 0)
            trouble(from, to);
    }
    chatter(streams);
    run_until(seconds(700));
    std::map<std::int32_t, std::size_t> owner;
    for (std::size_t i = 0; i < streams.size(); ++i) {
        for (const std::int32_t number : streams[i].sent)
            owner[number] = i;
    }
    std::map<std::size_t, std::vector<std::int32_t>> got;
    for (const std::string& note : notes) {
        const auto at = note.find(" got ");
        ASSERT_NE(at, note.npos) << note << ": no end of a connection must be seen";
        const std::int32_t number = std::stoi(note.substr(at + 5));
        const std::size_t stream = owner.at(number);
        got[stream].push_back(number);
        const std::string receiver = topology.name(streams[stream].to->id());
        EXPECT_EQ(note.substr(note.find(' ') + 1, receiver.size()), receiver);
    }
    for (std::size_t i = 0; i < streams.size(); ++i)
        EXPECT_EQ(got[i], streams[i].sent);
    WayCounters sum;
    network.for_each_way([&](HostId, HostId, const WayCounters& way) {
        sum.messages += way.messages;
        sum.delivered += way.delivered;
        sum.in_flight += way.in_flight;
        sum.lost_segments += way.lost_segments;
        sum.corrupted_segments += way.corrupted_segments;
        sum.duplicated_segments += way.duplicated_segments;
        sum.reordered_trains += way.reordered_trains;
    });
    EXPECT_EQ(sum.messages, 600u);
    EXPECT_EQ(sum.delivered, 600u);
    EXPECT_EQ(sum.in_flight, 0u);
    for (const std::uint64_t struck :
         {sum.lost_segments, sum.corrupted_segments, sum.duplicated_segments, sum.reordered_trains})
        EXPECT_GT(struck, 10u) << "else nothing was tried";
}

// The same seed with one kind of trouble switched off: the first transmissions of all frames meet
// the same latencies, and the other kinds strike the same frames.
class OneKindLess : public NetworkLab {
    void TestBody() override {}

  public:
    std::map<std::int32_t, std::string> arrivals(bool with_reordering) {
        LinkSpec spec;
        spec.latency = UniformDist{milliseconds(1), milliseconds(9)};
        spec.corrupt = kFivePercent;
        spec.reorder = with_reordering ? kFivePercent : Ratio{0, 1};
        Station& a = add_station("a", spec);
        Station& b = add_station("b", spec);
        for (std::int32_t i = 0; i < 500; ++i)
            send_datagram(a, b, i);
        run_until(seconds(1));
        std::map<std::int32_t, std::string> found;
        for (const std::string& note : notes)
            found[std::stoi(note.substr(note.find("datagram ") + 9))] =
                note.substr(0, note.find(' '));
        return found;
    }
};

TEST(TcpPromise, SwitchingOneKindOffShiftsNothingElse) {
    const auto with = OneKindLess().arrivals(true);
    const auto without = OneKindLess().arrivals(false);
    ASSERT_EQ(with.size(), without.size());
    int same = 0;
    for (const auto& [number, at] : with) {
        ASSERT_TRUE(without.contains(number)) << "the same ones are lost";
        same += without.at(number) == at ? 1 : 0;
    }
    EXPECT_GT(same, static_cast<int>(with.size()) * 9 / 10);
    EXPECT_LT(same, static_cast<int>(with.size()));
}

}  // namespace
}  // namespace bsim::test
