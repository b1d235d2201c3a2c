#pragma once
// The follower side of one partition: where to fetch next, and what to do with the answer.
//
// from -> to: trigger
//   (start)          -> Fetching at the LEO: the log knows its latest epoch
//   (start)          -> Truncating to the hw: it knows none (an empty log, or one without epochs),
//                       or followers truncate by high watermark
//   Fetching         -> Truncating: the answer carries a diverging epoch, or the leader is shorter
//   Fetching         -> AskingLatest -> (Truncating | AskingEarliest): OFFSET_OUT_OF_RANGE
//   AskingEarliest   -> Truncating (whole log dropped) | Fetching at the own LEO
//   Truncating       -> Fetching at the new end: truncated()
//   any              -> Failed: fenced in the current epoch, storage error; only a new start helps
// Whatever the state, an error that may pass delays the partition by the back-off time.
//
// One exchange: answered() asks for AppendFetched (or FindEpochEnd, TruncateTo, ...); the shell
// acts at once and reports by appended(), epoch_end_found(), truncated(); SetHw and RaiseLogStart
// follow then. The follower's high watermark is the leader's, clamped to [log start, own LEO]; it
// may fall when a new leader's is lower.
//
// Source: AbstractFetcherThread, PartitionFetchState, ReplicaFetcherThread (3.9, truncation on
// fetch).

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "sim/base/bytes.h"
#include "sim/base/time.h"
#include "sim/model/ids.h"
#include "sim/protocol/replication/fetch_check.h"
#include "sim/wire/error_code.h"

namespace bsim::replication {

// How a follower finds out what of its log the new leader may not have. By high watermark is how it
// was before KIP-101: everything above the own mark goes at every new epoch, although it may be
// committed, and nothing is asked of the leader.
enum class Truncation : std::uint8_t { ByLeaderEpoch, ByHighWatermark };

// The follower's own log as it stands.
struct FollowerLog {
    Offset log_start;
    Offset hw;
    Offset leo;
    std::optional<LeaderEpoch> latest_epoch;
};

// ---- Effects of one partition

// Append the batches as they are; report appended() or append_failed().
struct AppendFetched {
    SharedBytes records;
    bool operator==(const AppendFetched&) const = default;
};
// Where does this epoch end in the own log? Report epoch_end_found().
struct FindEpochEnd {
    LeaderEpoch epoch;
    bool operator==(const FindEpochEnd&) const = default;
};
// Report truncated(), or append_failed(Storage) if the disk refuses.
struct TruncateTo {
    Offset offset;
    bool operator==(const TruncateTo&) const = default;
};
struct TruncateFullyAndStartAt {
    Offset offset;
    bool operator==(const TruncateFullyAndStartAt&) const = default;
};
struct SetHw {
    Offset hw;
    bool operator==(const SetHw&) const = default;
};
struct RaiseLogStart {
    Offset offset;
    bool operator==(const RaiseLogStart&) const = default;
};
enum class LogEdge : std::uint8_t { Latest, Earliest };
// Ask the leader by ListOffsets; report leader_edge_found() or leader_edge_refused().
struct AskLeaderOffset {
    LogEdge edge = LogEdge::Latest;
    LeaderEpoch current_leader_epoch;
    bool operator==(const AskLeaderOffset&) const = default;
};
enum class FollowerFailure : std::uint8_t { Fenced, Storage, Unexpected };
// The partition stops being fetched until it is started anew.
struct StopFetching {
    FollowerFailure why = FollowerFailure::Unexpected;
    bool operator==(const StopFetching&) const = default;
};

using FollowerEffect = std::variant<AppendFetched,
                                    FindEpochEnd,
                                    TruncateTo,
                                    TruncateFullyAndStartAt,
                                    SetHw,
                                    RaiseLogStart,
                                    AskLeaderOffset,
                                    StopFetching>;
using FollowerEffects = std::vector<FollowerEffect>;

// ---- Inputs

// This partition's part of a Fetch response, with what the request had said.
struct FetchAnswered {
    Offset requested_offset;
    std::optional<LeaderEpoch> requested_leader_epoch;
    wire::ErrorCode error = wire::ErrorCode::None;
    std::optional<EpochEnd> diverging;
    Offset leader_hw;
    Offset leader_log_start;
    SharedBytes records;
};

enum class AppendFailure : std::uint8_t {
    Corrupt,     // CRC or format: fetched again after the back-off
    Storage,     // the log directory failed
    Unexpected,  // anything else, e.g. offsets that do not fit
};

class PartitionFollower {
  public:
    struct Start {
        LeaderEpoch leader_epoch;
        FollowerLog log;
        Truncation truncation = Truncation::ByLeaderEpoch;
    };
    PartitionFollower(const Start& start, FollowerEffects& out);

    // ---- Inputs
    // Ignored if the partition is not ready or has moved on from the requested offset. True if it
    // took a data answer that moves it to the end of the fetch order.
    bool answered(SimTime now, SimDuration backoff, const FetchAnswered& in, FollowerEffects& out);
    void appended(const FollowerLog& log, FollowerEffects& out);
    void append_failed(SimTime now, SimDuration backoff, AppendFailure why, FollowerEffects& out);
    void epoch_end_found(const std::optional<EpochEnd>& own, FollowerEffects& out);
    void truncated(const FollowerLog& log);
    void leader_edge_found(Offset offset, FollowerEffects& out);
    void leader_edge_refused(SimTime now,
                             SimDuration backoff,
                             wire::ErrorCode error,
                             FollowerEffects& out);
    // Retention or DeleteRecords moved the start of the own log.
    void log_start_moved(Offset log_start) { log_.log_start = log_start; }
    // Does nothing to a partition that is delayed already.
    void delay(SimTime now, SimDuration backoff);

    // ---- Questions
    bool ready(SimTime now) const { return step_ == Step::Fetching && !delayed(now); }
    bool delayed(SimTime now) const { return delayed_until_ && *delayed_until_ > now; }
    bool failed() const { return step_ == Step::Failed; }
    bool asking_leader() const {
        return step_ == Step::AskingLatest || step_ == Step::AskingEarliest;
    }
    Offset fetch_offset() const { return fetch_offset_; }
    Offset log_start() const { return log_.log_start; }
    LeaderEpoch leader_epoch() const { return leader_epoch_; }
    std::optional<LeaderEpoch> last_fetched_epoch() const { return last_fetched_epoch_; }
    // Records behind the leader's high watermark at the last answer; nullopt before the first.
    std::optional<std::int64_t> lag() const { return lag_; }

  private:
    enum class Step : std::uint8_t {
        Fetching,
        Appending,
        FindingEpochEnd,
        Truncating,
        AskingLatest,
        AskingEarliest,
        Failed,
    };

    void take_error(SimTime now,
                    SimDuration backoff,
                    const FetchAnswered& in,
                    FollowerEffects& out);
    void adopt_leader_marks(FollowerEffects& out);
    void truncate_to(Offset offset, FollowerEffects& out);
    void fetch_from_end();
    void fail(FollowerFailure why, FollowerEffects& out);

    LeaderEpoch leader_epoch_;
    Truncation truncation_;
    FollowerLog log_;
    Step step_ = Step::Fetching;
    Offset fetch_offset_;
    std::optional<LeaderEpoch> last_fetched_epoch_;
    std::optional<std::int64_t> lag_;
    std::optional<SimTime> delayed_until_;
    std::optional<LeaderEpoch> asked_with_epoch_;  // of the request that was out of range
    EpochEnd diverging_;                           // while FindingEpochEnd
    Offset leader_hw_;                             // while Appending
    Offset leader_log_start_;                      // while Appending
    Offset leader_end_;                            // while AskingEarliest
};

}  // namespace bsim::replication
