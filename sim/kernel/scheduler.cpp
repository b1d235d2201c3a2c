#include "sim/kernel/scheduler.h"

#include <utility>

#include "sim/base/check.h"

namespace bsim {

EventId Scheduler::at(SimTime when, InlineFunction action) {
    BSIM_CHECK(when >= now_);
    return queue_.push(when, std::move(action));
}

bool Scheduler::step(SimTime end) {
    const auto next = queue_.next_time();
    if (!next || *next > end)
        return false;
    auto due = queue_.pop();
    now_ = due->time;
    ++executed_;
    due->action();
    return true;
}

void Scheduler::run_until(SimTime end) {
    while (step(end)) {
    }
    if (now_ < end)
        now_ = end;
}

void Timer::arm(SimTime deadline) {
    BSIM_CHECK(deadline >= scheduler_.now());
    deadline_ = deadline;
    seq_ = scheduler_.queue_.reserve_seq();
    armed_ = true;
    if (scheduler_.pending(entry_)) {
        if (entry_time_ <= deadline)
            return;
        scheduler_.cancel(entry_);
    }
    entry_time_ = deadline;
    entry_ = scheduler_.queue_.push_reserved(deadline, seq_, [this] { surface(); });
}

void Timer::surface() {
    if (!armed_)
        return;
    if (deadline_ > scheduler_.now() || entry_.seq != seq_) {
        entry_time_ = deadline_;
        entry_ = scheduler_.queue_.push_reserved(deadline_, seq_, [this] { surface(); });
        return;
    }
    armed_ = false;
    action_();
}

}  // namespace bsim
