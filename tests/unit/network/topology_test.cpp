// The graph of hosts: which links a message takes, and what they cost.

#include "sim/network/topology.h"

#include <gtest/gtest.h>

namespace bsim {
namespace {

ConstantDist always(SimDuration latency) {
    return ConstantDist{latency};
}

// Typical latencies of the links of a route, in order.
std::vector<std::int64_t> route_us(Topology& topology, HostId from, HostId to) {
    std::vector<std::int64_t> links;
    for (const LatencySampler* link : topology.route(from, to))
        links.push_back(link->typical().ns() / 1000);
    return links;
}

using Links = std::vector<std::int64_t>;

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

TEST(Topology, TwoFastLinksBeatOneSlowLink) {
    Topology topology;
    const HostId a = topology.add_host("a");
    const HostId b = topology.add_host("b");
    const HostId via = topology.add_host("via");
    topology.add_link(a, b, always(microseconds(500)));
    topology.add_link(a, via, always(microseconds(100)));
    topology.add_link(via, b, always(microseconds(300)));
    EXPECT_EQ(route_us(topology, a, b), (Links{100, 300}));
}

TEST(Topology, TheDirectLinkBeatsASlowerDetour) {
    Topology topology;
    const HostId a = topology.add_host("a");
    const HostId b = topology.add_host("b");
    const HostId via = topology.add_host("via");
    topology.add_link(a, via, always(microseconds(100)));
    topology.add_link(via, b, always(microseconds(500)));
    topology.add_link(a, b, always(microseconds(599)));
    EXPECT_EQ(route_us(topology, a, b), (Links{599}));
}

TEST(Topology, ALinkLeadsOneWayOnly) {
    Topology topology;
    const HostId a = topology.add_host("a");
    const HostId b = topology.add_host("b");
    topology.add_link(a, b, always(microseconds(100)));
    EXPECT_EQ(route_us(topology, a, b), (Links{100}));
    EXPECT_EQ(route_us(topology, b, a), Links{});
}

TEST(Topology, ARouteToItselfTakesNoLink) {
    Topology topology;
    const HostId a = topology.add_host("a");
    const HostId b = topology.add_host("b");
    topology.add_link(a, b, always(microseconds(100)));
    topology.add_link(b, a, always(microseconds(100)));
    EXPECT_EQ(route_us(topology, a, a), Links{});
}

TEST(Topology, ALinkAddedLaterChangesTheRoute) {
    Topology topology;
    const HostId a = topology.add_host("a");
    const HostId b = topology.add_host("b");
    const HostId via = topology.add_host("via");
    topology.add_link(a, b, always(microseconds(500)));
    EXPECT_EQ(route_us(topology, a, b), (Links{500}));
    topology.add_link(a, via, always(microseconds(100)));
    topology.add_link(via, b, always(microseconds(200)));
    EXPECT_EQ(route_us(topology, a, b), (Links{100, 200}));
}

TEST(Topology, OfParallelLinksTheFastestIsTakenWhicheverCameFirst) {
    for (const bool fast_first : {true, false}) {
        Topology topology;
        const HostId a = topology.add_host("a");
        const HostId b = topology.add_host("b");
        topology.add_link(a, b, always(microseconds(fast_first ? 100 : 900)));
        topology.add_link(a, b, always(microseconds(fast_first ? 900 : 100)));
        EXPECT_EQ(route_us(topology, a, b), (Links{100})) << fast_first;
    }
}

// Distributions are compared by a value in their middle, not by their best or worst draw.
TEST(Topology, RoutesAreComparedByTypicalLatency) {
    const std::vector<std::pair<LatencyDist, SimDuration>> cases{
        {ConstantDist{microseconds(400)}, microseconds(400)},
        {UniformDist{microseconds(100), microseconds(700)}, microseconds(400)},
        {ExponentialDist{microseconds(400)}, microseconds(400)},
        {LognormalDist{microseconds(400), microseconds(90'000)}, microseconds(400)},
    };
    for (const auto& [dist, typical] : cases) {
        Topology topology;
        const HostId a = topology.add_host("a");
        const HostId b = topology.add_host("b");
        const HostId via = topology.add_host("via");
        topology.add_link(a, b, dist);
        topology.add_link(via, b, ConstantDist{});
        topology.add_link(a, via, always(typical + nanoseconds(1)));
        EXPECT_EQ(topology.route(a, b).size(), 1u) << "a detour slower by a nanosecond";
        const HostId other = topology.add_host("other");
        topology.add_link(a, other, always(typical - nanoseconds(1)));
        topology.add_link(other, b, ConstantDist{});
        EXPECT_EQ(topology.route(a, b).size(), 2u) << "a detour faster by a nanosecond";
    }
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
