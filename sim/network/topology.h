#pragma once
// The graph of hosts and switches. Links are directed edges; the route between two hosts is the one
// with the fewest links that are up. Routes are computed when the graph has changed, one
// breadth-first search a source, not per message.
//
// fabric.h builds the graph of a cluster: racks, their switches, a core, and lines of their own
// between hosts for which a scenario says something special.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/model/link.h"
#include "sim/network/ids.h"
#include "sim/network/link.h"

namespace bsim {

class Topology {
  public:
    using Route = std::vector<Link*>;

    Topology();
    ~Topology();

    // Names of hosts are unique: random streams are called after them.
    HostId add_host(std::string name);
    // Switches pass on what is not for them; hosts do not.
    HostId add_switch(std::string name);
    LinkId add_link(HostId from, HostId to, const LinkSpec& spec);
    // A link that is down carries nothing; routes go around it if there is another way.
    void set_up(LinkId link, bool up);

    const std::string& name(HostId host) const;
    std::size_t host_count() const;

    // The links from one host to another, in order; none from a host to itself. Null if there is
    // no way. Valid until the graph changes.
    const Route* route(HostId from, HostId to);
    // Grows whenever the graph changes, and routes with it.
    std::uint64_t version() const { return version_; }

  private:
    struct Graph;                                      // Boost.Graph's, seen by topology.cpp alone
    using Routes = std::vector<std::optional<Route>>;  // by target

    HostId add_vertex(std::string name, bool is_switch);
    void changed();
    Routes routes_from(HostId from) const;

    std::unique_ptr<Graph> graph_;
    std::vector<std::unique_ptr<Link>> links_;  // stable addresses
    std::map<HostId, Routes> routes_;           // dropped when the graph changes
    std::uint64_t version_ = 0;
};

}  // namespace bsim
