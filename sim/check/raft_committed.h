#pragma once
// raft-committed: what the metadata quorum has committed stays, on a majority and on disk.
// Exact invariants K3 (across epochs), K4, K6, K7, K9, K11 (in part) and K14 of
// facts/invariants.md; K5 and K10 are committed-prefix's, K3 within an epoch is hw-monotonic's.
//
// Violations when a leader raises the high watermark:
//   - its last record below it is of an older epoch than its own (KAFKA-12619; Raft, figure 8);
//   - fewer than a majority of the voters hold that record (K4);
//   - fewer than a majority have been told to have it on disk, with more than one voter (K7: a
//     voter asks for the next records only after it has flushed these);
//   - it is below what a leader of an earlier epoch had reached (K3).
// Afterwards:
//   - a new leader lacks what was committed before its epoch (K6);
//   - a node cuts committed records off, other than for a snapshot that holds them (K14);
//   - a voter comes back without committed records, and fewer than a majority hold them (K7);
//   - a snapshot is written, or loaded, that ends above what is committed, or names another epoch
//     than that of its last record (K9); the active controller loads one (K11);
//   - a log starts at an offset where no snapshot ends (K9).
//
// Permitted: that a lone voter loses what it committed, for it commits before it flushes; that a
// voter loses what it had not flushed before it was killed, for when it is back it takes what it
// finds for written; what goes with a disk that is replaced; records of older epochs while the
// switch commit_own_epoch_only is off. Nothing is said of what was lost by permission.
// Source: KafkaRaftClient.appendAsFollower, flushLeaderLog, RaftEventSimulationTest; KIP-595,
// KIP-630.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sim/check/checker.h"

namespace bsim {

class RaftCommitted : public Checker {
  public:
    explicit RaftCommitted(const CheckSettings& settings)
        : Checker("raft-committed", CheckKind::Safety), settings_(settings) {}

    void on(const Event& event, const ClusterView& view) override;

  private:
    void on_hw(const Event& event, const RaftHw& e, const ClusterView& view);
    void is_own(const Event& event, const RaftHw& e, const LoggedBatch& last);
    void on_majority(const Event& event,
                     const RaftHw& e,
                     const LoggedBatch& last,
                     const PartitionView& metadata);
    void on_leader(const Event& event, const RaftRole& e, const ClusterView& view);
    void on_cut(const Event& event, const LogTruncated& e, const ClusterView& view);
    void on_recovered(const Event& event, const ClusterView& view);
    void on_snapshot(const Event& event, const RaftSnapshot& e);
    void on_start(const Event& event, const LogStartAdvanced& e);
    // The lowest committed batch among those that the event took away, or nullptr.
    const LoggedBatch* committed_among(const std::vector<LoggedBatch>& removed) const;
    // Nothing is held of committed records from here on.
    void forget_from(Offset from);

    CheckSettings settings_;
    ReplicaLog committed_;
    std::map<LeaderEpoch, Offset> hw_;  // that the leaders of each epoch reached
    Offset highest_;                    // of all
    std::map<Offset, LeaderEpoch> snapshots_;
    std::set<NodeName> active_;  // controllers
    std::vector<LoggedBatch> scratch_;
};

}  // namespace bsim
