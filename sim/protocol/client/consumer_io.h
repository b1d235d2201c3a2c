#pragma once
// What goes into a consumer and what comes out of it, beside what every client hears and does
// (client_io.h). The shell carries out the effects in order within the same simulated event.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sim/base/bytes.h"
#include "sim/base/time.h"
#include "sim/model/ids.h"
#include "sim/protocol/client/client_io.h"
#include "sim/wire/error_code.h"

namespace bsim::client {

// --- Inputs: what happened -------------------------------------------------------------------

// The application calls poll(). It ends with exactly one of RecordsReady, PollTimedOut and
// PollFailed, or with Closed; before that it must not be called again.
struct PollCalled {
    SimDuration timeout;
};

// The application calls seek(). Not while it is in poll().
struct SeekCalled {
    TopicPartition partition;
    Offset offset;
};

// The application calls subscribe(). A consumer with a group does so before its first poll().
struct SubscribeCalled {
    std::set<std::string> topics;
};

// What is committed: the offset to read next, and the epoch of the record before it, if known.
struct CommittableOffset {
    Offset offset;
    std::optional<LeaderEpoch> epoch;

    bool operator==(const CommittableOffset&) const = default;
};
using CommittableOffsets = std::map<TopicPartition, CommittableOffset>;

// The application calls commitSync() or commitAsync(). Not while it is in poll() or commitSync().
// commitSync() ends with a CommitEnded of kind Sync; what becomes of commitAsync() is told by one
// of kind Async in a later call.
struct CommitCalled {
    bool sync = true;
    std::optional<CommittableOffsets> offsets;  // none: the positions of all that it owns
};

// CloseRequested: commits and leaves the group as configured, gives the brokers' fetch sessions up,
// then Closed follows.
using ConsumerInput = std::variant<Started,
                                   SubscribeCalled,
                                   PollCalled,
                                   CommitCalled,
                                   SeekCalled,
                                   ConnectionOpened,
                                   ConnectionFailed,
                                   ConnectionClosed,
                                   ResponseArrived,
                                   TimerFired,
                                   CloseRequested>;

// --- Effects: what to do, what to tell -------------------------------------------------------

struct ConsumedRecord {
    Offset offset;
    std::optional<std::vector<std::uint8_t>> value;  // none: a tombstone
};

// Offsets that the position passed without a record for the application.
enum class SkipReason { Control, Aborted };
struct SkippedOffsets {
    Offset from;
    Offset to;  // the first offset after them
    SkipReason why = SkipReason::Control;
};

// What one partition contributes to the answer of poll().
struct PartitionRecords {
    TopicPartition partition;
    std::vector<ConsumedRecord> records;  // in offset order; may be empty
    Offset position;                      // afterwards
    // Leader epochs of the batches of the first and of the last record.
    std::optional<LeaderEpoch> first_epoch;
    std::optional<LeaderEpoch> last_epoch;
    std::vector<SkippedOffsets> skipped;  // ascending
};

// poll() returns. Positions have advanced, if only past what the application does not see.
struct RecordsReady {
    std::vector<PartitionRecords> partitions;
};
// poll() returns nothing.
struct PollTimedOut {};

enum class PollFailure {
    NoOffset,          // NoOffsetForPartitionException: no position, and auto.offset.reset is none
    OffsetOutOfRange,  // OffsetOutOfRangeException: the same for a position that the log lacks
    LogTruncation,     // LogTruncationException: the log was cut below what was consumed
    CorruptRecords,    // KafkaException: a batch with a bad checksum or bad records
    Assignor,          // what the group's assignor threw; this member led the group
    Refused,           // any other exception: `error` is the broker's
};
// poll() throws.
struct PollFailed {
    struct Partition {
        TopicPartition partition;
        std::optional<Offset> position;
        std::optional<Offset> divergence;  // LogTruncation: up to here the log is as consumed
    };
    PollFailure why = PollFailure::Refused;
    wire::ErrorCode error = wire::ErrorCode::None;
    std::vector<Partition> partitions;  // may be empty
};
// In the style of Kafka's error codes: LOG_TRUNCATION.
std::string_view failure_name(const PollFailed& failure);

// Told for traces: the position of a partition is `to`, whatever it was.
enum class ResetReason {
    Initial,     // there was none
    Committed,   // the group committed this one
    Sought,      // the application wished it
    OutOfRange,  // the leader's log does not reach to it, or begins after it
    Truncated,   // the log was cut at `to` and differs from there on
    NoEpoch,     // the leader's log knows no epoch up to that of the last record consumed
};
std::string_view name(ResetReason why);
struct PositionReset {
    TopicPartition partition;
    std::optional<Offset> from;
    Offset to;
    ResetReason why = ResetReason::Initial;
};

// Told for traces: what the member owns from now on. The callbacks of a rebalance listener.
enum class AssignmentCause {
    Assigned,  // onPartitionsAssigned
    Revoked,   // onPartitionsRevoked: it gave some up, orderly
    Lost,      // onPartitionsLost: the group went on without it
    Closed,    // onPartitionsRevoked while it closes
};
std::string_view name(AssignmentCause why);
struct AssignmentUpdated {
    AssignmentCause why = AssignmentCause::Assigned;
    std::vector<TopicPartition> owned;  // ascending
    GenerationId generation;            // -1: none any more
    std::string member_id;              // empty: none any more
};

enum class CommitKind { Sync, Async, Auto };
using CommitId = Strong<struct CommitIdTag, std::int64_t>;
// An attempt to commit something begins; CommitEnded with this id follows, unless the consumer ends
// before.
struct CommitBegun {
    CommitId id;
    CommitKind kind = CommitKind::Sync;
    CommittableOffsets offsets;  // not empty
};
struct CommitEnded {
    CommitId id;
    CommitKind kind = CommitKind::Sync;
    // In the style of Kafka's error codes, as ILLEGAL_GENERATION; COMMIT_FAILED if the member knew
    // by itself that it is none any more; empty: committed.
    std::string error;
    bool may_be_in_force = false;  // despite the error
    GenerationId generation;       // in which it was asked for
};

// Told for traces: commitSync() asks again, and its last request may yet take effect.
struct CommitRetried {
    std::string error;  // as in CommitEnded
    GenerationId generation;
};

using ConsumerEffect = std::variant<Connect,
                                    Close,
                                    SendRequest,
                                    ArmTimer,
                                    RecordsReady,
                                    PollTimedOut,
                                    PollFailed,
                                    AssignmentUpdated,
                                    CommitBegun,
                                    CommitEnded,
                                    CommitRetried,
                                    PositionReset,
                                    Closed>;
using ConsumerEffects = std::vector<ConsumerEffect>;

}  // namespace bsim::client
