#pragma once
// Follower: fetches from the leader of its epoch. A voter that has had no good fetch response for
// the fetch timeout becomes a candidate; an observer then asks any voter for the leader.
// Source: FollowerState.

#include <optional>

#include "sim/protocol/kraft/types.h"

namespace bsim::kraft {

struct Follower {
    LeaderEpoch epoch;
    BrokerId leader;
    std::optional<Offset> hw;
    SimTime fetch_deadline;

    ElectionState election() const { return {epoch, leader, std::nullopt}; }
};

// How long a voter waits before it becomes a candidate when its leader resigned and named
// `count` successors by descending log end, of which this voter is number `position` (`count` when
// it is not among them): the first at once, the others exponentially later, up to `max`.
SimDuration successor_backoff(std::size_t position, std::size_t count, SimDuration max);

}  // namespace bsim::kraft
