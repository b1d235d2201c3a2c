#pragma once
// What a partition has committed in truth, which no broker knows: the batches below the highest
// high watermark that a leader reached by right, that is with all members of the controller's ISR
// holding what is below it. A ghost variable of the checkers (trueHW of facts/invariants.md).
// Members that lost it with power, or of which the leader cannot know
// (check/forgotten_newcomers.h), do not count.
//
// It grows with the leaders' high watermarks, at O(1) a batch, and is cut only when a leader takes
// up its epoch without all of it: from then on that leader's log counts, whether the settings
// excused the loss or not, so that one loss is reported once.

#include <optional>
#include <vector>

#include "sim/check/replica_log.h"

namespace bsim {

// `log` reaches `end`, and has the batch below it that `reference` has.
bool agrees_below(const ReplicaLog& reference, const ReplicaLog& log, Offset end);

class CommittedTruth {
  public:
    // All below is committed.
    Offset end() const { return end_; }
    const ReplicaLog& log() const { return log_; }

    // The leader with that log has committed all below `hw`.
    void raise(const ReplicaLog& leader, Offset hw);
    // O(log n): logs that hold the newest batch hold what is before it (R5).
    bool held_by(const ReplicaLog& log) const;
    // Is this very batch committed, and not deleted since?
    bool contains(const LoggedBatch& batch) const;
    // Keeps what `log` holds; returns the first batch that it lacks, if events told of one.
    std::optional<LoggedBatch> adopt(const ReplicaLog& log);

  private:
    Offset end_;
    ReplicaLog log_;
    std::vector<LoggedBatch> scratch_;
};

}  // namespace bsim
