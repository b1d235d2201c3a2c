#pragma once
// The bytes of a leader's batches, as AppendBatches names them: v2, uncompressed, without a
// producer, sealed with its CRC. Source: MemoryRecords.withLeaderChangeMessage, BatchBuilder
// (raft).

#include <cstdint>
#include <vector>

#include "sim/protocol/kraft/raft_io.h"

namespace bsim::kraft {

std::vector<std::uint8_t> batch_bytes(const LeaderBatch& batch);

}  // namespace bsim::kraft
