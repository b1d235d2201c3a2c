#pragma once
// What can go wrong in storage, as a value. Two families share one type: the disk or a file on it
// said no (Io, NotFound, NoSpace, Corrupt), or a log refused what it was asked to append or read
// (the rest, each with the Kafka error that a broker answers).
// Source: exceptions thrown by UnifiedLog, LogValidator, ProducerAppendInfo and their Errors.

#include <cstdint>
#include <string>
#include <string_view>

#include "sim/base/result.h"

namespace bsim {

namespace wire {
enum class ErrorCode : std::int16_t;
}

enum class StorageErrorKind : std::uint8_t {
    // The device or the file system.
    Io,        // any failure without a kind of its own, EIO above all
    NotFound,  // the file or directory does not exist
    NoSpace,   // ENOSPC, EDQUOT
    Corrupt,   // a file's content breaks its format
    // Refused by the log; nothing was appended.
    CorruptMessage,          // CRC or framing of a batch
    MessageTooLarge,         // a batch above max.message.bytes
    RecordListTooLarge,      // the set does not fit into one segment
    InvalidRecord,           // breaks a rule of the format
    InvalidTimestamp,        // too far from the broker's clock, or LogAppendTime set by a client
    OutOfOrderSequence,      // idempotence: a gap, or a duplicate too old to be recognised
    InvalidProducerEpoch,    // idempotence: fenced
    InvalidTxnState,         // a plain batch inside a transaction
    CoordinatorFenced,       // a marker of a deposed transaction coordinator
    OffsetsOutOfOrder,       // a replicated set whose offsets do not rise
    UnexpectedAppendOffset,  // a replicated set that starts below the log end
    OffsetOutOfRange,        // a read outside [log start, log end]
};

std::string_view name(StorageErrorKind kind);

struct StorageError {
    StorageErrorKind kind = StorageErrorKind::Io;
    std::string path;    // relative to the disk's root; the partition's directory for a refusal
    std::string detail;  // one sentence without a final full stop

    bool operator==(const StorageError&) const = default;
    // "io: g-none-0/00000000000000000000.log: pwrite: Input/output error"
    std::string to_string() const;
    // True for Io, NoSpace, NotFound and Corrupt: Kafka takes the log directory offline.
    bool is_disk_failure() const;
};

// A refusal before it is known which log it concerns.
struct Refusal {
    StorageErrorKind kind = StorageErrorKind::InvalidRecord;
    std::string detail;
};

// The error a broker answers with; KafkaStorageError for the whole first family.
wire::ErrorCode to_error_code(StorageErrorKind kind);

template <class T>
using Stored = Result<T, StorageError>;

}  // namespace bsim
