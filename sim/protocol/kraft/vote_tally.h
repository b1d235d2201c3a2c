#pragma once
// The votes of one election, or of one round of pre-votes: who has granted, who has refused. The
// node that asks has granted already. Source: EpochElection, CandidateState.

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "sim/protocol/kraft/types.h"

namespace bsim::kraft {

class VoteTally {
  public:
    explicit VoteTally(const RaftConfig& config);

    // Answers of voters; a voter's second answer must not contradict its first.
    void record(BrokerId voter, bool granted);

    bool is_won() const { return count(Vote::Granted) >= majority(); }
    bool is_lost() const { return count(Vote::Granted) + count(Vote::Unrecorded) < majority(); }
    std::vector<BrokerId> unrecorded() const { return voters_with(Vote::Unrecorded); }
    std::vector<BrokerId> granting() const { return voters_with(Vote::Granted); }

  private:
    enum class Vote : std::uint8_t { Unrecorded, Granted, Rejected };

    std::size_t majority() const { return votes_.size() / 2 + 1; }
    std::size_t count(Vote vote) const;
    std::vector<BrokerId> voters_with(Vote vote) const;

    std::map<BrokerId, Vote> votes_;
};

}  // namespace bsim::kraft
