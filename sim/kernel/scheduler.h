#pragma once
// The run's only clock and its only thread: advances virtual time from event to event.

#include <cstdint>
#include <utility>

#include "sim/base/check.h"
#include "sim/base/time.h"
#include "sim/kernel/event_queue.h"
#include "sim/kernel/lifeline.h"

namespace bsim {

class Scheduler {
  public:
    SimTime now() const { return now_; }
    std::uint64_t executed() const { return executed_; }

    // Runs `action` at `when`, which must not lie in the past.
    template <class F>
    EventId at(SimTime when, F&& action) {
        BSIM_CHECK(when >= now_);
        return queue_.push(when, std::forward<F>(action));
    }
    template <class F>
    EventId after(SimDuration delay, F&& action) {
        return at(now_ + delay, std::forward<F>(action));
    }
    bool cancel(EventId id) { return queue_.cancel(id); }
    bool pending(EventId id) const { return queue_.pending(id); }

    // Runs the next event if it is due at `end` or earlier; false if there is none.
    bool step(SimTime end);
    // Runs everything up to and including `end`; the clock then stands at `end`.
    void run_until(SimTime end);

  private:
    friend class Timer;

    EventQueue queue_;
    SimTime now_;
    std::uint64_t executed_ = 0;
};

// A timer that is armed again and again (session, heartbeat, request timeout). It keeps its
// deadline in place and at most one live entry in the queue: re-arming for a later time is one
// store, and the entry that surfaces early moves on to the deadline with the place in the order
// that arming took. Destroying it cancels. The scheduler must outlive it.
class Timer {
  public:
    Timer(Scheduler& scheduler, InlineFunction action)
        : scheduler_(scheduler), action_(std::move(action)) {}
    ~Timer() { scheduler_.cancel(entry_); }
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;

    void arm(SimTime deadline);
    void cancel() { armed_ = false; }
    bool armed() const { return armed_; }
    SimTime deadline() const { return deadline_; }

  private:
    void enqueue();
    void surface();

    Scheduler& scheduler_;
    SimTime deadline_;
    std::uint64_t seq_ = 0;
    SimTime entry_time_;
    EventId entry_;
    bool queued_ = false;  // entry_ is in the queue, for entry_time_
    bool armed_ = false;
    InlineFunction action_;
};

}  // namespace bsim
