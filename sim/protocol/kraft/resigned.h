#pragma once
// Resigned: was leader of this epoch and leads no more (it asked to, lost its quorum, or
// restarted). Tells the other voters with EndQuorumEpoch until each has answered, grants no vote in
// the epoch it led, and becomes a candidate when the election timeout passes. Entered in memory
// only: the stored state still names this node as leader, which is how a restart finds its way
// here. Source: ResignedState.

#include <set>
#include <vector>

#include "sim/protocol/kraft/types.h"

namespace bsim::kraft {

struct Resigned {
    LeaderEpoch epoch;
    BrokerId self;
    SimTime election_timeout;
    std::set<BrokerId> unacknowledged;
    std::vector<ReplicaKey> preferred_successors;

    ElectionState election() const { return {epoch, self, std::nullopt}; }
};

}  // namespace bsim::kraft
