#include "sim/protocol/kraft/candidate.h"

#include "sim/base/check.h"

namespace bsim::kraft {

Candidate::Candidate(const RaftConfig& config,
                     LeaderEpoch epoch_,
                     std::int32_t retries_,
                     SimTime timeout)
    : epoch(epoch_),
      retries(retries_),
      election_timeout(timeout),
      self_{config.id, config.directory} {
    BSIM_CHECK(config.is_voter());
    for (const BrokerId voter : config.voters)
        votes_[voter] = Vote::Unrecorded;
    votes_[config.id] = Vote::Granted;
}

void Candidate::record_granted(BrokerId voter) {
    const auto vote = votes_.find(voter);
    BSIM_CHECK(vote != votes_.end() && vote->second != Vote::Rejected);
    vote->second = Vote::Granted;
}

void Candidate::record_rejected(BrokerId voter) {
    const auto vote = votes_.find(voter);
    BSIM_CHECK(vote != votes_.end() && vote->second != Vote::Granted);
    vote->second = Vote::Rejected;
}

std::vector<BrokerId> Candidate::voters_with(Vote vote) const {
    std::vector<BrokerId> found;
    for (const auto& [voter, cast] : votes_) {
        if (cast == vote)
            found.push_back(voter);
    }
    return found;
}

SimDuration candidate_backoff(std::int32_t retries, std::uint64_t draw, SimDuration max) {
    BSIM_CHECK(retries > 0);
    // Past 2^20 the product would overflow Kafka's int, hence its cap.
    const std::uint64_t range = std::uint64_t{2}
                                << static_cast<unsigned>(std::min(20, retries - 1));
    return std::min(milliseconds(100) * static_cast<std::int64_t>(draw % range), max);
}

}  // namespace bsim::kraft
