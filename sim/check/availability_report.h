#pragma once
// How available each partition was: what Availability hands to the results. Windows are
// [first request that failed or was not answered, next success); times are simulated.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/time.h"
#include "sim/check/checker.h"
#include "sim/model/ids.h"

namespace bsim {

struct UnavailableWindow {
    SimTime from;
    SimTime to;
    bool ended = true;      // else `to` is the end of the run
    SimDuration unexcused;  // the longest part of it that nothing in the scenario excuses
    std::string_view why;   // the first excuse, empty if there is none
    bool exceeds = false;   // `unexcused` is longer than the bound
};

struct UnavailableWindows {
    std::vector<UnavailableWindow> list;  // by their ends

    std::int64_t unexcused() const;  // that exceed the bound
    SimDuration total() const;
    // Nearest rank; zero if there is none.
    SimDuration quantile(std::int64_t percent) const;
};

struct PartitionAvailability {
    TopicPartition p;
    UnavailableWindows produce;  // as producers see it
    UnavailableWindows consume;  // as consumers see it
    UnavailableWindows cluster;  // without leader, or fewer in sync than min.insync.replicas
    SimDuration leaderless;
    SimDuration under_min_isr;
    std::int64_t elections = 0;
    std::int64_t isr_changes = 0;
    // By how much producers' windows ended later than those of the cluster that they overlap.
    SimDuration detection_delay_max;
    SimDuration detection_delay_total;

    bool untroubled() const;
};

struct AvailabilityReport {
    SimDuration length;
    AvailabilityBounds bounds;
    std::int64_t elections = 0;
    std::int64_t isr_changes = 0;
    std::int64_t rebalances = 0;                    // completed
    std::vector<PartitionAvailability> partitions;  // that clients used or that had any trouble

    // A count in thousandths a simulated minute.
    std::int64_t per_minute_milli(std::int64_t count) const;
};

}  // namespace bsim
