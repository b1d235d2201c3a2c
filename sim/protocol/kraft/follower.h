#pragma once
// Follower: fetches from the leader of its epoch, first a snapshot when the leader says so. A voter
// that has had no good fetch response for the fetch timeout becomes a candidate (with pre-vote:
// prospective); an observer then asks any voter for the leader.
// Source: FollowerState.

#include <cstdint>
#include <optional>

#include "sim/protocol/kraft/types.h"

namespace bsim::kraft {

struct FetchingSnapshot {
    OffsetAndEpoch id;
    std::int64_t position = 0;  // bytes so far
};

struct Follower {
    LeaderEpoch epoch;
    BrokerId leader;
    std::optional<Offset> hw;
    SimTime fetch_deadline;
    std::optional<ReplicaKey> voted{};  // in this epoch; kept with pre-vote only
    std::optional<FetchingSnapshot> fetching{};
    bool has_fetched = false;  // had a good response of this leader: no pre-vote against it

    ElectionState election() const { return {epoch, leader, voted}; }

    void fetched(SimTime deadline) {
        has_fetched = true;
        fetch_deadline = deadline;
    }
};

// How long a voter waits before it becomes a candidate when its leader resigned and named
// `count` successors by descending log end, of which this voter is number `position` (`count` when
// it is not among them): the first at once, the others exponentially later, up to `max`.
SimDuration successor_backoff(std::size_t position, std::size_t count, SimDuration max);

}  // namespace bsim::kraft
