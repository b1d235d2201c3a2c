#pragma once
// Where a leader's records wait to be appended.
//
// A controller's operation is not appended at once: its records join the open batch, and the whole
// accumulator is drained `linger` (25 ms) after the first record went into an empty one. Operations
// within that time thus share one batch and one fsync. Drained at once: whatever is there when a
// control batch comes (LeaderChange), and when records no longer fit the open batch (8 MiB), which
// closes it. The records of one operation never straddle two batches.
//
// Offsets are handed out on entry: next_offset() is where the next record will stand.
// Source: BatchAccumulator, BatchBuilder; KafkaRaftClient.prepareAppend and schedulePreparedAppend,
// which the controller calls in one go, so that a drain never falls between them.

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/protocol/kraft/raft_io.h"
#include "sim/protocol/kraft/types.h"

namespace bsim::kraft {

class BatchAccumulator {
  public:
    BatchAccumulator(LeaderEpoch epoch, Offset base, SimDuration linger);

    // Requires a total size of at most kMaxBatchBytes, and not less than one value.
    void append(const std::vector<SharedBytes>& values, SimTime now, WallMs wall);
    // One control record, in a batch of its own.
    void append_leader_change(LeaderChangeBatch change);

    // When drain() is due; absent while there is nothing to drain.
    std::optional<SimTime> drain_at() const;
    // All that is there, in order; the open batch is closed.
    std::vector<LeaderBatch> drain();

    Offset next_offset() const { return next_offset_; }

  private:
    void close_open();

    LeaderEpoch epoch_;
    SimDuration linger_;
    Offset next_offset_;
    std::vector<LeaderBatch> complete_;
    std::optional<RecordsBatch> open_;
    std::int64_t open_bytes_ = 0;
    std::optional<SimTime> linger_until_;
};

}  // namespace bsim::kraft
