#include "sim/check/registry.h"

#include "sim/check/acked_records_durable.h"
#include "sim/check/beyond_hw.h"
#include "sim/check/churn_budget.h"
#include "sim/check/commit_fencing.h"
#include "sim/check/committed_prefix.h"
#include "sim/check/consumer_positions.h"
#include "sim/check/controller_state_legal.h"
#include "sim/check/exactly_once_per_producer.h"
#include "sim/check/generation_monotonic.h"
#include "sim/check/hw_monotonic.h"
#include "sim/check/isr_holds_committed.h"
#include "sim/check/isr_lag.h"
#include "sim/check/liveness.h"
#include "sim/check/maximal_isr_covers.h"
#include "sim/check/metadata_prefix.h"
#include "sim/check/no_produce_errors.h"
#include "sim/check/offsets_monotonic.h"
#include "sim/check/one_owner_per_partition.h"
#include "sim/check/per_partition_order.h"
#include "sim/check/raft_committed.h"
#include "sim/check/raft_roles.h"
#include "sim/check/raft_vote_once.h"
#include "sim/check/recovery_is_valid_prefix.h"
#include "sim/check/replicas_converge.h"
#include "sim/check/retention_contract.h"
#include "sim/check/single_leader_per_epoch.h"
#include "sim/check/stale_epoch_ack.h"

namespace bsim {

const std::vector<std::string_view>& check_names() {
    static const std::vector<std::string_view> kNames = {"G1a",
                                                         "acked-records-durable",
                                                         "availability",
                                                         "beyond-hw",
                                                         "churn-budget",
                                                         "commit-fencing",
                                                         "committed-prefix",
                                                         "consumer-positions",
                                                         "controller-state-legal",
                                                         "duplicate",
                                                         "exactly-once-per-producer",
                                                         "generation-monotonic",
                                                         "hw-monotonic",
                                                         "inconsistent-offsets",
                                                         "isr-holds-committed",
                                                         "isr-lag",
                                                         "liveness",
                                                         "lost-write",
                                                         "maximal-isr-covers",
                                                         "metadata-prefix",
                                                         "no-produce-errors",
                                                         "nonmonotonic-poll",
                                                         "nonmonotonic-send",
                                                         "offsets-monotonic",
                                                         "one-owner-per-partition",
                                                         "per-partition-order",
                                                         "poll-skip",
                                                         "raft-committed",
                                                         "raft-roles",
                                                         "raft-vote-once",
                                                         "recovery-is-valid-prefix",
                                                         "replicas-converge",
                                                         "retention-contract",
                                                         "segments-readable",
                                                         "single-leader-per-epoch",
                                                         "stale-epoch-ack",
                                                         "thin-air-read",
                                                         "undeclared-reset",
                                                         "unseen"};
    return kNames;
}

std::vector<std::unique_ptr<Checker>> make_checkers(const CheckSettings& settings) {
    std::vector<std::unique_ptr<Checker>> checkers;
    checkers.push_back(std::make_unique<AckedRecordsDurable>(settings));
    checkers.push_back(std::make_unique<BeyondHw>());
    checkers.push_back(std::make_unique<ChurnBudget>());
    checkers.push_back(std::make_unique<CommitFencing>());
    checkers.push_back(std::make_unique<CommittedPrefix>(settings));
    checkers.push_back(std::make_unique<ConsumerPositions>(settings));
    checkers.push_back(std::make_unique<ControllerStateLegal>(settings));
    checkers.push_back(std::make_unique<ExactlyOncePerProducer>(settings));
    checkers.push_back(std::make_unique<GenerationMonotonic>(settings));
    checkers.push_back(std::make_unique<HwMonotonic>(settings));
    checkers.push_back(std::make_unique<IsrHoldsCommitted>(settings));
    checkers.push_back(std::make_unique<IsrLag>(settings));
    checkers.push_back(std::make_unique<Liveness>(settings));
    checkers.push_back(std::make_unique<MaximalIsrCovers>());
    checkers.push_back(std::make_unique<MetadataPrefix>());
    checkers.push_back(std::make_unique<NoProduceErrors>());
    checkers.push_back(std::make_unique<OffsetsMonotonic>(settings));
    checkers.push_back(std::make_unique<OneOwnerPerPartition>(settings));
    checkers.push_back(std::make_unique<PerPartitionOrder>(settings));
    checkers.push_back(std::make_unique<RaftCommitted>(settings));
    checkers.push_back(std::make_unique<RaftRoles>(settings));
    checkers.push_back(std::make_unique<RaftVoteOnce>(settings));
    checkers.push_back(std::make_unique<RecoveryIsValidPrefix>(settings));
    checkers.push_back(std::make_unique<ReplicasConverge>(settings));
    checkers.push_back(std::make_unique<RetentionContract>(settings));
    checkers.push_back(std::make_unique<SingleLeaderPerEpoch>());
    checkers.push_back(std::make_unique<StaleEpochAck>(settings));
    return checkers;
}

}  // namespace bsim
