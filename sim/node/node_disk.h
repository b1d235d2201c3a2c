#pragma once
// A disk of a node: a directory that outlives the node's processes, behind a page cache, with one
// device queue. What is done to it is done at once; settle() says when it is over in simulated
// time. Work on the page cache costs the thread that does it; an fsync, and a read of what is not
// in memory, waits for the device, behind the work before it.
//
// The kernel writes back as Linux does by default: every 5 s it hands files to the device that were
// first dirtied 30 s ago, and commits the journal (dirty_writeback_centisecs, dirty_expire_-
// centisecs, ext4's commit interval). It does so whether a process runs or not.
// DEVIATION: writers are not throttled by the amount of dirty memory.
//
// A configured latency (DiskSpec) takes the place of the device's own: of each read that misses
// memory, of each fsync; `write` is paid by each burst of writes, as by a process that the journal
// or a full cache makes wait. Faults come on top.

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/kernel/inline_function.h"
#include "sim/kernel/rng.h"
#include "sim/kernel/scheduler.h"
#include "sim/model/disk_op.h"
#include "sim/model/node_hardware.h"
#include "sim/network/latency.h"
#include "sim/node/process.h"
#include "sim/storage/capacity_disk.h"
#include "sim/storage/device_model.h"
#include "sim/storage/page_cache_disk.h"
#include "sim/storage/posix_disk.h"

namespace bsim {

// A burst of work on a disk: when it is over, unless the disk stalls first.
struct DiskTicket {
    SimTime done;
    std::uint8_t ops = 0;  // bit by DiskOp
};

// Since the disk was made: bursts of work with an operation of the kind in them, by DiskOp, and how
// long they took, with what they waited for.
struct DiskMeter {
    std::array<std::int64_t, 3> bursts{};
    std::array<SimDuration, 3> time{};
};

class NodeDisk {
  public:
    struct Setup {
        Scheduler& scheduler;
        const Rng& rng;
        std::string name;       // of the node, or of its disk, for the random streams
        std::string directory;  // made if absent
        DiskSpec spec;
        std::uint32_t max_open = kDefaultMaxOpenDescriptors;  // on the simulating machine
    };
    static Stored<std::unique_ptr<NodeDisk>> open(const Setup& setup);

    Disk& disk() { return *cache_; }
    const PageCacheDisk& cache() const { return *cache_; }
    // The machine's own files have all that was written.
    Stored<Done> flush() { return posix_->flush(); }
    const DiskMeter& meter() const { return meter_; }
    // Has the device refused a write for want of room in this life of the process?
    bool refused() const { return limited_ && limited_->refused(); }
    // How long the device will be busy with what it has been given; stalls apart.
    SimDuration backlog(SimTime now) const;
    // Pieces of work that wait for the device.
    std::size_t waiting() const { return waiters_.size() - free_waiters_.size(); }

    // Ends the window of work done since the last call.
    DiskTicket settle(SimTime now);
    // Runs `action`, in this life of the process, when the work is over: at once if it is.
    template <class F>
    void when_done(Process& process, const DiskTicket& ticket, F action);

    // The files that the kernel has begun to write back, each as a whole as it is now, and when the
    // device will have them. Replaces the former listener; null for none.
    using WriteBackListener =
        std::function<void(const std::vector<std::string>& files, const DiskTicket& ticket)>;
    void on_write_back(WriteBackListener listener) { written_back_ = std::move(listener); }

    // The process has ended: nobody waits any more.
    void process_ended();
    // The machine has lost power. Requires that the process has ended.
    void lose_power(SimTime now);

    // Faults. Those of one kind add up; each end_ takes back one begin_ with the same value.
    // No op: all of them.
    // An operation that begins when the disk is slow no more is not slow: what waits behind others
    // when the last fault of this kind ends is done once the one at work is.
    void begin_slow(std::optional<DiskOp> op, const LatencyDist& latency);
    void end_slow(std::optional<DiskOp> op, const LatencyDist& latency);
    // Operations begin, but do not end before the stall does.
    void begin_stall(std::optional<DiskOp> op);
    void end_stall(std::optional<DiskOp> op);

  private:
    struct Latency {
        std::optional<LatencySampler> sampler;
        RngStream draws;
    };
    struct Slowness {
        std::optional<DiskOp> op;
        LatencyDist latency;
        LatencySampler sampler;
    };
    struct Waiter {
        InlineFunction action;
        Process* process = nullptr;
        EventNumber cause;
        DiskTicket ticket;
        std::uint64_t number = 0;  // of its alarm: an older one of the place rings in vain
    };

    NodeDisk(const Setup& setup, std::unique_ptr<PosixDisk> posix);

    Disk& below() { return limited_ ? static_cast<Disk&>(*limited_) : *posix_; }
    SimDuration draw(DiskOp op, std::int64_t count);
    bool stalls(std::uint8_t ops) const;
    SimTime pass_device(SimTime from, SimDuration work);
    void write_back();
    void count(std::uint8_t ops, std::int64_t bursts, SimDuration time);
    void wait(Process& process, const DiskTicket& ticket, InlineFunction action);
    void schedule(std::uint32_t waiter, SimDuration delay);
    void wake(std::uint32_t waiter);
    void hasten(SimTime latest);

    Scheduler& scheduler_;
    DeviceModel model_;
    std::unique_ptr<PosixDisk> posix_;
    std::unique_ptr<CapacityDisk> limited_;  // if the device has a size
    std::unique_ptr<PageCacheDisk> cache_;
    std::array<Latency, 3> latencies_;  // by DiskOp
    RngStream slow_draws_;
    RngStream power_draws_;
    DiskMeter meter_;
    SimTime device_free_at_;
    std::vector<Slowness> slow_;
    std::array<int, 3> stalls_{};  // by DiskOp: how many are on
    Timer flusher_;
    WriteBackListener written_back_;
    std::vector<Waiter> waiters_;
    std::uint64_t alarms_ = 0;
    std::vector<std::uint32_t> free_waiters_;
    std::vector<std::uint32_t> stalled_;  // waiters
};

template <class F>
void NodeDisk::when_done(Process& process, const DiskTicket& ticket, F action) {
    if (ticket.done <= process.now() && !stalls(ticket.ops)) {
        action();
    } else {
        wait(process, ticket, InlineFunction(std::move(action)));
    }
}

}  // namespace bsim
