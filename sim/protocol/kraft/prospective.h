#pragma once
// Prospective (only with pre-vote): suspects that there is no leader, and asks the voters whether
// they would elect it, without raising the epoch. A majority makes it a candidate. When a majority
// is out of reach, or the election timeout passes, it goes back to following the leader that it
// knew, or waits unattached if it knew none. Entered in memory only: it keeps the epoch, the leader
// and the vote. Source: KIP-996; ProspectiveState (4.0).

#include <cstdint>
#include <optional>

#include "sim/protocol/kraft/types.h"
#include "sim/protocol/kraft/vote_tally.h"

namespace bsim::kraft {

struct Prospective {
    LeaderEpoch epoch;
    std::optional<BrokerId> leader;
    std::optional<ReplicaKey> voted;
    std::int32_t retries;  // what the candidate will start with
    SimTime election_timeout;
    VoteTally votes;
    std::optional<Offset> hw{};  // carried over

    ElectionState election() const { return {epoch, leader, voted}; }
};

}  // namespace bsim::kraft
