#pragma once
// What the metadata says of one partition, and what role a broker that holds a replica takes then.
// The partition epoch grows by one with every change of the partition, the leader epoch with every
// election. News older than what the broker knows is ignored; news with an equal partition epoch is
// applied, because the answer to AlterPartition may have told it before.
// Source: Partition.makeLeader, Partition.makeFollower.

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/model/ids.h"

namespace bsim::replication {

struct PartitionNews {
    std::optional<BrokerId> leader;
    LeaderEpoch leader_epoch;
    PartitionEpoch partition_epoch;
    std::vector<BrokerId> replicas;  // in assignment order; adding replicas included
    std::vector<BrokerId> isr;       // in the controller's order, a subset of replicas
    bool recovering = false;         // the leader was elected uncleanly and has not said RECOVERED
};

// What a broker knows of a partition before the news; nothing when it holds no such replica yet.
struct KnownRole {
    bool leading = false;
    LeaderEpoch leader_epoch;
    PartitionEpoch partition_epoch;
};

enum class RoleChange : std::uint8_t {
    Ignore,          // older than what is known
    BecomeLeader,    // it did not lead: make a PartitionLeader
    StayLeader,      // it led: PartitionLeader::metadata_changed, also for a new leader epoch
    BecomeFollower,  // new leader epoch (or no replica before): restart fetching, if a leader is
                     // known
    StayFollower,    // same leader epoch: only the partition epoch moves, the fetcher goes on
};

RoleChange role_change(const std::optional<KnownRole>& known,
                       const PartitionNews& news,
                       BrokerId self);

}  // namespace bsim::replication
