#pragma once
// What goes into a consumer and what comes out of it, beside what every client hears and does
// (client_io.h). The shell carries out the effects in order within the same simulated event.

#include <cstdint>
#include <optional>
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

// CloseRequested: gives the brokers' fetch sessions up, then Closed follows.
using ConsumerInput = std::variant<Started,
                                   PollCalled,
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

using ConsumerEffect = std::variant<Connect,
                                    Close,
                                    SendRequest,
                                    ArmTimer,
                                    RecordsReady,
                                    PollTimedOut,
                                    PollFailed,
                                    PositionReset,
                                    Closed>;
using ConsumerEffects = std::vector<ConsumerEffect>;

}  // namespace bsim::client
