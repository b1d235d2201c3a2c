#pragma once
// The graph of hosts and switches. Links are directed edges with a latency distribution; the route
// between two hosts is the one with the least sum of typical latencies. Routes are computed when
// the graph has changed, one Dijkstra run a source, not per message.
//
// The graph that `world/` builds today is a star: each host has one link to and one from a central
// switch. The link to the switch carries the scenario's latency, the one from it is instant, so
// that the latency of a path is one draw from the distribution.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <boost/graph/adjacency_list.hpp>

#include "sim/model/dist.h"
#include "sim/network/ids.h"
#include "sim/network/latency.h"

namespace bsim {

class Topology {
  public:
    HostId add_host(std::string name);
    void add_link(HostId from, HostId to, const LatencyDist& latency);

    const std::string& name(HostId host) const;
    std::size_t host_count() const;

    // The links from one host to another, in order; empty if there is no way.
    const std::vector<const LatencySampler*>& route(HostId from, HostId to);

  private:
    struct Vertex {
        std::string name;
    };
    struct Edge {
        std::int64_t typical_ns = 0;
        std::size_t sampler = 0;
    };
    using Graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS, Vertex, Edge>;
    using Routes = std::map<HostId, std::vector<const LatencySampler*>>;

    Routes routes_from(HostId from) const;
    // Of the links that lead straight from one vertex to the other; there is at least one.
    const Edge& fastest_link(std::size_t from, std::size_t to) const;

    Graph graph_;
    std::vector<std::unique_ptr<LatencySampler>> samplers_;  // stable addresses
    std::map<HostId, Routes> routes_;                        // dropped when the graph changes
};

}  // namespace bsim
