#pragma once
// Who can be held to time limits: not a node that is down or stands still, or whose processor,
// disk or clock a fault has slowed. The network's faults keep nobody from acting on his own.

#include <set>
#include <string>

#include "sim/check/cluster_view.h"

namespace bsim {

// Of the faults that are open now; once a node's clock was set, its timers are off for good.
std::set<std::string> slowed_by_faults(const ClusterView& view);

bool is_punctual(const NodeName& node,
                 const std::set<std::string>& slowed,
                 const ClusterView& view);

}  // namespace bsim
