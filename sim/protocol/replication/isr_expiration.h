#pragma once
// How often a broker looks for laggards: twice per replica.lag.time.max.ms, starting with the
// broker, over all the partitions that it leads. A member that stops fetching is therefore proposed
// for removal between one and one and a half lag times later.
// Source: ReplicaManager.startup (isr-expiration).

#include "sim/base/time.h"

namespace bsim::replication {

constexpr SimDuration isr_check_interval(SimDuration replica_lag_time_max) {
    // Whole milliseconds, as Kafka halves an integer.
    return milliseconds(replica_lag_time_max.ms() / 2);
}

}  // namespace bsim::replication
