#pragma once
// Candidate: voted for itself and asks the others. Wins with a majority of the voters; when a
// majority is out of reach, or the election timeout passes, it backs off and then starts anew in
// the next epoch. A candidate grants no vote. Source: CandidateState.

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "sim/protocol/kraft/types.h"

namespace bsim::kraft {

class Candidate {
  public:
    Candidate(const RaftConfig& config, LeaderEpoch epoch, std::int32_t retries, SimTime timeout);

    // Answers of voters; a voter's second answer must not contradict its first.
    void record_granted(BrokerId voter);
    void record_rejected(BrokerId voter);

    bool is_vote_granted() const { return count(Vote::Granted) >= majority(); }
    bool is_vote_rejected() const {
        return count(Vote::Granted) + count(Vote::Unrecorded) < majority();
    }
    std::vector<BrokerId> unrecorded() const { return voters_with(Vote::Unrecorded); }
    std::vector<BrokerId> granting() const { return voters_with(Vote::Granted); }

    ElectionState election() const { return {epoch, std::nullopt, self_}; }

    LeaderEpoch epoch;
    std::int32_t retries;  // 1 for the first election in a row
    SimTime election_timeout;
    std::optional<SimTime> backoff_until;  // set once backing off
    std::optional<Offset> hw;              // carried over

  private:
    enum class Vote : std::uint8_t { Unrecorded, Granted, Rejected };

    std::size_t majority() const { return votes_.size() / 2 + 1; }
    std::size_t count(Vote vote) const { return voters_with(vote).size(); }
    std::vector<BrokerId> voters_with(Vote vote) const;

    ReplicaKey self_;
    std::map<BrokerId, Vote> votes_;
};

// How long a candidate waits before it tries again: 100 ms times a number drawn from [0,
// 2^retries), at most `max`.
SimDuration candidate_backoff(std::int32_t retries, std::uint64_t draw, SimDuration max);

}  // namespace bsim::kraft
