#pragma once
// What the leader side of a partition is told (past tense) and what it asks for (imperative).
// The shell carries the effects out in order, within the same simulated event.

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "sim/base/time.h"
#include "sim/model/ids.h"
#include "sim/protocol/replication/cluster_view.h"
#include "sim/wire/error_code.h"

namespace bsim::replication {

// The moment at which a step happens, and what the broker knows of its peers then.
struct LeaderContext {
    SimTime now;
    const ClusterView& cluster;
};

// ---- Inputs

// A follower's Fetch was read (not answered from the purgatory, and not with a diverging epoch).
struct FollowerFetched {
    BrokerId replica;
    Offset fetch_offset;                      // the follower's LEO
    Offset log_start;                         // the follower's
    std::optional<BrokerEpoch> broker_epoch;  // nullopt: the request carried none (-1)
    Offset leader_leo;                        // sampled before the log was read
};

struct IsrMember {
    BrokerId id;
    std::optional<BrokerEpoch> epoch;  // nullopt: not known, the controller will not compare it
    bool operator==(const IsrMember&) const = default;
};

// One proposed change of the ISR. The answer carries it back, so that an answer to a proposal that
// is no longer pending can be told apart.
struct IsrProposal {
    LeaderEpoch leader_epoch;
    PartitionEpoch partition_epoch;  // what the proposer believes is current
    std::vector<IsrMember> isr;
    bool recovering = false;
    bool operator==(const IsrProposal&) const = default;
};

// The controller's positive answer: the partition as it stands now.
struct IsrAccepted {
    LeaderEpoch leader_epoch;
    PartitionEpoch partition_epoch;
    std::vector<BrokerId> isr;
    bool recovering = false;
    bool operator==(const IsrAccepted&) const = default;
};

using IsrAnswer = std::variant<IsrAccepted, wire::ErrorCode>;

// ---- Effects

// Put (epoch, offset) into the epoch cache, although no record of this epoch exists yet.
struct StartEpoch {
    LeaderEpoch epoch;
    Offset offset;
    bool operator==(const StartEpoch&) const = default;
};
struct AdvanceHw {
    Offset hw;
    bool operator==(const AdvanceHw&) const = default;
};
// Look again at parked operations of this partition (purgatories).
struct WakeFetches {
    bool operator==(const WakeFetches&) const = default;
};
struct CompleteProduces {
    Offset hw;
    bool operator==(const CompleteProduces&) const = default;
};
struct CompleteDeletes {
    bool operator==(const CompleteDeletes&) const = default;
};
// Hand the proposal to the AlterPartition queue; the answer comes back by isr_answered().
struct ProposeIsr {
    IsrProposal proposal;
    bool operator==(const ProposeIsr&) const = default;
};
// News of a partition epoch that is known already: the proposal, which the controller may have
// accepted, no longer counts here.
struct ProposalDropped {
    IsrProposal proposal;
    bool operator==(const ProposalDropped&) const = default;
};
// The committed ISR differs from the one committed before.
struct IsrCommitted {
    std::vector<BrokerId> isr;
    std::vector<BrokerId> added;
    std::vector<BrokerId> removed;
    bool proposed =
        false;  // true: what this leader had asked for; false: the controller's own move
    bool operator==(const IsrCommitted&) const = default;
};

using LeaderEffect = std::variant<StartEpoch,
                                  AdvanceHw,
                                  WakeFetches,
                                  CompleteProduces,
                                  CompleteDeletes,
                                  ProposeIsr,
                                  ProposalDropped,
                                  IsrCommitted>;
using LeaderEffects = std::vector<LeaderEffect>;

}  // namespace bsim::replication
