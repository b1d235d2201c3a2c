#pragma once
// Control records: the markers that end a transaction, and the records that a KRaft quorum writes
// about itself. A control batch (attribute bit 5) holds them; their key says which they are:
// i16 version 0, i16 type. Values: a transaction marker is i16 version 0, i32 coordinator epoch;
// the others are the generated messages LeaderChangeMessage, SnapshotHeaderRecord,
// SnapshotFooterRecord, KRaftVersionRecord, VotersRecord, version 0 (3.9 writes no other).
// Source: KIP-98, KIP-595, KIP-630, KIP-853; ControlRecordType, EndTransactionMarker.

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "sim/base/bytes.h"
#include "sim/wire/batch_builder.h"

namespace bsim::wire {

enum class ControlType : std::int16_t {
    Abort = 0,
    Commit = 1,
    LeaderChange = 2,
    SnapshotHeader = 3,
    SnapshotFooter = 4,
    KRaftVersion = 5,
    KRaftVoters = 6,
    Unknown = -1,
};

// Kafka's constant: ABORT, LEADER_CHANGE, KRAFT_VOTERS.
std::string_view name(ControlType type);

std::array<std::uint8_t, 4> control_key(ControlType type);
// nullopt if the key is too short or its version negative; Unknown for a type not known here.
std::optional<ControlType> parse_control_key(ByteView key);

std::vector<std::uint8_t> encode_end_txn_marker(std::int32_t coordinator_epoch);
// The coordinator epoch; nullopt if the value is too short or its version negative.
std::optional<std::int32_t> parse_end_txn_marker(ByteView value);

// The value of a quorum control record.
template <class Message>
std::vector<std::uint8_t> encode_control_value(const Message& message, std::int16_t version) {
    ByteWriter out;
    encode(message, version, out);
    return out.take();
}

// A batch of one control record; `options.control` is set here.
std::vector<std::uint8_t> control_batch(BatchOptions options,
                                        std::int64_t timestamp_ms,
                                        ControlType type,
                                        ByteView value);

}  // namespace bsim::wire
