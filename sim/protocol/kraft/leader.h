#pragma once
// Leader: knows how far each voter has fetched, and from that the high watermark.
//
// Offsets are "next to write". The high watermark is unknown until it covers the LeaderChange
// record with which the epoch starts (it must be greater than epoch_start): only then is it certain
// that no other log can win an election without the records before it. It never falls. Source:
// LeaderState; Raft paper 5.4.2; KAFKA-12619 for the leader that did not wait for its own record.

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "sim/protocol/kraft/batch_accumulator.h"
#include "sim/protocol/kraft/types.h"

namespace bsim::kraft {

struct ReplicaProgress {
    std::optional<Offset> end;  // the offset it last fetched from
    std::optional<SimTime> last_fetch;
    // The last time at which it was known to have all that the leader had then.
    std::optional<SimTime> last_caught_up;
    std::optional<Offset> leader_end_at_last_fetch;
};

class Leader {
  public:
    Leader(const RaftConfig& config,
           LeaderEpoch epoch,
           Offset epoch_start,
           std::vector<BrokerId> granting,
           SimTime now);

    // The leader's own log grew. Returns true when the high watermark rose. The leader counts as
    // soon as the records are appended, before they are flushed.
    bool update_local_end(Offset end);
    // A replica asked for records from `offset`. Returns true when the high watermark rose. Who
    // fetches without an id (below 0) is no replica.
    bool update_replica(const ReplicaKey& replica, Offset offset, SimTime now);
    // A replica asked for a part of a snapshot: a sign of life, though not of progress.
    void snapshot_fetched(BrokerId replica, SimTime now);

    // When too few voters fetch for 1.5 fetch timeouts, the leader must resign. Never for one
    // voter, and not at all before KAFKA-15489.
    std::optional<SimTime> check_quorum_deadline() const;

    std::vector<ReplicaKey> other_voters_by_descending_end() const;

    ElectionState election() const { return {epoch, self, std::nullopt}; }

    const std::map<BrokerId, ReplicaProgress>& voters() const { return voters_; }
    // Observers that fetched within the last 300 s.
    const std::map<ReplicaKey, ReplicaProgress>& observers(SimTime now);

    LeaderEpoch epoch;
    BrokerId self;
    Offset epoch_start;
    std::vector<BrokerId> granting;
    std::optional<Offset> hw;
    BatchAccumulator accumulator;
    SimTime next_begin_quorum;  // when BeginQuorumEpoch goes to the other voters again
    bool resign_requested = false;

  private:
    bool maybe_advance_hw();

    std::map<BrokerId, ReplicaProgress> voters_;
    std::map<ReplicaKey, ReplicaProgress> observers_;
    std::set<BrokerId> fetched_voters_;  // since check_quorum_ was last reset
    SimDuration check_quorum_timeout_;
    SimTime check_quorum_;
    bool resigns_without_fetches_;
    bool commits_own_epoch_only_;
};

}  // namespace bsim::kraft
