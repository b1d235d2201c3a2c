#include "sim/protocol/kraft/vote_tally.h"

#include <algorithm>

#include "sim/base/check.h"

namespace bsim::kraft {

VoteTally::VoteTally(const RaftConfig& config) {
    BSIM_CHECK(config.is_voter());
    for (const BrokerId voter : config.voters)
        votes_[voter] = Vote::Unrecorded;
    votes_[config.id] = Vote::Granted;
}

void VoteTally::record(BrokerId voter, bool granted) {
    const auto found = votes_.find(voter);
    BSIM_CHECK(found != votes_.end());
    BSIM_CHECK(found->second != (granted ? Vote::Rejected : Vote::Granted));
    found->second = granted ? Vote::Granted : Vote::Rejected;
}

std::size_t VoteTally::count(Vote vote) const {
    return static_cast<std::size_t>(std::count_if(
        votes_.begin(), votes_.end(), [vote](const auto& entry) { return entry.second == vote; }));
}

std::vector<BrokerId> VoteTally::voters_with(Vote vote) const {
    std::vector<BrokerId> found;
    for (const auto& [voter, cast] : votes_) {
        if (cast == vote)
            found.push_back(voter);
    }
    return found;
}

}  // namespace bsim::kraft
