#pragma once
// Events of the simulator, of the life of nodes, of the network and of Raft elections.
// Who emits what and when: TRACE.md, table of kinds.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/model/ids.h"
#include "sim/trace/attributes.h"
#include "sim/trace/node_name.h"

namespace bsim {

enum class StopMode { Graceful, Kill, Power };
template <>
struct EnumNames<StopMode> {
    static constexpr std::array<std::string_view, 3> kNames = {"graceful", "kill", "power"};
};

// QuorumState's roles; `Prospective` exists from Kafka 4.0 on (KIP-996).
enum class RaftRoleName {
    Unattached,
    Voted,
    Prospective,
    Candidate,
    Leader,
    Follower,
    Resigned,
    Observer
};
template <>
struct EnumNames<RaftRoleName> {
    static constexpr std::array<std::string_view, 8> kNames = {
        "unattached", "voted",    "prospective", "candidate",
        "leader",     "follower", "resigned",    "observer"};
};

// Emitted by `sim` -------------------------------------------------------------------------------

struct RunStarted {
    BSIM_EVENT(RunStarted);
};

// A fault takes effect. `targets` are node names, or topics where the fault acts on those.
struct FaultStarted {
    std::string f;
    std::string fault;
    std::vector<std::string> targets;
    BSIM_EVENT(FaultStarted, f, fault, targets);
};

// The fault is healed; of a crash, the new NodeStarted is its end.
struct FaultEnded {
    std::string f;
    std::string fault;
    std::vector<std::string> targets;
    BSIM_EVENT(FaultEnded, f, fault, targets);
};

// The trigger never fired, or there was no target.
struct FaultSkipped {
    std::string f;
    std::string why;
    BSIM_EVENT(FaultSkipped, f, why);
};

// Emitted by the node ----------------------------------------------------------------------------

struct NodeStarted {
    Incarnation incarnation;
    BSIM_EVENT(NodeStarted, incarnation);
};

struct NodeStopped {
    StopMode how = StopMode::Graceful;
    BSIM_EVENT(NodeStopped, how);
};

struct NodePaused {
    BSIM_EVENT(NodePaused);
};

struct NodeResumed {
    BSIM_EVENT(NodeResumed);
};

struct LogDirFailed {
    std::string dir;
    std::string why;
    BSIM_EVENT(LogDirFailed, dir, why);
};

// Network: numbered always, recorded and built only when the run records messages
// ------------------

// `m` numbers the messages of a run from 1; `bytes` is the size on the wire.
struct MessageSent {
    std::uint64_t m = 0;
    NodeName to;
    std::string api;
    std::int64_t bytes = 0;
    BSIM_EVENT(MessageSent, m, to, api, bytes);
};

struct MessageDelivered {
    std::uint64_t m = 0;
    NodeName from;
    std::string api;
    BSIM_EVENT(MessageDelivered, m, from, api);
};

struct MessageDropped {
    std::uint64_t m = 0;
    std::string why;
    BSIM_EVENT(MessageDropped, m, why);
};

struct ConnectionOpened {
    NodeName peer;
    BSIM_EVENT(ConnectionOpened, peer);
};

struct ConnectionClosed {
    NodeName peer;
    std::string why;
    BSIM_EVENT(ConnectionClosed, peer, why);
};

// Raft, emitted by the KRaft node
// ------------------------------------------------------------------

// At each change of role or epoch; `leader` is -1 while none is known.
struct RaftRole {
    RaftRoleName role = RaftRoleName::Unattached;
    LeaderEpoch epoch;
    std::optional<BrokerId> leader;
    BSIM_EVENT(RaftRole, role, epoch, leader);
};

// The voter's answer to a candidate; `pre` for a pre-vote, which binds nobody.
struct RaftVote {
    BrokerId candidate;
    LeaderEpoch epoch;
    bool granted = false;
    bool pre = false;
    BSIM_EVENT(RaftVote, candidate, epoch, granted, pre);
};

struct RaftHw {
    Offset hw;
    LeaderEpoch epoch;
    BSIM_EVENT(RaftHw, hw, epoch);
};

enum class SnapshotStep { Written, Loaded };
template <>
struct EnumNames<SnapshotStep> {
    static constexpr std::array<std::string_view, 2> kNames = {"written", "loaded"};
};

// A metadata snapshot of all below `end`, whose last record is of `epoch`: written to this node's
// disk from its own state, or taken as its state in place of the log.
struct RaftSnapshot {
    Offset end;
    LeaderEpoch epoch;
    SnapshotStep how = SnapshotStep::Written;
    BSIM_EVENT(RaftSnapshot, end, epoch, how);
};

}  // namespace bsim
