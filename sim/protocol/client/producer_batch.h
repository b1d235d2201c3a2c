#pragma once
// Records on their way to one partition, which will travel as one RecordBatch.
//
// Sizes are exact for uncompressed batches: 61 bytes of header and each record with its length.
// The bytes are made when the batch is sent and kept for retries; they are made anew only if the
// producer state (id, epoch, base sequence) changed in between.
// Source: producer.internals.ProducerBatch, common.record.MemoryRecordsBuilder.

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/base/bytes.h"
#include "sim/base/time.h"
#include "sim/model/ids.h"
#include "sim/protocol/client/client_ids.h"

namespace bsim::client {

struct PendingRecord {
    RecordId id;
    WallMs timestamp;
    std::optional<SharedBytes> key;
    std::optional<SharedBytes> value;
};

// An upper bound for a batch that holds this record alone; what max.request.size is compared with
// and, if it is more than batch.size, what the batch's buffer takes.
std::int32_t single_record_bound(const PendingRecord& record);

struct ProducerIdentity {
    ProducerId id;
    ProducerEpoch epoch;

    auto operator<=>(const ProducerIdentity&) const = default;
};
struct ProducerState {
    ProducerIdentity identity;
    std::int32_t base_sequence = 0;

    auto operator<=>(const ProducerState&) const = default;
};

class ProducerBatch {
  public:
    struct Origin {
        BatchId id;
        TopicPartition partition;
        std::int32_t capacity = 0;  // bytes of its buffer
        SimTime created;
        bool split = false;  // stems from a batch that was too large; its memory is not accounted
    };
    explicit ProducerBatch(Origin origin);

    BatchId id() const { return origin_.id; }
    const TopicPartition& partition() const { return origin_.partition; }
    SimTime created() const { return origin_.created; }
    std::int32_t capacity() const { return origin_.capacity; }
    bool is_split() const { return origin_.split; }

    // False if the record does not fit. The first record always does.
    bool try_append(SimTime now, const PendingRecord& record);
    void close_for_appends() { closed_ = true; }
    bool is_full() const { return closed_ || (!records_.empty() && size_ >= origin_.capacity); }
    std::int32_t size_in_bytes() const { return size_; }
    std::int32_t record_count() const { return static_cast<std::int32_t>(records_.size()); }
    const std::vector<PendingRecord>& records() const { return records_; }
    std::vector<RecordId> record_ids() const;

    // The encoded batch. Closes the batch.
    const SharedBytes& bytes();

    const std::optional<ProducerState>& state() const { return state_; }
    std::int32_t last_sequence() const;  // requires state()
    void set_state(const ProducerState& state);
    // Gives other numbers to a batch that had some; sequence_was_reset() until it is sent again.
    void reset_state(const ProducerState& state);
    bool sequence_was_reset() const { return sequence_reset_; }

    // Retries. `backoff` is how long to wait before the next attempt.
    void reenqueued(SimTime now, SimDuration backoff);
    std::int32_t attempts() const { return attempts_; }
    bool in_retry() const { return attempts_ > 0; }
    SimDuration waited(SimTime now) const;
    SimDuration retry_backoff() const { return retry_backoff_; }
    // A leader newer than the one of the last attempt makes the backoff unnecessary (KIP-951).
    void note_leader_epoch(std::optional<LeaderEpoch> known);
    bool backing_off(SimTime now) const;
    std::optional<LeaderEpoch> leader_epoch() const { return leader_epoch_; }

    bool timed_out(SimTime now, SimDuration delivery_timeout) const {
        return now - origin_.created >= delivery_timeout;
    }

    // Some attempt was, or may have been, appended by a leader.
    void note_may_be_applied() { may_be_applied_ = true; }
    bool may_be_applied() const { return may_be_applied_; }

    // An outcome was told; the batch lives on only until the answer to its request came.
    void finish() { done_ = true; }
    bool is_done() const { return done_; }

  private:
    Origin origin_;
    std::vector<PendingRecord> records_;
    std::int32_t size_;
    bool closed_ = false;
    std::optional<SharedBytes> bytes_;
    std::optional<ProducerState> state_;
    bool sequence_reset_ = false;
    std::int32_t attempts_ = 0;
    SimTime last_attempt_;
    SimTime last_append_;
    SimDuration retry_backoff_{};
    std::optional<LeaderEpoch> leader_epoch_;
    std::int32_t attempts_at_leader_change_ = 0;
    bool may_be_applied_ = false;
    bool done_ = false;
};

}  // namespace bsim::client
