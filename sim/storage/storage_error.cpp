#include "sim/storage/storage_error.h"

#include "sim/wire/error_code.h"

namespace bsim {

std::string_view name(StorageErrorKind kind) {
    switch (kind) {
        case StorageErrorKind::Io:
            return "io";
        case StorageErrorKind::NotFound:
            return "not-found";
        case StorageErrorKind::NoSpace:
            return "no-space";
        case StorageErrorKind::Corrupt:
            return "corrupt";
        case StorageErrorKind::CorruptMessage:
            return "corrupt-message";
        case StorageErrorKind::MessageTooLarge:
            return "message-too-large";
        case StorageErrorKind::RecordListTooLarge:
            return "record-list-too-large";
        case StorageErrorKind::InvalidRecord:
            return "invalid-record";
        case StorageErrorKind::InvalidTimestamp:
            return "invalid-timestamp";
        case StorageErrorKind::OutOfOrderSequence:
            return "out-of-order-sequence";
        case StorageErrorKind::InvalidProducerEpoch:
            return "invalid-producer-epoch";
        case StorageErrorKind::InvalidTxnState:
            return "invalid-txn-state";
        case StorageErrorKind::CoordinatorFenced:
            return "coordinator-fenced";
        case StorageErrorKind::OffsetsOutOfOrder:
            return "offsets-out-of-order";
        case StorageErrorKind::UnexpectedAppendOffset:
            return "unexpected-append-offset";
        case StorageErrorKind::OffsetOutOfRange:
            return "offset-out-of-range";
    }
    return "?";
}

std::string StorageError::to_string() const {
    std::string text(name(kind));
    return text + ": " + path + ": " + detail;
}

bool StorageError::is_disk_failure() const {
    return kind <= StorageErrorKind::Corrupt;
}

wire::ErrorCode to_error_code(StorageErrorKind kind) {
    using wire::ErrorCode;
    switch (kind) {
        case StorageErrorKind::Io:
        case StorageErrorKind::NotFound:
        case StorageErrorKind::NoSpace:
        case StorageErrorKind::Corrupt:
            return ErrorCode::KafkaStorageError;
        case StorageErrorKind::CorruptMessage:
            return ErrorCode::CorruptMessage;
        case StorageErrorKind::MessageTooLarge:
            return ErrorCode::MessageTooLarge;
        case StorageErrorKind::RecordListTooLarge:
            return ErrorCode::RecordListTooLarge;
        case StorageErrorKind::InvalidRecord:
            return ErrorCode::InvalidRecord;
        case StorageErrorKind::InvalidTimestamp:
            return ErrorCode::InvalidTimestamp;
        case StorageErrorKind::OutOfOrderSequence:
            return ErrorCode::OutOfOrderSequenceNumber;
        case StorageErrorKind::InvalidProducerEpoch:
            return ErrorCode::InvalidProducerEpoch;
        case StorageErrorKind::InvalidTxnState:
            return ErrorCode::InvalidTxnState;
        case StorageErrorKind::CoordinatorFenced:
            return ErrorCode::TransactionCoordinatorFenced;
        case StorageErrorKind::OffsetOutOfRange:
            return ErrorCode::OffsetOutOfRange;
        // Kafka has no code for these two: they reach only a follower's own fetcher.
        case StorageErrorKind::OffsetsOutOfOrder:
        case StorageErrorKind::UnexpectedAppendOffset:
            return ErrorCode::UnknownServerError;
    }
    return ErrorCode::UnknownServerError;
}

}  // namespace bsim
