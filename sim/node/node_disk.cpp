#include "sim/node/node_disk.h"

#include <algorithm>
#include <utility>

namespace bsim {

Stored<std::unique_ptr<NodeDisk>> NodeDisk::open(const std::string& root, RngStream fsync_latency) {
    BSIM_TRY(auto posix, PosixDisk::open_root(root, kDefaultMaxOpenDescriptors));
    return std::unique_ptr<NodeDisk>(new NodeDisk(std::move(posix), std::move(fsync_latency)));
}

NodeDisk::NodeDisk(std::unique_ptr<PosixDisk> posix, RngStream fsync_latency)
    : posix_(std::move(posix)),
      cache_(std::make_unique<PageCacheDisk>(*posix_)),
      fsync_latency_(std::move(fsync_latency)),
      fsync_sampler_(model_.fsync_median, model_.fsync_median * 4) {}

SimTime NodeDisk::settle(SimTime now) {
    const IoCost cost = cache_->take_cost();
    if (cost.is_zero())
        return now;
    DeviceDraws draws;
    if (cost.fsyncs > 0)
        draws.fsync_each = fsync_sampler_.sample(fsync_latency_);
    const SimDuration spent = io_duration(model_, cost, draws);
    if (cost.fsyncs == 0)
        return now + spent;
    device_free_at_ = std::max(now, device_free_at_) + spent;
    return device_free_at_;
}

}  // namespace bsim
