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

// What the quorum-state file holds. At most one of `leader` and `voted` is set.
struct ElectionState {
    LeaderEpoch epoch;
    std::optional<BrokerId> leader;
    std::optional<ReplicaKey> voted;

    bool operator==(const ElectionState&) const = default;
};

enum class RoleKind : std::uint8_t { Unattached, Candidate, Leader, Follower, Resigned };
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

    bool has_voter(BrokerId node) const {
        return std::binary_search(voters.begin(), voters.end(), node);
    }
    bool is_voter() const { return has_voter(id); }
    bool is_only_voter() const { return voters.size() == 1 && voters.front() == id; }
};

// The largest batch that a leader writes, and the most that it reads for one fetch.
inline constexpr std::int64_t kMaxBatchBytes = 8 * 1024 * 1024;

}  // namespace bsim::kraft
