#include "sim/network/topology.h"

#include <algorithm>
#include <utility>

#include <boost/graph/dijkstra_shortest_paths.hpp>

#include "sim/base/check.h"

namespace bsim {

HostId Topology::add_host(std::string name) {
    routes_.clear();
    const auto vertex = boost::add_vertex(Vertex{std::move(name)}, graph_);
    return HostId(static_cast<std::uint32_t>(vertex));
}

void Topology::add_link(HostId from, HostId to, const LatencyDist& latency) {
    routes_.clear();
    samplers_.push_back(std::make_unique<LatencySampler>(latency));
    const Edge edge{samplers_.back()->typical().ns(), samplers_.size() - 1};
    boost::add_edge(from.value(), to.value(), edge, graph_);
}

const std::string& Topology::name(HostId host) const {
    return graph_[host.value()].name;
}

std::size_t Topology::host_count() const {
    return boost::num_vertices(graph_);
}

const std::vector<const LatencySampler*>& Topology::route(HostId from, HostId to) {
    auto it = routes_.find(from);
    if (it == routes_.end())
        it = routes_.emplace(from, routes_from(from)).first;
    return it->second[to];
}

Topology::Routes Topology::routes_from(HostId from) const {
    const std::size_t count = boost::num_vertices(graph_);
    std::vector<Graph::vertex_descriptor> before(count);
    std::vector<std::int64_t> distance(count);
    boost::dijkstra_shortest_paths(graph_, from.value(),
                                   boost::weight_map(boost::get(&Edge::typical_ns, graph_))
                                       .predecessor_map(before.data())
                                       .distance_map(distance.data()));
    Routes routes;
    for (std::size_t to = 0; to < count; ++to) {
        std::vector<const LatencySampler*> links;
        for (std::size_t at = to; at != from.value() && before[at] != at; at = before[at]) {
            const auto [edge, found] = boost::edge(before[at], at, graph_);
            BSIM_CHECK(found);
            links.push_back(samplers_[graph_[edge].sampler].get());
        }
        std::reverse(links.begin(), links.end());
        routes.emplace(HostId(static_cast<std::uint32_t>(to)), std::move(links));
    }
    return routes;
}

}  // namespace bsim
