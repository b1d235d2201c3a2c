#include "sim/network/topology.h"

#include <algorithm>
#include <functional>
#include <utility>

#include <boost/graph/breadth_first_search.hpp>
#include <boost/graph/filtered_graph.hpp>

#include "sim/base/check.h"

namespace bsim {
namespace {

// Notes for each vertex the edge by which the search first came to it.
template <class Edge>
class ArrivalEdges : public boost::default_bfs_visitor {
  public:
    explicit ArrivalEdges(std::vector<std::optional<Edge>>& edges) : edges_(&edges) {}

    template <class Graph>
    void tree_edge(Edge edge, const Graph& graph) {
        (*edges_)[boost::target(edge, graph)] = edge;
    }

  private:
    std::vector<std::optional<Edge>>* edges_;
};

}  // namespace

void Topology::changed() {
    routes_.clear();
    ++version_;
}

HostId Topology::add_vertex(Vertex vertex) {
    changed();
    return HostId(static_cast<std::uint32_t>(boost::add_vertex(std::move(vertex), graph_)));
}

HostId Topology::add_host(std::string name) {
    return add_vertex(Vertex{std::move(name), false});
}

HostId Topology::add_switch(std::string name) {
    return add_vertex(Vertex{std::move(name), true});
}

LinkId Topology::add_link(HostId from, HostId to, const LinkSpec& spec) {
    changed();
    links_.push_back(std::make_unique<Link>(spec));
    const std::size_t index = links_.size() - 1;
    boost::add_edge(from.value(), to.value(), Edge{index}, graph_);
    return LinkId(static_cast<std::uint32_t>(index));
}

void Topology::set_up(LinkId link, bool up) {
    if (links_.at(link.value())->is_up() == up)
        return;
    changed();
    links_[link.value()]->set_up(up);
}

const std::string& Topology::name(HostId host) const {
    return graph_[host.value()].name;
}

std::size_t Topology::host_count() const {
    return boost::num_vertices(graph_);
}

const Topology::Route* Topology::route(HostId from, HostId to) {
    auto it = routes_.find(from);
    if (it == routes_.end())
        it = routes_.emplace(from, routes_from(from)).first;
    const std::optional<Route>& route = it->second.at(to.value());
    return route ? &*route : nullptr;
}

Topology::Routes Topology::routes_from(HostId from) const {
    const std::size_t count = boost::num_vertices(graph_);
    using Arrival = std::optional<Graph::edge_descriptor>;
    std::vector<Arrival> arrivals(count);
    // A function object, as the filter must be assignable and a lambda is not.
    const std::function<bool(Graph::edge_descriptor)> leads_on = [&](auto edge) {
        const auto source = boost::source(edge, graph_);
        const bool passes_on = graph_[source].is_switch || source == from.value();
        return passes_on && links_[graph_[edge].link]->is_up();
    };
    const boost::filtered_graph live(graph_, leads_on);
    boost::breadth_first_search(live, from.value(),
                                boost::visitor(ArrivalEdges<Graph::edge_descriptor>(arrivals)));
    Routes routes(count);
    routes[from.value()].emplace();
    for (std::size_t to = 0; to < count; ++to) {
        if (!arrivals[to])
            continue;
        Route links;
        for (std::size_t at = to; at != from.value(); at = boost::source(*arrivals[at], graph_))
            links.push_back(links_[graph_[*arrivals[at]].link].get());
        std::reverse(links.begin(), links.end());
        routes[to] = std::move(links);
    }
    return routes;
}

}  // namespace bsim
