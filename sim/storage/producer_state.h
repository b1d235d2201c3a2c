#pragma once
// What a log remembers of one idempotent producer, and the rules by which a batch changes it.
// A producer numbers its records per partition: a batch carries baseSequence and, through its
// lastOffsetDelta, the last one; after 2^31-1 comes 0. The log keeps the last five batches of the
// producer's current epoch, so that a resent one is recognised and answered with its old offsets.
// A control batch (transaction marker) ends the producer's transaction.
// Source: ProducerStateEntry, ProducerAppendInfo, BatchMetadata; KIP-98, KIP-360.

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "sim/base/time.h"
#include "sim/model/ids.h"
#include "sim/storage/storage_error.h"
#include "sim/wire/record_batch.h"

namespace bsim {

// Who asks for an append; decides how much is checked.
enum class AppendOrigin : std::uint8_t {
    Client,       // a Produce request
    Coordinator,  // a group or transaction coordinator
    Replication,  // a follower, or loading a log
    RaftLeader,   // the metadata log: offsets and epoch are already in the batch
};

struct ProducerBatch {
    std::int32_t last_sequence = -1;
    Offset last_offset;
    std::int32_t offset_delta = 0;  // last offset - first offset
    WallMs timestamp;

    std::int32_t first_sequence() const;
    Offset first_offset() const { return last_offset + -std::int64_t{offset_delta}; }
    bool operator==(const ProducerBatch&) const = default;
};

class ProducerEntry {
  public:
    static constexpr std::size_t kBatchesKept = 5;
    static constexpr std::int16_t kNoEpoch = -1;

    std::int16_t epoch = kNoEpoch;
    std::int32_t coordinator_epoch = -1;
    WallMs last_timestamp{-1};
    std::optional<Offset> txn_first_offset;  // set while a transaction is open

    bool has_batches() const { return count_ > 0; }
    std::size_t batch_count() const { return count_; }
    const ProducerBatch& batch(std::size_t i) const { return batches_[i]; }  // oldest first
    std::int32_t last_sequence() const { return count_ ? batches_[count_ - 1].last_sequence : -1; }

    // Adopts the epoch (forgetting batches of another one) and remembers the batch.
    void add_batch(std::int16_t batch_epoch, const ProducerBatch& batch);
    // Adopts the epoch and forgets batches of another one.
    void set_epoch(std::int16_t new_epoch);
    // Carries over what `update` has seen since it was made from this entry.
    void merge(const ProducerEntry& update);
    void clear_batches() { count_ = 0; }
    // The kept batch with exactly this epoch and range of sequences.
    std::optional<ProducerBatch> find_duplicate(const wire::BatchHeader& batch) const;

    bool operator==(const ProducerEntry& other) const;

  private:
    std::array<ProducerBatch, kBatchesKept> batches_{};
    std::size_t count_ = 0;
};

struct StartedTxn {
    ProducerId producer;
    Offset first_offset;
    bool operator==(const StartedTxn&) const = default;
};

struct CompletedTxn {
    ProducerId producer;
    Offset first_offset;
    Offset last_offset;  // of the marker
    bool aborted = false;
    bool operator==(const CompletedTxn&) const = default;
};

// The value of a transaction marker's record together with its type.
struct EndTxnMarker {
    bool commit = false;
    std::int32_t coordinator_epoch = 0;
};
// Nothing if the control batch is no transaction marker (or is empty).
std::optional<EndTxnMarker> read_end_txn_marker(ByteView batch);

// Collects the effect of one append's batches on one producer, to be merged after the write.
class ProducerAppend {
  public:
    ProducerAppend(ProducerId producer, const ProducerEntry& current, AppendOrigin origin);

    ProducerId producer() const { return producer_; }
    const ProducerEntry& updated() const { return updated_; }
    const std::vector<StartedTxn>& started() const { return started_; }

    // Checks the batch and takes it in. `first_offset` is the offset that the batch will have or
    // has. Refusals: InvalidProducerEpoch, OutOfOrderSequence, InvalidTxnState, CoordinatorFenced.
    Result<std::optional<CompletedTxn>, Refusal> append(const wire::BatchHeader& header,
                                                        ByteView batch,
                                                        Offset first_offset);

  private:
    std::optional<Refusal> check_epoch(std::int16_t epoch) const;
    std::optional<Refusal> check_sequence(std::int16_t epoch, std::int32_t first) const;
    Result<std::optional<CompletedTxn>, Refusal> append_data(const wire::BatchHeader& header,
                                                             Offset first_offset);
    Result<std::optional<CompletedTxn>, Refusal> append_marker(const wire::BatchHeader& header,
                                                               const EndTxnMarker& marker,
                                                               Offset offset);

    ProducerId producer_;
    AppendOrigin origin_;
    std::int16_t current_epoch_;
    std::int32_t current_last_sequence_;
    ProducerEntry updated_;  // starts as the current entry without its batches
    std::vector<StartedTxn> started_;
};

}  // namespace bsim
