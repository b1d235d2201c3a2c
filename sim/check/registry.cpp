#include "sim/check/registry.h"

#include "sim/check/acked_records_durable.h"
#include "sim/check/beyond_hw.h"
#include "sim/check/churn_budget.h"
#include "sim/check/commit_fencing.h"
#include "sim/check/committed_prefix.h"
#include "sim/check/consumer_positions.h"
#include "sim/check/generation_monotonic.h"
#include "sim/check/hw_monotonic.h"
#include "sim/check/liveness.h"
#include "sim/check/offsets_monotonic.h"
#include "sim/check/one_owner_per_partition.h"
#include "sim/check/replicas_converge.h"
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
                                                         "duplicate",
                                                         "generation-monotonic",
                                                         "hw-monotonic",
                                                         "inconsistent-offsets",
                                                         "liveness",
                                                         "lost-write",
                                                         "nonmonotonic-poll",
                                                         "nonmonotonic-send",
                                                         "offsets-monotonic",
                                                         "one-owner-per-partition",
                                                         "poll-skip",
                                                         "replicas-converge",
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
    checkers.push_back(std::make_unique<GenerationMonotonic>(settings));
    checkers.push_back(std::make_unique<HwMonotonic>());
    checkers.push_back(std::make_unique<Liveness>(settings));
    checkers.push_back(std::make_unique<OffsetsMonotonic>(settings));
    checkers.push_back(std::make_unique<OneOwnerPerPartition>(settings));
    checkers.push_back(std::make_unique<ReplicasConverge>(settings));
    checkers.push_back(std::make_unique<SingleLeaderPerEpoch>());
    checkers.push_back(std::make_unique<StaleEpochAck>(settings));
    return checkers;
}

}  // namespace bsim
