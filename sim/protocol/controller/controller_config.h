#pragma once
// What the quorum controller reads of its node's configuration, with Kafka 3.9's defaults.

#include <cstdint>
#include <optional>
#include <string>

#include "sim/base/time.h"
#include "sim/model/ids.h"

namespace bsim::controller {

// 3.9-IV0, the newest level of metadata.version that Kafka 3.9 uses in production.
inline constexpr std::int16_t kMetadataVersion39 = 21;

struct ControllerConfig {
    BrokerId node;                             // its dynamic settings hold for topics, too
    std::string cluster_id;                    // a registration with another one is refused
    SimDuration session_timeout = seconds(9);  // broker.session.timeout.ms
    std::optional<SimDuration> max_idle_interval = milliseconds(500);  // nullopt: no NoOpRecords
    // leader.imbalance.check.interval.seconds; nullopt: auto.leader.rebalance.enable is false.
    std::optional<SimDuration> imbalance_check_interval = seconds(300);
    SimDuration unclean_check_interval = seconds(300);  // unclean.leader.election.interval.ms
    std::int16_t default_replication_factor = 1;        // default.replication.factor
    std::int32_t num_partitions = 1;                    // num.partitions
    bool unclean_leader_election = false;               // default of the topic config
    bool delete_topic_enable = true;
    std::int32_t max_records_per_batch = 10'000;
    std::int32_t max_elections_per_imbalance = 1'000;
};

}  // namespace bsim::controller
