#pragma once
// A producer snapshot, `<offset>.snapshot`: the producer state of a log up to that offset.
//   0 i16 version 1   2 u32 CRC-32C of bytes [6, end)   6 i32 count, then `count` times 46 bytes:
//   0 i64 producerId   8 i16 epoch   10 i32 lastSequence   14 i64 lastOffset   22 i32 offsetDelta
//   26 i64 timestamp   34 i32 coordinatorEpoch   38 i64 currentTxnFirstOffset (-1: none)
// Only the last batch of a producer is kept (-1 where it has none).
// Entries stand in the order of Java's HashMap<Long, ...> over the ids: by bucket, and within a
// bucket by id.
// DEVIATION: Kafka orders a bucket by insertion, and its table keeps the size of its largest day.
// Source: ProducerStateManager.writeSnapshot, readSnapshot.

#include <map>
#include <optional>
#include <vector>

#include "sim/storage/producer_state.h"

namespace bsim {

using ProducerMap = std::map<ProducerId, ProducerEntry>;

std::vector<std::uint8_t> encode_producer_snapshot(const ProducerMap& producers);
// Nothing if version, CRC or length are wrong.
std::optional<ProducerMap> decode_producer_snapshot(ByteView bytes);

}  // namespace bsim
