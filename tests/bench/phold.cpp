// The event kernel under PHOLD: nodes that send each other deliveries, each of which draws the next
// one, and a timer a node that every delivery puts off. On the scheduler that nodes use.
//
//     phold LABEL NODES PER_NODE TIMERS EVENTS
//
// prints "label,nodes,per_node,timers,delivered,fired,cpu_seconds,hash". The hash is over the order
// in which events ran: another kernel with the same workload must print the same one.

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <limits>
#include <memory>
#include <string_view>
#include <vector>

#include "sim/kernel/scheduler.h"

namespace bsim {
namespace {

constexpr std::uint64_t kGolden = 0x9E3779B97F4A7C15;
constexpr std::uint64_t kFnvPrime = 0x100000001b3;
constexpr std::uint64_t kFnvStart = 0xcbf29ce484222325;
constexpr SimTime kForever = SimTime(std::numeric_limits<std::int64_t>::max());
constexpr SimDuration kTimeout = milliseconds(50);
constexpr SimDuration kShortTimeout = microseconds(400);

// Delays in ns: 0.5 ms and an exponential part of 0.5 ms on average, at 4,096 quantiles.
std::array<std::int64_t, 4096> delays() {
    std::array<std::int64_t, 4096> table{};
    for (std::size_t i = 0; i < table.size(); ++i) {
        const double quantile = (static_cast<double>(i) + 0.5) / 4096.0;
        table[i] = 500'000 + static_cast<std::int64_t>(std::llround(-std::log(quantile) * 500'000));
    }
    return table;
}

class Phold {
  public:
    Phold(std::uint64_t nodes, bool timers) : nodes_(nodes) {
        for (std::uint64_t node = 0; timers && node < nodes; ++node)
            timers_.push_back(std::make_unique<Timer>(scheduler_, [this, node] { fire(node); }));
    }

    void start(std::uint64_t per_node) {
        for (std::uint64_t round = 0; round < per_node * nodes_; ++round)
            send(draw());
        for (auto& timer : timers_)
            timer->arm(scheduler_.now() + kTimeout);
    }
    void run(std::uint64_t deliveries) {
        while (delivered_ < deliveries && scheduler_.step(kForever)) {
        }
    }

    std::uint64_t delivered() const { return delivered_; }
    std::uint64_t fired() const { return fired_; }
    std::uint64_t hash() const { return hash_; }

  private:
    // splitmix64
    std::uint64_t draw() {
        std::uint64_t z = state_ += kGolden;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
    void send(std::uint64_t r) {
        const std::uint64_t node = ((r >> 32) * nodes_) >> 32;
        scheduler_.after(SimDuration(delays_[r & 4095]), [this, node] { deliver(node); });
    }
    void deliver(std::uint64_t node) {
        fold(node, 0);
        ++delivered_;
        const std::uint64_t r = draw();
        send(r);
        if (timers_.empty())
            return;
        const bool soon = ((r >> 12) & 127) == 0;
        timers_[node]->arm(scheduler_.now() + (soon ? kShortTimeout : kTimeout));
    }
    void fire(std::uint64_t node) {
        fold(node, 1);
        ++fired_;
        timers_[node]->arm(scheduler_.now() + kTimeout);
    }
    void fold(std::uint64_t node, std::uint64_t kind) {
        const auto now = static_cast<std::uint64_t>(scheduler_.now().ns());
        hash_ = (hash_ ^ (now + node * kGolden + kind)) * kFnvPrime;
    }

    Scheduler scheduler_;
    std::uint64_t nodes_;
    std::array<std::int64_t, 4096> delays_ = delays();
    std::vector<std::unique_ptr<Timer>> timers_;
    std::uint64_t state_ = 42;
    std::uint64_t delivered_ = 0;
    std::uint64_t fired_ = 0;
    std::uint64_t hash_ = kFnvStart;
};

double cpu_seconds() {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

bool parse(const char* text, std::uint64_t& value) {
    const char* const end = text + std::strlen(text);
    const auto [stop, error] = std::from_chars(text, end, value);
    return error == std::errc() && stop == end;
}

}  // namespace
}  // namespace bsim

int main(int argc, char** argv) {
    std::uint64_t nodes = 0;
    std::uint64_t per_node = 0;
    std::uint64_t timers = 0;
    std::uint64_t events = 0;
    const bool legal = argc == 6 && bsim::parse(argv[2], nodes) && bsim::parse(argv[3], per_node) &&
                       bsim::parse(argv[4], timers) && bsim::parse(argv[5], events) && nodes > 0 &&
                       nodes <= UINT32_MAX && timers <= 1;
    if (!legal) {
        std::fputs("usage: phold LABEL NODES PER_NODE TIMERS(0|1) EVENTS\n", stderr);
        return 2;
    }
    bsim::Phold run(nodes, timers == 1);
    run.start(per_node);
    const double before = bsim::cpu_seconds();
    run.run(events);
    const double seconds = bsim::cpu_seconds() - before;
    std::printf("%s,%lu,%lu,%lu,%lu,%lu,%.6f,%016lx\n", argv[1], nodes, per_node, timers,
                run.delivered(), run.fired(), seconds, run.hash());
    return 0;
}
