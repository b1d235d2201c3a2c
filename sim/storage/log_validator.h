#pragma once
// What a leader checks of a batch before it takes it, and how it stamps it: offsets are assigned
// from the log end on, base offset and leader epoch written into the header; under LogAppendTime
// also timestamp type, max timestamp and CRC. The payload is not touched.
// DEVIATION: records inside a compressed batch are not looked at one by one, and a batch is never
// recompressed or rebuilt; its header must already be right.
// Source: UnifiedLog.analyzeAndValidateRecords, LogValidator.

#include <array>
#include <cstdint>

#include "sim/base/time.h"
#include "sim/model/ids.h"
#include "sim/storage/log_config.h"
#include "sim/storage/producer_state.h"
#include "sim/wire/record_batch.h"

namespace bsim {

// What one append's batches amount to.
struct AppendAnalysis {
    Offset first_offset;
    Offset last_offset;
    Offset last_offset_of_first_batch;
    WallMs max_timestamp{-1};
    Offset offset_of_max_timestamp{-1};
    std::optional<LeaderEpoch> last_leader_epoch;
    std::int64_t valid_bytes = 0;  // whole batches; 0: nothing to append
    std::int32_t batches = 0;
    std::int32_t records = 0;
    wire::BatchHeader last_header;
};

struct AnalysisRules {
    AppendOrigin origin = AppendOrigin::Client;
    LeaderEpoch leader_epoch{-1};
    std::int32_t max_message_bytes = 0;
    bool check_size = true;       // off for a follower
    bool require_rising = false;  // offsets must rise from batch to batch
};

// Walks whole batches at the front of `records`; CRC and framing of each are checked.
Result<AppendAnalysis, Refusal> analyze_records(ByteView records, const AnalysisRules& rules);

struct Stamping {
    Offset base_offset;
    LeaderEpoch leader_epoch;
    WallMs now;
    AppendOrigin origin = AppendOrigin::Client;
};

struct StampedBatch {
    // To be written in place of the batch's own.
    std::array<std::uint8_t, wire::kBatchOverhead> header{};
    Offset first_offset;
    Offset last_offset;
    WallMs max_timestamp{-1};
    std::optional<WallMs> log_append_time;
    std::uint32_t crc = 0;  // as stamped
};

// Requires `records` to be valid by analyze_records().
Result<StampedBatch, Refusal> validate_and_stamp(ByteView records,
                                                 const AppendAnalysis& analysis,
                                                 const LogConfig& config,
                                                 const Stamping& stamping);

}  // namespace bsim
