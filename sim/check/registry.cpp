#include "sim/check/registry.h"

#include "sim/check/acked_records_durable.h"
#include "sim/check/churn_budget.h"
#include "sim/check/committed_prefix.h"
#include "sim/check/consumer_positions.h"
#include "sim/check/hw_monotonic.h"
#include "sim/check/liveness.h"
#include "sim/check/replicas_converge.h"
#include "sim/check/single_leader_per_epoch.h"

namespace bsim {

const std::vector<std::string_view>& check_names() {
    static const std::vector<std::string_view> kNames = {
        "acked-records-durable", "churn-budget",      "committed-prefix",
        "consumer-positions",    "hw-monotonic",      "liveness",
        "replicas-converge",     "segments-readable", "single-leader-per-epoch"};
    return kNames;
}

std::vector<std::unique_ptr<Checker>> make_checkers(const CheckSettings& settings) {
    std::vector<std::unique_ptr<Checker>> checkers;
    checkers.push_back(std::make_unique<AckedRecordsDurable>(settings));
    checkers.push_back(std::make_unique<ChurnBudget>());
    checkers.push_back(std::make_unique<CommittedPrefix>(settings));
    checkers.push_back(std::make_unique<ConsumerPositions>());
    checkers.push_back(std::make_unique<HwMonotonic>());
    checkers.push_back(std::make_unique<Liveness>(settings));
    checkers.push_back(std::make_unique<ReplicasConverge>(settings));
    checkers.push_back(std::make_unique<SingleLeaderPerEpoch>());
    return checkers;
}

}  // namespace bsim
