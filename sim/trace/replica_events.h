#pragma once
// Events of a replica and its log, and what clients saw of it. `n` is the broker that holds the
// replica. Offsets named `to`, `leo` and `hw` are "next to write"; `base` and `last` are offsets of
// records, both included. The metadata log is the partition `__cluster_metadata-0`.
// Who emits what and when: TRACE.md, table of kinds.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/base/time.h"
#include "sim/model/ids.h"
#include "sim/trace/attributes.h"

namespace bsim {

// The replica acts on the news that it leads. `leo` is where its epoch starts.
struct BecameLeader {
    TopicPartition p;
    LeaderEpoch epoch;
    Offset leo;
    BSIM_EVENT(BecameLeader, p, epoch, leo);
};

struct BecameFollower {
    TopicPartition p;
    LeaderEpoch epoch;
    std::optional<BrokerId> leader;
    Offset leo;
    BSIM_EVENT(BecameFollower, p, epoch, leader, leo);
};

// The leader, when the controller has confirmed the change.
struct IsrShrunk {
    TopicPartition p;
    std::vector<BrokerId> isr;
    std::vector<BrokerId> removed;
    BSIM_EVENT(IsrShrunk, p, isr, removed);
};

struct IsrExpanded {
    TopicPartition p;
    std::vector<BrokerId> isr;
    std::vector<BrokerId> added;
    BSIM_EVENT(IsrExpanded, p, isr, added);
};

// What the partition leader asks of the controller; from here on its maximal ISR holds these, too
// (KIP-497). `partition_epoch` is the one on which the proposal builds.
struct IsrProposed {
    TopicPartition p;
    std::vector<BrokerId> isr;
    LeaderEpoch leader_epoch;
    PartitionEpoch partition_epoch;
    BSIM_EVENT(IsrProposed, p, isr, leader_epoch, partition_epoch);
};

// Metadata told the leader of the partition epoch that it had from an answer already, and it gave
// up what it had proposed on that epoch since: its maximal ISR is the committed one again, though
// the controller may have accepted the proposal or still accept it (Partition.makeLeader of
// Kafka 3.9).
struct IsrProposalDropped {
    TopicPartition p;
    std::vector<BrokerId> isr;
    LeaderEpoch leader_epoch;
    PartitionEpoch partition_epoch;
    BSIM_EVENT(IsrProposalDropped, p, isr, leader_epoch, partition_epoch);
};

// Leader or follower; `epoch` is the leader epoch in which the replica acts.
struct HwAdvanced {
    TopicPartition p;
    Offset hw;
    LeaderEpoch epoch;
    BSIM_EVENT(HwAdvanced, p, hw, epoch);
};

// One a batch, on leader and follower alike; `epoch` and `crc` as they stand in the batch, and, if
// an idempotent producer wrote it, its id and epoch and the sequence number of the first record.
struct LogAppended {
    TopicPartition p;
    Offset base;
    Offset last;
    LeaderEpoch epoch;
    std::int64_t bytes = 0;
    std::uint32_t crc = 0;
    std::optional<std::int64_t> producer_id{};
    std::optional<std::int16_t> producer_epoch{};
    std::optional<std::int32_t> sequence{};
    BSIM_EVENT(
        LogAppended, p, base, last, epoch, bytes, crc, producer_id, producer_epoch, sequence);
};

// All below `to` is on disk.
struct LogFlushed {
    TopicPartition p;
    Offset to;
    BSIM_EVENT(LogFlushed, p, to);
};

// The log end went from `from` to `to`. With `to` >= `from` the replica threw its whole log away
// and starts again, empty, at `to` (Kafka's truncateFullyAndStartAt).
struct LogTruncated {
    TopicPartition p;
    Offset from;
    Offset to;
    BSIM_EVENT(LogTruncated, p, from, to);
};

struct LogStartAdvanced {
    TopicPartition p;
    Offset to;
    std::string why;
    BSIM_EVENT(LogStartAdvanced, p, to, why);
};

struct SegmentRolled {
    TopicPartition p;
    Offset base;
    std::string why;
    BSIM_EVENT(SegmentRolled, p, base, why);
};

struct SegmentDeleted {
    TopicPartition p;
    Offset base;
    std::string why;
    BSIM_EVENT(SegmentDeleted, p, base, why);
};

// At start, for each log found on disk, clean or not; `leo` is the log end afterwards.
struct LogRecovered {
    TopicPartition p;
    std::int64_t segments = 0;
    std::int64_t truncated_bytes = 0;
    Offset leo;
    BSIM_EVENT(LogRecovered, p, segments, truncated_bytes, leo);
};

// Emitted by the producer, one a batch
// -------------------------------------------------------------

// `base` is -1 where the answer names no offset (acks=0). `epoch` is the leader epoch under which
// the producer sent it, `broker` who acknowledged, `acks` the setting (-1 is all). `crc` and
// `producer_id` are those of the batch as the producer built it (-1 without idempotence); brokers
// keep the crc unless they rewrite timestamps or recompress.
struct ProduceAcked {
    TopicPartition p;
    Offset base;
    std::int32_t count = 0;
    LeaderEpoch epoch;
    SimDuration latency_ns;
    std::int32_t acks = -1;
    BrokerId broker;
    std::uint32_t crc = 0;
    std::int64_t producer_id = -1;
    BSIM_EVENT(ProduceAcked, p, base, count, epoch, latency_ns, acks, broker, crc, producer_id);
};

// The partition of a record that was given up before it had one, as Kafka's clients call it; in the
// trace "orders--1".
inline constexpr PartitionIndex kUnknownPartition{-1};

// The producer gave a batch up, or one record that never got into a batch: its partition is then
// kUnknownPartition unless the record came with one or its key decided. `error` is Kafka's name of
// the error code, or the client's own reason in the same style. The records of a batch may stand in
// the log all the same. `latency_ns` counts from when the batch was begun, or the call of send().
// As a topic's name may end in '-', "t--1" could be partition 1 of "t-" too; here it is read as
// partition -1 of "t", in all other events as the former.
struct ProduceFailed {
    TopicPartition p;
    std::int32_t count = 0;
    std::string error;
    SimDuration latency_ns;
    BSIM_EVENT(ProduceFailed, p, count, error, latency_ns);
};

// Emitted by the consumer
// ------------------------------------------------------------------------

// Records are handed to the application. `from` is the first record's offset, `to` the position
// afterwards. The epochs are those of the batches that hold the first and the last record.
struct RecordsConsumed {
    TopicPartition p;
    Offset from;
    Offset to;
    std::int64_t count = 0;
    LeaderEpoch first_epoch;
    LeaderEpoch last_epoch;
    BSIM_EVENT(RecordsConsumed, p, from, to, count, first_epoch, last_epoch);
};

// The position went from `from` to `to` over offsets that hold nothing for the application. `why`:
// control (markers of transactions), aborted (records of aborted ones).
struct RecordsSkipped {
    TopicPartition p;
    Offset from;
    Offset to;
    std::string why;
    BSIM_EVENT(RecordsSkipped, p, from, to, why);
};

// The consumer goes on reading at `to`; `from` is -1 if it had no position. `why`: initial,
// seek (the application's own wish), out_of_range, truncated (the log differs from `to` on),
// no_epoch (the log knows no epoch that the consumer has read).
struct PositionReset {
    TopicPartition p;
    Offset from;
    Offset to;
    std::string why;
    BSIM_EVENT(PositionReset, p, from, to, why);
};

// poll() threw. `error` is Kafka's name of the error code, or the client's own reason in the same
// style; `offset` is the position, `divergence` the offset up to which the log is as consumed; -1
// if there is none.
struct ConsumeFailed {
    TopicPartition p;
    std::string error;
    Offset offset;
    Offset divergence;
    BSIM_EVENT(ConsumeFailed, p, error, offset, divergence);
};

}  // namespace bsim
