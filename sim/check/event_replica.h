#pragma once
// The replica of which an event tells.

#include "sim/check/cluster_view.h"

namespace bsim {

// Of `p` on the event's node; nullptr if that is no server, or nothing is known of it.
inline const ReplicaView* replica_of(const Event& event,
                                     const TopicPartition& p,
                                     const ClusterView& view) {
    const auto id = event.n.kafka_id();
    const PartitionView* const partition = view.partition(p);
    return id && partition != nullptr ? partition->replica(*id) : nullptr;
}

}  // namespace bsim
