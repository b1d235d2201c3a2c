#pragma once
// The disk of a node: a directory that outlives the node's processes, behind a page cache, with one
// device queue. What is done to it is done at once; settle() says when it is over in simulated
// time. Work on the page cache costs the thread that does it; an fsync waits for the device, behind
// the fsyncs before it.

#include <memory>
#include <string>

#include "sim/kernel/rng.h"
#include "sim/kernel/sampler.h"
#include "sim/storage/device_model.h"
#include "sim/storage/page_cache_disk.h"
#include "sim/storage/posix_disk.h"

namespace bsim {

class NodeDisk {
  public:
    // `root` is made if absent. The fsync latency is lognormal around DeviceModel::fsync_median
    // with a 99th percentile of four times that.
    static Stored<std::unique_ptr<NodeDisk>> open(const std::string& root, RngStream fsync_latency);

    Disk& disk() { return *cache_; }
    // Ends the window of work done since the last call.
    SimTime settle(SimTime now);

  private:
    NodeDisk(std::unique_ptr<PosixDisk> posix, RngStream fsync_latency);

    DeviceModel model_;
    std::unique_ptr<PosixDisk> posix_;
    std::unique_ptr<PageCacheDisk> cache_;
    RngStream fsync_latency_;
    LognormalSampler fsync_sampler_;
    SimTime device_free_at_;
};

}  // namespace bsim
