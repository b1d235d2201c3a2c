#pragma once
// The partition changes that follow from a broker's coming, going or losing a directory.
// Source: ReplicationControlManager.generateLeaderAndIsrUpdates and its handleBroker* callers.

#include <optional>
#include <set>
#include <vector>

#include "sim/protocol/controller/operation.h"

namespace bsim::controller {

struct LeaderAndIsrUpdate {
    // Leaves every ISR and may not lead, although the state still calls it active.
    std::optional<BrokerId> remove;
    // May lead, although the state still calls it fenced.
    std::optional<BrokerId> add;
    ChangeReason reason = ChangeReason::Replayed;
};

// Adds a record for each of `partitions` that the update changes.
void update_leaders_and_isrs(const ControllerState& state,
                             const LeaderAndIsrUpdate& update,
                             const std::set<TopicIdPartition>& partitions,
                             OperationResult& out);

// The ISRs first, then the fencing of the registration.
void broker_fenced(const ControllerState& state,
                   BrokerId broker,
                   FenceReason why,
                   OperationResult& out);
// The registration first, then leaders for partitions that have none.
void broker_unfenced(const ControllerState& state, BrokerId broker, OperationResult& out);
// The registration first (unless it says so already), then the ISRs.
void broker_in_controlled_shutdown(const ControllerState& state,
                                   BrokerId broker,
                                   OperationResult& out);
void directories_offline(const ControllerState& state,
                         BrokerId broker,
                         const std::vector<Uuid>& offline,
                         OperationResult& out);

// decide_partition_change with what the state says of candidates and directories.
void propose_change(const ControllerState& state,
                    const TopicIdPartition& tp,
                    PartitionChangeWish wish,
                    ChangeReason reason,
                    OperationResult& out);

}  // namespace bsim::controller
