#pragma once
// Names of the network's parts. They are indexes given in order of creation, so they are the same
// in every run of a scenario.

#include <cstdint>

#include "sim/base/strong.h"

namespace bsim {

using HostId = Strong<struct HostIdTag, std::uint32_t>;              // a vertex: host or switch
using ConnectionId = Strong<struct ConnectionIdTag, std::uint64_t>;  // never reused

}  // namespace bsim
