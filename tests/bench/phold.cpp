// The event kernel under PHOLD: nodes that send each other deliveries, each of which draws the next
// one, and a timer a node that every delivery puts off. On the scheduler that nodes use.
//
//     phold LABEL NODES PER_NODE TIMERS EVENTS
//
// The hash is over the order in which events ran: another kernel with the same workload must print
// the same one.

#include <limits>
#include <memory>
#include <vector>

#include "sim/kernel/scheduler.h"
#include "tests/bench/measure.h"
#include "tests/bench/workload.h"

namespace bsim {
namespace {

constexpr SimTime kForever = SimTime(std::numeric_limits<std::int64_t>::max());
constexpr SimDuration kTimeout = milliseconds(50);
constexpr SimDuration kShortTimeout = microseconds(400);

class Phold {
  public:
    Phold(std::uint64_t nodes, bool timers) : nodes_(nodes) {
        for (std::uint64_t node = 0; timers && node < nodes; ++node)
            timers_.push_back(std::make_unique<Timer>(scheduler_, [this, node] { fire(node); }));
    }

    void start(std::uint64_t per_node) {
        for (std::uint64_t round = 0; round < per_node * nodes_; ++round)
            send(draws_.next());
        for (auto& timer : timers_)
            timer->arm(scheduler_.now() + kTimeout);
    }
    void run(std::uint64_t deliveries) {
        while (delivered_ < deliveries && scheduler_.step(kForever)) {
        }
    }

    std::uint64_t delivered() const { return delivered_; }
    std::uint64_t fired() const { return fired_; }
    std::uint64_t hash() const { return hash_.value(); }

  private:
    void send(std::uint64_t r) {
        const std::uint64_t node = ((r >> 32) * nodes_) >> 32;
        scheduler_.after(SimDuration(delays_[r & 4095]), [this, node] { deliver(node); });
    }
    void deliver(std::uint64_t node) {
        hash_.fold(scheduler_.now().ns(), node, 0);
        ++delivered_;
        const std::uint64_t r = draws_.next();
        send(r);
        if (timers_.empty())
            return;
        const bool soon = ((r >> 12) & 127) == 0;
        timers_[node]->arm(scheduler_.now() + (soon ? kShortTimeout : kTimeout));
    }
    void fire(std::uint64_t node) {
        hash_.fold(scheduler_.now().ns(), node, 1);
        ++fired_;
        timers_[node]->arm(scheduler_.now() + kTimeout);
    }

    Scheduler scheduler_;
    std::uint64_t nodes_;
    std::array<std::int64_t, 4096> delays_ = bench::phold_delays();
    std::vector<std::unique_ptr<Timer>> timers_;
    bench::Draws draws_;
    std::uint64_t delivered_ = 0;
    std::uint64_t fired_ = 0;
    bench::OrderHash hash_;
};

}  // namespace
}  // namespace bsim

int main(int argc, char** argv) {
    const auto arguments = bsim::bench::phold_arguments(argc, argv);
    if (!arguments)
        return 2;
    bsim::Phold run(arguments->nodes, arguments->timers == 1);
    run.start(arguments->per_node);
    const double before = bsim::bench::cpu_seconds();
    run.run(arguments->events);
    const double seconds = bsim::bench::cpu_seconds() - before;
    bsim::bench::print(*arguments, {run.delivered(), run.fired(), seconds, run.hash()});
    return 0;
}
