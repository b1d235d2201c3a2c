#pragma once
// How long a device takes: a pure function from an IoCost and drawn numbers to a SimDuration.
// A write or read goes to the page cache: a fixed overhead per call plus bytes over memory
// bandwidth. An fsync waits for the device: the drawn latency, plus dirty bytes over the device's
// bandwidth. Whether calls of several partitions queue behind one another is the caller's matter.

#include <cstdint>

#include "sim/base/time.h"
#include "sim/storage/io_cost.h"

namespace bsim {

struct DeviceModel {
    // A pwrite or pread into the page cache on a current server: a system call plus the file
    // system's locks.
    SimDuration call_overhead = microseconds(4);
    // Copying between the process and the page cache.
    std::int64_t memory_bytes_per_second = 4'000'000'000;
    // Creating, renaming or removing a name; journalled lazily.
    SimDuration metadata_overhead = microseconds(20);
    // Sequential write bandwidth of a data-centre SATA SSD.
    std::int64_t device_bytes_per_second = 500'000'000;
    // The median to draw fsync latencies around when nothing else is configured: a flush of the
    // device's cache.
    SimDuration fsync_median = milliseconds(2);
};

// `write_extra` is added once when the window wrote anything (a configured write latency),
// `fsync_each` is charged for each fsync in it.
struct DeviceDraws {
    SimDuration write_extra;
    SimDuration fsync_each;
};

// Requires bandwidths above zero. Rounds each term up, so that no byte is free.
SimDuration io_duration(const DeviceModel& model, const IoCost& cost, const DeviceDraws& draws);

}  // namespace bsim
