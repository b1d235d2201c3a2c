#pragma once
// The questions that every replica asks of a Fetch before it reads its log, leader or not.
//
// Order of the answers, first match wins:
//   1. current leader epoch given and lower than mine: FENCED_LEADER_EPOCH; higher:
//      UNKNOWN_LEADER_EPOCH.
//   2. last fetched epoch given, and my log cannot say where that epoch ends: OFFSET_OUT_OF_RANGE.
//   3. fetch offset below my log start: OFFSET_OUT_OF_RANGE.
//   4. the largest epoch of mine that is not above the last fetched one is smaller than it, or it
//      ends below the fetch offset: no error and no records, but the diverging epoch and its end.
//   5. fetch offset beyond my LEO: OFFSET_OUT_OF_RANGE.
// Source: Partition.checkCurrentLeaderEpoch, Partition.readRecords, UnifiedLog.read; KIP-320,
// KIP-595.

#include <cstdint>
#include <optional>

#include "sim/model/epoch_end.h"
#include "sim/model/ids.h"
#include "sim/wire/error_code.h"

namespace bsim::replication {

struct FetchPosition {
    Offset fetch_offset;
    std::optional<LeaderEpoch> current_leader_epoch;  // absent from old consumers only
    std::optional<LeaderEpoch> last_fetched_epoch;    // epoch of the last record the fetcher has
};

// What the log says about a position. `end_of_last_fetched` is the epoch cache's answer to "where
// does the last fetched epoch end", nullopt if that is undefined or was not asked.
struct PositionFacts {
    LeaderEpoch leader_epoch;
    Offset log_start;
    Offset leo;
    std::optional<EpochEnd> end_of_last_fetched;
};

struct FetchVerdict {
    wire::ErrorCode error = wire::ErrorCode::None;
    std::optional<EpochEnd> diverging;
    // True if records may be read.
    bool readable() const { return error == wire::ErrorCode::None && !diverging; }
};

wire::ErrorCode check_leader_epoch(std::optional<LeaderEpoch> asked, LeaderEpoch mine);

FetchVerdict check_fetch(const FetchPosition& position, const PositionFacts& facts);

// How far a reader may see: followers to the LEO, consumers to the high watermark, or to the last
// stable offset if they read committed transactions only.
enum class Isolation : std::uint8_t { LogEnd, HighWatermark, TxnCommitted };

struct ReadLimits {
    Offset leo;
    Offset hw;
    Offset last_stable;
};

Offset read_limit(Isolation isolation, const ReadLimits& limits);

}  // namespace bsim::replication
