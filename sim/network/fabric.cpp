#include "sim/network/fabric.h"

namespace bsim {

Fabric::Fabric(Topology& topology, const LinkSpec& usual)
    : topology_(topology), usual_(usual), core_(topology.add_switch("switch/core")) {}

HostId Fabric::add_host(const std::string& name, const std::string& rack) {
    const HostId where = rack.empty() ? core_ : rack_switch(rack);
    const HostId host = topology_.add_host(name);
    topology_.add_link(host, where, usual_);
    LinkSpec down;
    down.bits_per_second = usual_.bits_per_second;
    topology_.add_link(where, host, down);
    return host;
}

HostId Fabric::rack_switch(const std::string& rack) {
    const auto it = racks_.find(rack);
    if (it != racks_.end())
        return it->second;
    const HostId added = topology_.add_switch("switch/rack/" + rack);
    topology_.add_link(added, core_, LinkSpec{});
    topology_.add_link(core_, added, LinkSpec{});
    racks_[rack] = added;
    return added;
}

LinkId Fabric::add_line(HostId from, HostId to, const LinkSpec& spec) {
    return topology_.add_link(from, to, spec);
}

}  // namespace bsim
