#pragma once
// Network::tell, for the files that implement Network.

#include <utility>

#include "sim/network/network.h"

namespace bsim {

// Runs `action` in the process that owns this end, if it is still the process that opened it.
template <class F>
void Network::tell(const Connection& connection, int side, F&& action) {
    connection.hosts[side]->life->run_or_keep(connection.incarnations[side], DueKind::Other,
                                              std::forward<F>(action));
}

}  // namespace bsim
