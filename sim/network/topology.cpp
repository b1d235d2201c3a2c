#include "sim/network/topology.h"

#include <algorithm>
#include <utility>

#include <boost/graph/dijkstra_shortest_paths.hpp>
#include <boost/range/iterator_range.hpp>

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

const Topology::Edge& Topology::fastest_link(std::size_t from, std::size_t to) const {
    const Edge* fastest = nullptr;
    for (const auto& edge : boost::make_iterator_range(boost::out_edges(from, graph_))) {
        const Edge& link = graph_[edge];
        const bool leads_there = boost::target(edge, graph_) == to;
        if (leads_there && (fastest == nullptr || link.typical_ns < fastest->typical_ns))
            fastest = &link;
    }
    BSIM_CHECK(fastest != nullptr);
    return *fastest;
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
        for (std::size_t at = to; at != from.value() && before[at] != at; at = before[at])
            links.push_back(samplers_[fastest_link(before[at], at).sampler].get());
        std::reverse(links.begin(), links.end());
        routes.emplace(HostId(static_cast<std::uint32_t>(to)), std::move(links));
    }
    return routes;
}

}  // namespace bsim
