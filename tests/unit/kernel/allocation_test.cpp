// Counts what the kernel allocates: nothing, once it has seen its largest load.

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "sim/kernel/rng.h"
#include "sim/kernel/scheduler.h"
#include "tests/allocations/allocations.h"

namespace bsim {
namespace {

// Events that each schedule another one, cancel one now and then, and put off a timer.
class Load {
  public:
    Load() {
        for (int i = 0; i < 8; ++i)
            timers_.push_back(std::make_unique<Timer>(scheduler_, [this, i] { fire(i); }));
        for (int i = 0; i < 500; ++i)
            send();
    }
    void run(int events) {
        for (int i = 0; i < events; ++i)
            scheduler_.step(SimTime(INT64_MAX));
    }
    std::uint64_t fired() const { return fired_; }

  private:
    void send() {
        const SimDuration delay(static_cast<std::int64_t>(rng_.below(2'000'000)));
        const std::array<std::uint64_t, 5> payload{fired_};
        scheduler_.after(delay, [this, payload] { deliver(payload[0]); });
    }
    void deliver(std::uint64_t fired_before) {
        EXPECT_LE(fired_before, fired_);
        scheduler_.cancel(last_);
        last_ = scheduler_.after(milliseconds(40), [] {});
        timers_[rng_.below(timers_.size())]->arm(scheduler_.now() + microseconds(3));
        send();
    }
    void fire(int) { ++fired_; }

    Scheduler scheduler_;
    RngStream rng_{5};
    std::vector<std::unique_ptr<Timer>> timers_;
    EventId last_;
    std::uint64_t fired_ = 0;
};

TEST(Allocations, TheKernelMakesNoneInSteadyState) {
    Load load;
    load.run(200'000);
    const std::uint64_t before = allocations();
    load.run(200'000);
    EXPECT_EQ(allocations(), before);
    EXPECT_GT(load.fired(), 1000U);
}

}  // namespace
}  // namespace bsim
