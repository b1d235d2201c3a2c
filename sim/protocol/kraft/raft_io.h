#pragma once
// What goes into the Raft node (past tense) and what comes out of it (imperative).
//
// The shell carries effects out in order. Log effects come with an answer that must be the next
// input but for those marked "any time", because Kafka's Raft thread does its log I/O itself and
// handles no message meanwhile: AppendBatches and AppendFetched -> Appended; Truncate -> Truncated;
// Flush -> Flushed; InstallSnapshot -> SnapshotInstalled; DeleteBeforeSnapshot ->
// PrefixDeleted. A shell that charges device time holds other inputs back until then.
// PersistQuorumState is written, fsynced and renamed before the next effect is carried out.
//
// Snapshots. CreateSnapshot is carried out beside the Raft thread, at leisure, and needs no answer:
// the snapshot appears in LogView::snapshots() once it is complete and in place. The three effects
// on a fetched snapshot concern the one that the follower is fetching; its file counts only once it
// is installed, and a restart throws an unfinished one away. A node that starts must first finish
// what an earlier life began: if the latest snapshot is ahead of the log's end (by epoch, then
// offset), the log is emptied to start at it, as InstallSnapshot does. After AdvanceHw a state
// machine is given the latest snapshot first when must_load_snapshot() (log_view.h) says so.

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sim/base/bytes.h"
#include "sim/protocol/kraft/log_view.h"
#include "sim/protocol/kraft/messages.h"
#include "sim/protocol/kraft/types.h"

namespace bsim::kraft {

using RequestId = Strong<struct RaftRequestIdTag, std::uint64_t>;  // inbound, given by the shell
using CorrelationId = Strong<struct RaftCorrelationTag, std::int32_t>;  // outbound, by the node

// Uniform 64-bit numbers, drawn anew for every step whether used or not.
struct RaftDraws {
    std::uint64_t election = 0;   // length of an election timeout
    std::uint64_t backoff = 0;    // length of a candidate's backoff
    std::uint64_t bootstrap = 0;  // which voter is asked first for the leader
};

struct RaftContext {
    SimTime now;
    WallMs wall;  // stamps batches
    const LogView& log;
    RaftDraws draws;
};

// ---- inputs ----

// First input. `stored` is what quorum-state held, absent on the first start.
struct Started {
    std::optional<ElectionState> stored;
};
struct RequestReceived {
    RequestId request;
    RaftRequest body;
};
struct ResponseReceived {
    BrokerId from;
    CorrelationId correlation;
    RaftResponse body;
};
// The connection was refused, reset or closed before the answer came.
struct RequestFailed {
    BrokerId to;
    CorrelationId correlation;
};
// Any time. The controller wrote records (values of its metadata records, framed) in its epoch.
// Ignored in any other epoch than the one this node leads; ask leading_epoch() before.
struct RecordsPrepared {
    LeaderEpoch epoch;
    std::vector<SharedBytes> values;
};
struct Appended {};
struct Truncated {};
struct Flushed {};
struct SnapshotInstalled {};
struct PrefixDeleted {};
// Any time. The state machine is at `id.offset`, all records below being applied, the last of them
// of epoch `id.epoch`, and wants that state kept (see snapshot_generator.h for when it should).
struct SnapshotWanted {
    OffsetAndEpoch id;
};
// Any time. Early or stale firings are harmless.
struct TimerFired {};
// Any time. The controller gives its leadership of `epoch` up.
struct ResignRequested {
    LeaderEpoch epoch;
};
// Any time. The process stops in an orderly way; ShutdownCompleted follows.
struct ShutdownRequested {
    SimDuration timeout;
};

using RaftInput = std::variant<Started,
                               RequestReceived,
                               ResponseReceived,
                               RequestFailed,
                               RecordsPrepared,
                               Appended,
                               Truncated,
                               Flushed,
                               SnapshotInstalled,
                               PrefixDeleted,
                               SnapshotWanted,
                               TimerFired,
                               ResignRequested,
                               ShutdownRequested>;

// ---- effects ----

struct PersistQuorumState {
    ElectionState state;
    bool operator==(const PersistQuorumState&) const = default;
};
// Enter (epoch, end offset) into the leader epoch cache.
struct AssignLeaderEpoch {
    LeaderEpoch epoch;
    bool operator==(const AssignLeaderEpoch&) const = default;
};

// A control batch with one LeaderChange record (version 0), voters ascending.
struct LeaderChangeBatch {
    Offset base;
    LeaderEpoch epoch;
    WallMs timestamp;
    BrokerId leader;
    std::vector<BrokerId> voters;
    std::vector<BrokerId> granting;
    bool operator==(const LeaderChangeBatch&) const = default;
};
// One uncompressed batch; every record has a null key, no headers and the batch's timestamp.
struct RecordsBatch {
    Offset base;
    LeaderEpoch epoch;
    WallMs timestamp;
    std::vector<SharedBytes> values;
    bool operator==(const RecordsBatch&) const = default;
};
using LeaderBatch = std::variant<LeaderChangeBatch, RecordsBatch>;

struct AppendBatches {
    std::vector<LeaderBatch> batches;
    bool operator==(const AppendBatches&) const = default;
};
// Append what the leader sent, as it is.
struct AppendFetched {
    SharedBytes records;
    bool operator==(const AppendFetched&) const = default;
};
struct Truncate {
    Offset to;
    bool operator==(const Truncate&) const = default;
};
struct Flush {
    bool operator==(const Flush&) const = default;
};
// Write the state machine's state as of `id`, as a snapshot of this name: it is committed, and the
// log holds it. Answers a SnapshotWanted in the same step; without this effect there is nothing to
// do (the snapshot exists, is older than the log, or is not a point of the committed log).
struct CreateSnapshot {
    OffsetAndEpoch id;
    bool operator==(const CreateSnapshot&) const = default;
};
// Open an empty file for the snapshot that the leader named.
struct StartFetchedSnapshot {
    OffsetAndEpoch id;
    bool operator==(const StartFetchedSnapshot&) const = default;
};
struct AppendFetchedSnapshot {
    OffsetAndEpoch id;
    SharedBytes bytes;
    bool operator==(const AppendFetchedSnapshot&) const = default;
};
// It will not be finished: delete the file.
struct DropFetchedSnapshot {
    OffsetAndEpoch id;
    bool operator==(const DropFetchedSnapshot&) const = default;
};
// It is complete. Sync and rename it, then empty the log so that it starts and ends at `id.offset`,
// with an empty leader epoch cache, and delete the snapshots before it. AdvanceHw follows.
struct InstallSnapshot {
    OffsetAndEpoch id;
    bool operator==(const InstallSnapshot&) const = default;
};
// Raise the log's start to `id.offset`, where a snapshot is, and delete the segments and snapshots
// that lie wholly before it.
struct DeleteBeforeSnapshot {
    OffsetAndEpoch id;
    bool operator==(const DeleteBeforeSnapshot&) const = default;
};
// Records below `hw` are committed: hand those not handed out yet to the state machines.
struct AdvanceHw {
    Offset hw;
    LeaderEpoch epoch;
    bool operator==(const AdvanceHw&) const = default;
};
// For the trace (RaftRole).
struct RoleChanged {
    RoleKind role;
    LeaderEpoch epoch;
    std::optional<BrokerId> leader;
    bool operator==(const RoleChanged&) const = default;
};
// For controller and broker. A node hears of its own leadership only after AdvanceHw has covered
// the LeaderChange of the epoch, that is, after all earlier records have been handed out.
struct AnnounceLeader {
    LeaderEpoch epoch;
    std::optional<BrokerId> leader;
    bool operator==(const AnnounceLeader&) const = default;
};
// For the trace (RaftVote).
struct VoteCast {
    BrokerId candidate;
    LeaderEpoch epoch;
    bool granted = false;
    bool pre = false;  // the answer to a pre-vote, which binds nobody
    bool operator==(const VoteCast&) const = default;
};
struct SendRequest {
    BrokerId to;
    CorrelationId correlation;
    RaftRequest body;
    bool operator==(const SendRequest&) const = default;
};
struct Reply {
    RequestId request;
    RaftAnswer body;
    bool operator==(const Reply&) const = default;
};
// The node has one timer; this replaces it. Absent: none is needed.
struct ArmTimer {
    std::optional<SimTime> at;
    bool operator==(const ArmTimer&) const = default;
};
struct ShutdownCompleted {
    bool timed_out;
    bool operator==(const ShutdownCompleted&) const = default;
};

// What no correct quorum does has happened (two leaders in one epoch, a leader whose log ends below
// what is committed): Kafka's fatal fault handler ends the process, and so must the shell.
// Reachable when a disk lost what was synced, or when the only voter lost what it had not synced
// yet. The node ignores all later inputs.
struct Halt {
    std::string why;
    bool operator==(const Halt&) const = default;
};

using RaftEffect = std::variant<PersistQuorumState,
                                AssignLeaderEpoch,
                                AppendBatches,
                                AppendFetched,
                                Truncate,
                                Flush,
                                CreateSnapshot,
                                StartFetchedSnapshot,
                                AppendFetchedSnapshot,
                                DropFetchedSnapshot,
                                InstallSnapshot,
                                DeleteBeforeSnapshot,
                                AdvanceHw,
                                RoleChanged,
                                AnnounceLeader,
                                VoteCast,
                                SendRequest,
                                Reply,
                                ArmTimer,
                                ShutdownCompleted,
                                Halt>;
using RaftEffects = std::vector<RaftEffect>;

}  // namespace bsim::kraft
