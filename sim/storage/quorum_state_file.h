#pragma once
// `quorum-state` of a KRaft node: one line of JSON, data_version 0, without a final newline. A node
// must have it on disk before it sends or answers a vote.
// Source: FileQuorumStateStore, QuorumStateData v0 (KIP-595).

#include <optional>
#include <string>
#include <vector>

#include "sim/model/ids.h"
#include "sim/storage/disk.h"

namespace bsim {

struct QuorumState {
    std::optional<BrokerId> leader;
    LeaderEpoch epoch;
    std::optional<BrokerId> voted;  // whom this node gave its vote to in `epoch`
    std::vector<BrokerId> voters;

    bool operator==(const QuorumState&) const = default;
};

std::string format_quorum_state(const QuorumState& state);
Stored<Done> write_quorum_state(Disk& disk, const std::string& path, const QuorumState& state);
// Nothing if the file is absent.
Stored<std::optional<QuorumState>> read_quorum_state(Disk& disk, const std::string& path);

}  // namespace bsim
