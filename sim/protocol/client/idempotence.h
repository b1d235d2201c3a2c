#pragma once
// The idempotent producer's identity and sequence numbers.
//
// Each partition numbers its records from 0 under the producer's id and epoch; a broker takes a
// batch only if its base sequence follows the last one. Batches that were sent and have no outcome
// are "in flight", ordered by sequence; a batch that is retried waits until it is the first of
// them. When a sequence is lost (a batch failed or expired for good and what follows would leave a
// gap) the epoch grows by one, locally: the partitions that asked for it renumber their batches in
// flight from 0, the others go on under the old epoch until nothing of theirs is in flight.
// Source: KIP-98, KIP-360, producer.internals.TransactionManager (without a transactional.id),
// TxnPartitionEntry.

#include <cstdint>
#include <map>
#include <optional>
#include <set>

#include "sim/model/ids.h"
#include "sim/protocol/client/producer_batch.h"
#include "sim/protocol/client/record_accumulator.h"
#include "sim/wire/error_code.h"

namespace bsim::client {

class Idempotence {
  public:
    const std::optional<ProducerIdentity>& identity() const { return identity_; }
    void set_identity(const ProducerIdentity& identity) { identity_ = identity; }

    // After this error the producer can do nothing any more.
    const std::optional<wire::ErrorCode>& fatal_error() const { return fatal_; }
    void fail(wire::ErrorCode error) { fatal_ = error; }

    // Before each turn of the sender: settles partitions whose sequences were in doubt and have
    // nothing in flight any more, then bumps the epoch if that was asked for. An epoch that cannot
    // grow any more takes the identity away; a new one has to be fetched.
    void resolve_sequences();
    bool bump_if_needed(BatchStore& batches);  // true if the identity changed or was given up

    // Whether the first batch of a queue may be taken now.
    bool may_drain(const ProducerBatch& first) const;
    // Gives a batch that has no sequence yet the next one and tracks it. Requires may_drain().
    void assign(ProducerBatch& batch, BatchStore& batches);

    struct Answer {
        wire::ErrorCode error = wire::ErrorCode::None;
        std::optional<Offset> log_start;
    };
    // Whether a batch that was answered with an error shall be sent again; may ask for a new epoch.
    bool can_retry(const Answer& answer, const ProducerBatch& batch);
    void completed(const ProducerBatch& batch, std::optional<Offset> base_offset);
    // `adjust`: the batch is surely over, so its sequences must be taken out of the numbering.
    void failed(const ProducerBatch& batch, wire::ErrorCode error, bool adjust);
    // The batch expired after it was sent: whether its sequences were used is not known.
    void mark_unresolved(const ProducerBatch& batch);

    void track(const ProducerBatch& batch);
    void untrack(const ProducerBatch& batch);
    bool has_in_flight(const TopicPartition& tp) const;
    std::optional<std::int32_t> next_sequence(const TopicPartition& tp) const;
    bool is_unresolved(const TopicPartition& tp) const { return unresolved_.contains(tp); }

  private:
    struct Partition {
        std::optional<ProducerIdentity> identity;  // under which it numbers its batches
        std::int32_t next_sequence = 0;
        std::optional<std::int32_t> last_acked;  // last sequence of the last batch acknowledged
        std::optional<Offset> last_acked_offset;
        std::map<ProducerState, BatchId> in_flight;  // in sequence order
    };

    void start_at_beginning(Partition& partition, BatchStore& batches);
    void request_bump(const TopicPartition& tp);
    bool follows_last_acked(const TopicPartition& tp, std::int32_t sequence) const;
    bool retry_unknown_producer(const Answer& answer, const ProducerBatch& batch);
    bool retry_out_of_order(const ProducerBatch& batch);

    std::optional<ProducerIdentity> identity_;
    std::optional<wire::ErrorCode> fatal_;
    std::map<TopicPartition, Partition> partitions_;
    std::map<TopicPartition, std::int32_t> unresolved_;  // with the sequence after the lost one
    std::set<TopicPartition> to_renumber_;
    bool bump_required_ = false;
    bool fresh_identity_ = false;  // the epoch was used up: the next identity is the bump
};

}  // namespace bsim::client
