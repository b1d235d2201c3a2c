#pragma once
// Names of the network's parts. They are indexes given in order of creation, so they are the same
// in every run of a scenario.

#include <cstdint>

#include "sim/base/strong.h"

namespace bsim {

using HostId = Strong<struct HostIdTag, std::uint32_t>;              // a vertex: host or switch
using LinkId = Strong<struct LinkIdTag, std::uint32_t>;              // an edge, one way
using Port = std::uint16_t;                                          // of a listener
using ConnectionId = Strong<struct ConnectionIdTag, std::uint64_t>;  // one end; never reused

// Where a process listens.
struct Address {
    HostId host;
    Port port = 0;

    auto operator<=>(const Address&) const = default;
};

}  // namespace bsim
