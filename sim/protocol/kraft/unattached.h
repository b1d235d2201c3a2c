#pragma once
// Unattached: the epoch is known, its leader is not (or only by id, from the stored state).
// Voters wait here for an election to end, and start one when the election timeout passes;
// observers ask the voters for the leader.
// Source: UnattachedState ("Voted" is Unattached with a vote since 3.9).

#include <optional>

#include "sim/protocol/kraft/types.h"

namespace bsim::kraft {

struct Unattached {
    LeaderEpoch epoch;
    std::optional<BrokerId> leader;
    std::optional<ReplicaKey> voted;
    std::optional<Offset> hw;                 // carried over from the role before
    std::optional<SimTime> election_timeout;  // absent for observers

    // A vote given is repeated to the same candidate; otherwise it takes an open epoch and a log at
    // least as long as ours.
    bool can_grant_vote(const ReplicaKey& candidate, bool log_up_to_date) const {
        if (voted) {
            return voted->id == candidate.id &&
                   (voted->directory.is_zero() || voted->directory == candidate.directory);
        }
        return !leader && log_up_to_date;
    }

    ElectionState election() const {
        if (voted)
            return {epoch, std::nullopt, voted};
        return {epoch, leader, std::nullopt};
    }
};

}  // namespace bsim::kraft
