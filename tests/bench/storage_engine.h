#pragma once
// The storage engine under the same load as the limits: a partition's log on the disks that nodes
// have, a page cache above real files. The device's time is simulated, so it costs nothing here.
// Each function is a round of its own on a new log and returns 10^9 bytes per second of CPU time,
// unless it says otherwise.

#include <string>

#include "tests/bench/storage_batches.h"

namespace bsim::bench {

// Batches of a client, one at a time, as the leader takes them.
double append_as_leader(const std::string& dir, const Batches& batches);
// Sets of batches as they were fetched, as a follower takes them.
double append_as_follower(const std::string& dir, const Batches& sets);

// The whole log in order, by reads of at most so many bytes, each from where the last one ended.
double read_in_order(const std::string& dir, const Batches& batches, std::int32_t max_bytes);

// After a kill: the CRC of every batch, the indexes and the producers made anew.
struct Recovery {
    double of_cpu_time = 0;
    double of_wall_time = 0;
};
Recovery recover(const std::string& dir, const Batches& batches);

}  // namespace bsim::bench
