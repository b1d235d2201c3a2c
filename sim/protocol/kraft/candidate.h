#pragma once
// Candidate: voted for itself and asks the others. Wins with a majority of the voters; when a
// majority is out of reach, or the election timeout passes, it backs off and then starts anew in
// the next epoch (with pre-vote: as Prospective). A candidate grants no vote, though it does grant
// pre-votes. Source: CandidateState.

#include <cstdint>
#include <optional>

#include "sim/protocol/kraft/types.h"
#include "sim/protocol/kraft/vote_tally.h"

namespace bsim::kraft {

struct Candidate {
    LeaderEpoch epoch;
    ReplicaKey self;
    std::int32_t retries;  // 1 for the first election in a row
    SimTime election_timeout;
    VoteTally votes;
    std::optional<Offset> hw{};              // carried over
    std::optional<SimTime> backoff_until{};  // set once backing off

    ElectionState election() const { return {epoch, std::nullopt, self}; }
};

// How long a candidate waits before it tries again: 100 ms times a number drawn from [0,
// 2^retries), at most `max`.
SimDuration candidate_backoff(std::int32_t retries, std::uint64_t draw, SimDuration max);

}  // namespace bsim::kraft
