#pragma once
// What every part of the Raft node speaks of: keys of replicas, positions in the metadata log, what
// the quorum-state file keeps, and the node's configuration.
//
// Voters are static (controller.quorum.voters, kraft.version 0): the set never changes during a
// run. Source: KIP-595; ElectionState, ReplicaKey, OffsetAndEpoch, QuorumConfig in Kafka's raft
// module.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "sim/base/time.h"
#include "sim/base/uuid.h"
#include "sim/model/ids.h"

namespace bsim::kraft {

// A replica of the metadata log. A zero directory means "not known", and then matches any.
struct ReplicaKey {
    BrokerId id;
    Uuid directory;

    auto operator<=>(const ReplicaKey&) const = default;
};

// The end of a log: `offset` is next to write, `epoch` that of the last record before it (0 when
// there is none). Ordered by epoch first, as logs are compared when votes are asked for.
struct OffsetAndEpoch {
    LeaderEpoch epoch;
    Offset offset;

    auto operator<=>(const OffsetAndEpoch&) const = default;
};

// What the quorum-state file holds. At most one of `leader` and `voted` is set, but for a node with
// pre-vote, which remembers its vote when it learns the leader (as Kafka does from 4.0 on).
struct ElectionState {
    LeaderEpoch epoch;
    std::optional<BrokerId> leader;
    std::optional<ReplicaKey> voted;

    bool operator==(const ElectionState&) const = default;
};

// What a node keeps of a snapshot: a file with the state as of all records below `id.offset`.
struct SnapshotInfo {
    OffsetAndEpoch id;
    std::int64_t bytes = 0;  // of the whole file
    WallMs last_contained;   // timestamp of the last record that it stands for, from its header

    bool operator==(const SnapshotInfo&) const = default;
};

// The name of bootstrap.checkpoint, which is never handed to others.
inline constexpr OffsetAndEpoch kBootstrapSnapshot{};

// Prospective: only with RaftConfig::pre_vote.
enum class RoleKind : std::uint8_t {
    Unattached,
    Candidate,
    Leader,
    Follower,
    Resigned,
    Prospective
};
// "unattached", "candidate", ...: the words of the RaftRole trace event.
const char* role_name(RoleKind kind);

struct RaftConfig {
    BrokerId id;
    Uuid directory;
    std::vector<BrokerId> voters;  // ascending, distinct, not empty
    // Controllers flush whatever they append, voters or not, as they may become voters.
    bool always_flush = false;

    SimDuration election_timeout = milliseconds(1000);
    SimDuration fetch_timeout = milliseconds(2000);
    SimDuration election_backoff_max = milliseconds(1000);
    SimDuration append_linger = milliseconds(25);
    SimDuration request_timeout = milliseconds(2000);
    SimDuration retry_backoff = milliseconds(20);
    SimDuration fetch_max_wait = milliseconds(500);  // a constant in Kafka

    // Log cleaning: the oldest snapshot goes, and the log before the next one, while log and
    // snapshots together are larger than this (metadata.max.retention.bytes), or while the oldest
    // one is older (metadata.max.retention.ms). Absent: no such limit.
    std::optional<std::int64_t> retention_bytes = 100 * 1024 * 1024;
    std::optional<SimDuration> retention = seconds(7 * 24 * 3600);
    SimDuration clean_interval = seconds(60);                   // a constant in Kafka
    std::int64_t snapshot_chunk_bytes = std::int64_t{8} << 20;  // a constant in Kafka

    // What other Kafka versions do, for stories about their bugs. As they stand: 3.9.

    // KIP-996 (from 4.0 on): a node asks whether it would be elected before it raises the epoch.
    bool pre_vote = false;
    // KAFKA-15489 (from 3.7 on): a leader without fetches from a majority for 1.5 fetch timeouts
    // resigns. Off: it leads on until it hears of a higher epoch.
    bool leader_resign_on_no_fetch = true;
    // KAFKA-12619 (from 3.0 on): the high watermark must cover a record of the leader's own epoch.
    // Off: it is enough that a majority has reached the start of the epoch.
    bool commit_own_epoch_only = true;
    // KIP-595: a vote is on disk before it is answered. Off: it is kept in memory only, so that a
    // restarted node may vote twice in one epoch (as with a lost quorum-state).
    bool persist_vote = true;

    bool has_voter(BrokerId node) const {
        return std::binary_search(voters.begin(), voters.end(), node);
    }
    bool is_voter() const { return has_voter(id); }
    // All voters but this node.
    std::vector<BrokerId> others() const {
        std::vector<BrokerId> found = voters;
        std::erase(found, id);
        return found;
    }
    bool is_only_voter() const { return voters.size() == 1 && voters.front() == id; }
};

// The largest batch that a leader writes, and the most that it reads for one fetch.
inline constexpr std::int64_t kMaxBatchBytes = 8 * 1024 * 1024;

}  // namespace bsim::kraft
