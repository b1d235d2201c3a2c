#pragma once
// The network of a cluster as a graph: hosts in a rack hang on the switch of the rack, the switches
// of the racks on a core switch, hosts without a rack on the core itself.
//
//   host - rack switch - core switch - rack switch - host
//
// What a scenario says of a link holds for the whole way from one host to another. So the link from
// a host to its switch carries it all (latency, loss and so on), and the links behind it are
// instant and perfect: the latency of a way is one draw. Only the bandwidth also limits the link
// from a switch to a host, as each host's cable has it in both directions; switches have no limit.
// All ways of a host share its cable. A way for which the scenario says something else gets a line
// of its own from host to host, with a queue of its own.

#include <map>
#include <string>

#include "sim/model/link.h"
#include "sim/network/topology.h"

namespace bsim {

class Fabric {
  public:
    // `usual` holds for every way without a line of its own.
    Fabric(Topology& topology, const LinkSpec& usual);

    // A host in a rack; an empty name: in none. Names of hosts are unique.
    HostId add_host(const std::string& name, const std::string& rack);
    // Gives the way from one host to another a line of its own. One way only; once a way.
    LinkId add_line(HostId from, HostId to, const LinkSpec& spec);

  private:
    HostId rack_switch(const std::string& rack);

    Topology& topology_;
    LinkSpec usual_;
    HostId core_;
    std::map<std::string, HostId> racks_;
};

}  // namespace bsim
