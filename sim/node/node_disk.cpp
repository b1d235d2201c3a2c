#include "sim/node/node_disk.h"

#include <algorithm>
#include <utility>

#include "sim/node/must.h"

namespace bsim {
namespace {

constexpr SimDuration kFlusherInterval = seconds(5);
constexpr SimDuration kDirtyExpires = seconds(30);

constexpr std::size_t index_of(DiskOp op) {
    return static_cast<std::size_t>(op);
}

constexpr std::uint8_t bit(DiskOp op) {
    return static_cast<std::uint8_t>(1U << index_of(op));
}

std::optional<LatencySampler> sampler(const std::optional<LatencyDist>& dist) {
    return dist ? std::optional(LatencySampler(*dist)) : std::nullopt;
}

std::uint8_t ops_of(const IoCost& cost) {
    std::uint8_t ops = 0;
    if (cost.device_reads > 0)
        ops |= bit(DiskOp::Read);
    if (cost.writes + cost.metadata_ops > 0)
        ops |= bit(DiskOp::Write);
    if (cost.fsyncs + cost.idle_fsyncs > 0)
        ops |= bit(DiskOp::Fsync);
    return ops;
}

}  // namespace

Stored<std::unique_ptr<NodeDisk>> NodeDisk::open(const Setup& setup) {
    BSIM_TRY(auto posix, PosixDisk::open_root(setup.directory, setup.max_open));
    return std::unique_ptr<NodeDisk>(new NodeDisk(setup, std::move(posix)));
}

NodeDisk::NodeDisk(const Setup& setup, std::unique_ptr<PosixDisk> posix)
    : scheduler_(setup.scheduler),
      posix_(std::move(posix)),
      limited_(setup.spec.capacity_bytes
                   ? std::make_unique<CapacityDisk>(
                         *posix_, static_cast<std::uint64_t>(*setup.spec.capacity_bytes))
                   : nullptr),
      cache_(std::make_unique<PageCacheDisk>(below())),
      latencies_{
          Latency{sampler(setup.spec.read), setup.rng.stream("disk/" + setup.name + "/read")},
          Latency{sampler(setup.spec.write), setup.rng.stream("disk/" + setup.name + "/write")},
          Latency{sampler(setup.spec.fsync), setup.rng.stream("disk/" + setup.name + "/fsync")}},
      slow_draws_(setup.rng.stream("disk/" + setup.name + "/slow")),
      power_draws_(setup.rng.stream("disk/" + setup.name + "/power")),
      flusher_(setup.scheduler, [this] { write_back(); }) {
    const auto own = [](SimDuration median, std::int64_t p99_factor) {
        return LatencySampler(LognormalDist{median, median * p99_factor});
    };
    if (!setup.spec.read)
        latencies_[index_of(DiskOp::Read)].sampler = own(model_.read_median, 10);
    if (!setup.spec.fsync)
        latencies_[index_of(DiskOp::Fsync)].sampler = own(model_.fsync_median, 4);
    // Machines were booted at different times.
    RngStream phase = setup.rng.stream("disk/" + setup.name + "/flusher");
    flusher_.arm(scheduler_.now() + SimDuration(phase.between(1, kFlusherInterval.ns())));
}

// The latency of `count` operations, one after the other; each active fault slows one burst.
SimDuration NodeDisk::draw(DiskOp op, std::int64_t count) {
    if (count == 0)
        return {};
    SimDuration sum;
    Latency& latency = latencies_[index_of(op)];
    if (latency.sampler) {
        for (std::int64_t i = 0; i < count; ++i)
            sum = sum + latency.sampler->sample(latency.draws);
    }
    for (const Slowness& slowness : slow_) {
        if (!slowness.op || *slowness.op == op)
            sum = sum + slowness.sampler.sample(slow_draws_);
    }
    return sum;
}

bool NodeDisk::stalls(std::uint8_t ops) const {
    for (const DiskOp op : {DiskOp::Read, DiskOp::Write, DiskOp::Fsync}) {
        if (stalls_[index_of(op)] > 0 && (ops & bit(op)) != 0)
            return true;
    }
    return false;
}

SimTime NodeDisk::pass_device(SimTime from, SimDuration work) {
    device_free_at_ = std::max(from, device_free_at_) + work;
    return device_free_at_;
}

DiskTicket NodeDisk::settle(SimTime now) {
    const IoCost cost = cache_->take_cost();
    if (cost.is_zero())
        return {now, 0};
    const std::uint8_t ops = ops_of(cost);
    DeviceDraws draws;
    draws.write = draw(DiskOp::Write, (ops & bit(DiskOp::Write)) != 0 ? 1 : 0);
    draws.read = draw(DiskOp::Read, cost.device_reads);
    draws.fsync = draw(DiskOp::Fsync, cost.fsyncs);
    const IoDuration spent = io_duration(model_, cost, draws);
    SimTime done = now + spent.thread;
    if (spent.device > SimDuration(0))
        done = pass_device(done, spent.device);
    cache_->window_ends(now, stalls(bit(DiskOp::Fsync)) ? std::nullopt : std::optional(done));
    count(ops, 1, done - now);
    return {done, ops};
}

void NodeDisk::count(std::uint8_t ops, std::int64_t bursts, SimDuration time) {
    for (const DiskOp op : {DiskOp::Read, DiskOp::Write, DiskOp::Fsync}) {
        if ((ops & bit(op)) == 0)
            continue;
        meter_.bursts[index_of(op)] += bursts;
        meter_.time[index_of(op)] = meter_.time[index_of(op)] + time;
    }
}

SimDuration NodeDisk::backlog(SimTime now) const {
    return std::max(device_free_at_ - now, SimDuration(0));
}

void NodeDisk::write_back() {
    const SimTime now = scheduler_.now();
    flusher_.arm(now + kFlusherInterval);
    if (stalls(bit(DiskOp::Write) | bit(DiskOp::Fsync)))
        return;
    const auto batch = cache_->write_back(SimTime(now.ns() - kDirtyExpires.ns()));
    if (batch.files.empty() && !batch.journal)
        return;
    const SimDuration work =
        transfer_time(batch.bytes, model_.device_bytes_per_second) + draw(DiskOp::Fsync, 1);
    const SimTime done = pass_device(now, work);
    cache_->window_ends(now, done);
    if (written_back_ && !batch.files.empty())
        written_back_(batch.files, {done, bit(DiskOp::Fsync)});
}

void NodeDisk::wait(Process& process, const DiskTicket& ticket, InlineFunction action) {
    std::uint32_t index = 0;
    if (free_waiters_.empty()) {
        index = static_cast<std::uint32_t>(waiters_.size());
        waiters_.emplace_back();
    } else {
        index = free_waiters_.back();
        free_waiters_.pop_back();
    }
    waiters_[index] = {std::move(action), &process, process.cause(), ticket, 0};
    schedule(index, std::max(ticket.done - process.now(), SimDuration(0)));
}

void NodeDisk::schedule(std::uint32_t waiter, SimDuration delay) {
    const std::uint64_t number = ++alarms_;
    waiters_[waiter].number = number;
    waiters_[waiter].process->after(delay, [this, waiter, number] {
        if (waiters_[waiter].number == number)
            wake(waiter);
    });
}

void NodeDisk::wake(std::uint32_t waiter) {
    if (stalls(waiters_[waiter].ticket.ops)) {
        stalled_.push_back(waiter);
        return;
    }
    Waiter woken = std::exchange(waiters_[waiter], Waiter{});
    free_waiters_.push_back(waiter);
    // A stall makes it longer than settle() could know.
    const SimTime now = scheduler_.now();
    if (now > woken.ticket.done)
        count(woken.ticket.ops, 0, now - woken.ticket.done);
    CauseScope scope(woken.process->env().tracer, woken.cause);
    woken.action();
}

void NodeDisk::process_ended() {
    waiters_.clear();
    free_waiters_.clear();
    stalled_.clear();
    written_back_ = nullptr;
    if (limited_)
        limited_->forget_refusal();
}

void NodeDisk::lose_power(SimTime now) {
    if (limited_)
        limited_->limit(false);
    must(
        cache_->lose_power(now, [this](std::uint64_t bound) { return power_draws_.below(bound); }));
    if (limited_)
        limited_->limit(true);
    device_free_at_ = now;
}

void NodeDisk::begin_slow(std::optional<DiskOp> op, const LatencyDist& latency) {
    slow_.push_back({op, latency, LatencySampler(latency)});
}

void NodeDisk::end_slow(std::optional<DiskOp> op, const LatencyDist& latency) {
    const auto one = std::find_if(slow_.begin(), slow_.end(), [&](const Slowness& each) {
        return each.op == op && each.latency == latency;
    });
    BSIM_CHECK(one != slow_.end());
    const SimTime latest = scheduler_.now() + one->sampler.sample(slow_draws_);
    slow_.erase(one);
    if (slow_.empty())
        hasten(latest);
}

// What has been given to the disk is done at `latest`, or before.
void NodeDisk::hasten(SimTime latest) {
    device_free_at_ = std::min(device_free_at_, latest);
    cache_->hasten(latest);
    std::vector<std::uint32_t> later;
    for (std::uint32_t i = 0; i < waiters_.size(); ++i) {
        if (waiters_[i].process != nullptr && waiters_[i].ticket.done > latest)
            later.push_back(i);
    }
    // In the order in which they began to wait.
    std::sort(later.begin(), later.end(), [this](std::uint32_t a, std::uint32_t b) {
        return waiters_[a].number < waiters_[b].number;
    });
    for (const std::uint32_t waiter : later) {
        waiters_[waiter].ticket.done = latest;
        schedule(waiter, latest - scheduler_.now());
    }
}

void NodeDisk::begin_stall(std::optional<DiskOp> op) {
    for (const DiskOp each : {DiskOp::Read, DiskOp::Write, DiskOp::Fsync}) {
        if (!op || *op == each)
            ++stalls_[index_of(each)];
    }
}

// What had to wait goes on in the order in which it began; the device takes up work from now on.
void NodeDisk::end_stall(std::optional<DiskOp> op) {
    for (const DiskOp each : {DiskOp::Read, DiskOp::Write, DiskOp::Fsync}) {
        if (op && *op != each)
            continue;
        BSIM_CHECK(stalls_[index_of(each)] > 0);
        --stalls_[index_of(each)];
    }
    const SimTime now = scheduler_.now();
    device_free_at_ = std::max(device_free_at_, now);
    if (!stalls(bit(DiskOp::Fsync)))
        cache_->window_ends(now, device_free_at_);
    std::vector<std::uint32_t> held;
    for (const std::uint32_t waiter : std::exchange(stalled_, {})) {
        if (stalls(waiters_[waiter].ticket.ops)) {
            held.push_back(waiter);
        } else {
            schedule(waiter, SimDuration(0));
        }
    }
    stalled_ = std::move(held);
}

}  // namespace bsim
