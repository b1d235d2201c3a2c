// The graph of hosts: which links a message takes, and what they cost.

#include "sim/network/topology.h"

#include <gtest/gtest.h>

#include "sim/network/fabric.h"

namespace bsim {
namespace {

LinkSpec always(SimDuration latency) {
    LinkSpec spec;
    spec.latency = ConstantDist{latency};
    return spec;
}

// Latencies of the links of a route, in order; {-1} if there is no way.
std::vector<std::int64_t> route_us(Topology& topology, HostId from, HostId to) {
    const Topology::Route* route = topology.route(from, to);
    if (route == nullptr)
        return {-1};
    std::vector<std::int64_t> links;
    for (const Link* link : *route)
        links.push_back(link->latency().typical().ns() / 1000);
    return links;
}

using Links = std::vector<std::int64_t>;
const Links kNoWay{-1};

TEST(Topology, HostsKeepTheirNamesAndCount) {
    Topology topology;
    EXPECT_EQ(topology.host_count(), 0u);
    const HostId a = topology.add_host("a");
    const HostId b = topology.add_host("b");
    EXPECT_NE(a, b);
    EXPECT_EQ(topology.name(a), "a");
    EXPECT_EQ(topology.name(b), "b");
    EXPECT_EQ(topology.host_count(), 2u);
}

class Triangle : public testing::Test {
  protected:
    Topology topology;
    HostId a = topology.add_host("a");
    HostId b = topology.add_host("b");
    HostId via = topology.add_switch("via");
    LinkId first = topology.add_link(a, via, always(microseconds(100)));
    LinkId second = topology.add_link(via, b, always(microseconds(300)));
};

TEST_F(Triangle, ARouteLeadsThroughASwitch) {
    EXPECT_EQ(route_us(topology, a, b), (Links{100, 300}));
}

TEST_F(Triangle, ALineOfItsOwnIsTakenEvenIfItIsSlower) {
    EXPECT_EQ(route_us(topology, a, b), (Links{100, 300}));
    topology.add_link(a, b, always(microseconds(5000)));
    EXPECT_EQ(route_us(topology, a, b), (Links{5000}));
}

TEST_F(Triangle, AHostPassesNothingOn) {
    const HostId c = topology.add_host("c");
    topology.add_link(b, c, always(microseconds(1)));
    EXPECT_EQ(route_us(topology, b, c), Links{1});
    EXPECT_EQ(route_us(topology, a, c), kNoWay);
}

TEST_F(Triangle, ALinkLeadsOneWayOnly) {
    EXPECT_EQ(route_us(topology, b, a), kNoWay);
    topology.add_link(b, a, always(microseconds(7)));
    EXPECT_EQ(route_us(topology, b, a), Links{7});
}

TEST_F(Triangle, ARouteToItselfTakesNoLink) {
    topology.add_link(via, a, always(microseconds(100)));
    EXPECT_EQ(route_us(topology, a, a), Links{});
}

TEST_F(Triangle, ALinkThatIsDownIsGoneAroundOrLeavesNoWay) {
    const LinkId line = topology.add_link(a, b, always(microseconds(500)));
    EXPECT_EQ(route_us(topology, a, b), (Links{500}));
    topology.set_up(line, false);
    EXPECT_EQ(route_us(topology, a, b), (Links{100, 300}));
    topology.set_up(second, false);
    EXPECT_EQ(route_us(topology, a, b), kNoWay);
    EXPECT_EQ(route_us(topology, a, via), Links{100});
    topology.set_up(line, true);
    EXPECT_EQ(route_us(topology, a, b), (Links{500}));
}

TEST_F(Triangle, TheVersionTellsWhetherRoutesMayHaveChanged) {
    const std::uint64_t before = topology.version();
    topology.route(a, b);
    topology.set_up(first, true);
    EXPECT_EQ(topology.version(), before);
    topology.set_up(first, false);
    EXPECT_GT(topology.version(), before);
    const std::uint64_t down = topology.version();
    topology.add_link(a, b, LinkSpec{});
    EXPECT_GT(topology.version(), down);
}

TEST(Fabric, HostsOfARackShareASwitchAndOthersMeetAtTheCore) {
    Topology topology;
    LinkSpec usual = always(microseconds(400));
    usual.bits_per_second = 1'000'000;
    Fabric fabric(topology, usual);
    const HostId a1 = fabric.add_host("a1", "a");
    const HostId a2 = fabric.add_host("a2", "a");
    const HostId b1 = fabric.add_host("b1", "b");
    const HostId loose = fabric.add_host("loose", "");
    EXPECT_EQ(route_us(topology, a1, a2), (Links{400, 0}));
    EXPECT_EQ(route_us(topology, a1, b1), (Links{400, 0, 0, 0}));
    EXPECT_EQ(route_us(topology, a1, loose), (Links{400, 0, 0}));
    EXPECT_EQ(route_us(topology, loose, b1), (Links{400, 0, 0}));
    std::vector<std::int64_t> rates;
    for (const Link* link : *topology.route(a1, b1))
        rates.push_back(link->spec().bits_per_second.value_or(0));
    EXPECT_EQ(rates, (std::vector<std::int64_t>{1'000'000, 0, 0, 1'000'000}));
}

TEST(Fabric, ALineHoldsForItsWayAlone) {
    Topology topology;
    Fabric fabric(topology, always(microseconds(400)));
    const HostId a = fabric.add_host("a", "east");
    const HostId b = fabric.add_host("b", "west");
    const HostId c = fabric.add_host("c", "west");
    fabric.add_line(a, b, always(milliseconds(12)));
    EXPECT_EQ(route_us(topology, a, b), (Links{12'000}));
    EXPECT_EQ(route_us(topology, b, a), (Links{400, 0, 0, 0}));
    EXPECT_EQ(route_us(topology, a, c), (Links{400, 0, 0, 0}));
}

TEST(Link, TakesEightBitsAByteRoundedUp) {
    EXPECT_EQ(serialization_delay(0, 1000), nanoseconds(0));
    EXPECT_EQ(serialization_delay(125, 1'000'000), milliseconds(1));
    EXPECT_EQ(serialization_delay(1, 3'000'000'000), nanoseconds(3)) << "8/3 ns";
    EXPECT_EQ(serialization_delay(2'000'000'000, 1'000), seconds(16'000'000));
}

TEST(Link, WhatIsSentQueuesAndTheSlowestOfARouteCounts) {
    TransmitQueue fast;
    TransmitQueue slow;
    const auto send = [&](SimTime at) {
        TransmitQueue::Passage passage{at, at};
        fast.pass(passage, 1000, 8'000'000);  // 1 ms
        slow.pass(passage, 1000, 800'000);    // 10 ms
        return passage.last - SimTime();
    };
    EXPECT_EQ(send(SimTime()), milliseconds(10));
    EXPECT_EQ(send(SimTime()), milliseconds(20));
    EXPECT_EQ(send(SimTime() + milliseconds(50)), milliseconds(60)) << "the queue was empty again";
}

// Every draw lies in its distribution, and the spread is used.
TEST(LatencySampler, DrawsFromItsDistribution) {
    RngStream rng = Rng(7, 0).stream("test");
    const LatencySampler constant(ConstantDist{microseconds(5)});
    const LatencySampler uniform(UniformDist{nanoseconds(10), nanoseconds(12)});
    const LatencySampler exponential(ExponentialDist{microseconds(100)});
    const LatencySampler lognormal(LognormalDist{microseconds(100), microseconds(1000)});
    constexpr int kDraws = 20'000;
    std::map<std::int64_t, int> seen;
    std::int64_t exponential_sum = 0;
    int below_median = 0;
    int above_p99 = 0;
    for (int i = 0; i < kDraws; ++i) {
        ASSERT_EQ(constant.sample(rng), microseconds(5));
        ++seen[uniform.sample(rng).ns()];
        exponential_sum += exponential.sample(rng).ns();
        const SimDuration drawn = lognormal.sample(rng);
        below_median += drawn < microseconds(100) ? 1 : 0;
        above_p99 += drawn > microseconds(1000) ? 1 : 0;
    }
    ASSERT_EQ(seen.size(), 3u);
    EXPECT_EQ(seen.begin()->first, 10);
    EXPECT_EQ(seen.rbegin()->first, 12);
    for (const auto& [ns, count] : seen)
        EXPECT_NEAR(count, kDraws / 3, kDraws / 30) << ns;
    EXPECT_NEAR(static_cast<int>(exponential_sum / kDraws), 100'000, 4'000);
    EXPECT_NEAR(below_median, kDraws / 2, kDraws / 40);
    EXPECT_NEAR(above_p99, kDraws / 100, kDraws / 300);
}

}  // namespace
}  // namespace bsim
