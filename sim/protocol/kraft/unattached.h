#pragma once
// Unattached: the epoch is known, its leader is not (or only by id, from the stored state).
// Voters wait here for an election to end, and start one when the election timeout passes;
// observers (and, with pre-vote, voters too) ask the voters for the leader.
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

    ElectionState election() const { return {epoch, leader, voted}; }
};

// Whether a node without a living leader (Unattached or Prospective) may vote in its epoch: a vote
// given is repeated to the same candidate; otherwise it takes an open epoch and a log at least as
// long as ours.
inline bool can_grant_vote(const ElectionState& ours,
                           const ReplicaKey& candidate,
                           bool log_up_to_date) {
    if (ours.voted) {
        return ours.voted->id == candidate.id &&
               (ours.voted->directory.is_zero() || ours.voted->directory == candidate.directory);
    }
    return !ours.leader && log_up_to_date;
}

}  // namespace bsim::kraft
