#include "sim/network/topology.h"

#include <algorithm>
#include <functional>
#include <utility>

#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/breadth_first_search.hpp>
#include <boost/graph/filtered_graph.hpp>

#include "sim/base/check.h"

namespace bsim {
namespace {

struct Vertex {
    std::string name;
    bool is_switch = false;
};
struct Edge {
    std::size_t link = 0;  // index in Topology::links_
};
using HostGraph = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS, Vertex, Edge>;

// Notes for each vertex the edge by which the search first came to it.
using Arrival = std::optional<HostGraph::edge_descriptor>;

class ArrivalEdges : public boost::default_bfs_visitor {
  public:
    explicit ArrivalEdges(std::vector<Arrival>& edges) : edges_(&edges) {}

    template <class Graph>
    void tree_edge(HostGraph::edge_descriptor edge, const Graph& graph) {
        (*edges_)[boost::target(edge, graph)] = edge;
    }

  private:
    std::vector<Arrival>* edges_;
};

}  // namespace

struct Topology::Graph : HostGraph {};

Topology::Topology() : graph_(std::make_unique<Graph>()) {}

Topology::~Topology() = default;

void Topology::changed() {
    routes_.clear();
    ++version_;
}

HostId Topology::add_vertex(std::string name, bool is_switch) {
    changed();
    Vertex vertex{std::move(name), is_switch};
    return HostId(static_cast<std::uint32_t>(boost::add_vertex(std::move(vertex), *graph_)));
}

HostId Topology::add_host(std::string name) {
    return add_vertex(std::move(name), false);
}

HostId Topology::add_switch(std::string name) {
    return add_vertex(std::move(name), true);
}

LinkId Topology::add_link(HostId from, HostId to, const LinkSpec& spec) {
    changed();
    links_.push_back(std::make_unique<Link>(spec));
    const std::size_t index = links_.size() - 1;
    boost::add_edge(from.value(), to.value(), Edge{index}, *graph_);
    return LinkId(static_cast<std::uint32_t>(index));
}

void Topology::set_up(LinkId link, bool up) {
    if (links_.at(link.value())->is_up() == up)
        return;
    changed();
    links_[link.value()]->set_up(up);
}

const std::string& Topology::name(HostId host) const {
    return (*graph_)[host.value()].name;
}

std::size_t Topology::host_count() const {
    return boost::num_vertices(*graph_);
}

const Topology::Route* Topology::route(HostId from, HostId to) {
    auto it = routes_.find(from);
    if (it == routes_.end())
        it = routes_.emplace(from, routes_from(from)).first;
    const std::optional<Route>& route = it->second.at(to.value());
    return route ? &*route : nullptr;
}

Topology::Routes Topology::routes_from(HostId from) const {
    const HostGraph& graph = *graph_;
    const std::size_t count = boost::num_vertices(graph);
    std::vector<Arrival> arrivals(count);
    // A function object, as the filter must be assignable and a lambda is not.
    const std::function<bool(HostGraph::edge_descriptor)> leads_on = [&](auto edge) {
        const auto source = boost::source(edge, graph);
        const bool passes_on = graph[source].is_switch || source == from.value();
        return passes_on && links_[graph[edge].link]->is_up();
    };
    const boost::filtered_graph live(graph, leads_on);
    boost::breadth_first_search(live, from.value(), boost::visitor(ArrivalEdges(arrivals)));
    Routes routes(count);
    routes[from.value()].emplace();
    for (std::size_t to = 0; to < count; ++to) {
        if (!arrivals[to])
            continue;
        Route links;
        for (std::size_t at = to; at != from.value(); at = boost::source(*arrivals[at], graph))
            links.push_back(links_[graph[*arrivals[at]].link].get());
        std::reverse(links.begin(), links.end());
        routes[to] = std::move(links);
    }
    return routes;
}

}  // namespace bsim
