#pragma once
// How long a device takes: a pure function from an IoCost and drawn numbers to durations.
//
// A write, and a read of what is in memory, end in the page cache: a fixed overhead per call plus
// bytes over memory bandwidth, paid by the calling thread. What must be read from the device, and
// an fsync, wait for it: the drawn latency plus bytes over the device's bandwidth. That work of
// several threads queues for the one device is the caller's matter.

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
    // Creating, renaming or removing a name; journalled lazily. An fsync that finds nothing to do.
    SimDuration metadata_overhead = microseconds(20);
    // Sequential bandwidth of a data-centre SATA SSD.
    std::int64_t device_bytes_per_second = 500'000'000;
    // The median to draw fsync latencies around when nothing else is configured: a flush of the
    // device's cache and a commit of the journal. The 99th percentile is four times that.
    SimDuration fsync_median = milliseconds(2);
    // The same for a read of up to 128 KiB; the 99th percentile is ten times that.
    SimDuration read_median = microseconds(100);
};

// What was drawn for the operations of a window, summed up.
struct DeviceDraws {
    SimDuration write;  // a configured write latency, once when the window wrote anything
    SimDuration read;
    SimDuration fsync;
};

struct IoDuration {
    SimDuration thread;  // before the device comes in
    SimDuration device;
    bool operator==(const IoDuration&) const = default;
};

// Requires bandwidths above zero. Rounds each term up, so that no byte is free.
IoDuration io_duration(const DeviceModel& model, const IoCost& cost, const DeviceDraws& draws);
// bytes / rate, rounded up.
SimDuration transfer_time(std::int64_t bytes, std::int64_t bytes_per_second);

}  // namespace bsim
