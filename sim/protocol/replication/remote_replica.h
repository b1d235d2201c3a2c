#pragma once
// What the leader knows of one follower, learnt from its fetches alone. A follower's fetch offset
// is its LEO. Offsets and times are absent until a fetch (or an election) has told them.
//
// last_caught_up is the largest time t such that the newest fetch offset is at or beyond the
// leader's LEO at t. A follower that never quite reaches a busy leader's end still counts as caught
// up at the time of its previous fetch, if it has got as far as the leader's end stood then.
// Source: Replica.updateFetchStateOrThrow, Replica.resetReplicaState, ReplicaState.isCaughtUp.

#include <optional>

#include "sim/base/time.h"
#include "sim/model/ids.h"
#include "sim/protocol/replication/leader_effects.h"

namespace bsim::replication {

class RemoteReplica {
  public:
    explicit RemoteReplica(BrokerId id) : id_(id) {}

    BrokerId id() const { return id_; }
    std::optional<Offset> leo() const { return leo_; }
    std::optional<Offset> log_start() const { return log_start_; }
    std::optional<SimTime> last_caught_up() const { return last_caught_up_; }
    // True once a fetch has come in since the leader was made; then broker_epoch() is what it said.
    bool has_fetched() const { return has_fetched_; }
    std::optional<BrokerEpoch> broker_epoch() const { return broker_epoch_; }

    // Within `lag_max` of the leader, or level with it.
    bool caught_up(Offset leader_leo, SimTime now, SimDuration lag_max) const;

    void fetched(SimTime now, const FollowerFetched& fetch);

    // A new leader forgets all it may have known; a re-elected one keeps the follower's position.
    // Members of the ISR start as caught up, so that they get a full lag time to show up; the
    // others as never caught up, so that they do not hold the high watermark back.
    struct Reset {
        SimTime now;
        Offset leader_leo;
        bool new_leader = false;
        bool in_isr = false;
    };
    void reset(const Reset& how);

  private:
    BrokerId id_;
    std::optional<Offset> leo_;
    std::optional<Offset> log_start_;
    std::optional<Offset> leader_leo_at_fetch_;
    std::optional<SimTime> last_fetch_;
    std::optional<SimTime> last_caught_up_;
    std::optional<BrokerEpoch> broker_epoch_;
    bool has_fetched_ = false;
};

}  // namespace bsim::replication
