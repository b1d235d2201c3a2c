#include "sim/kernel/scheduler.h"

namespace bsim {

bool Scheduler::step(SimTime end) {
    if (!queue_.more() || queue_.next_time() > end)
        return false;
    now_ = queue_.next_time();
    ++executed_;
    queue_.run_next();
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
    if (queued_) {
        if (entry_time_ <= deadline)
            return;
        scheduler_.cancel(entry_);
    }
    enqueue();
}

void Timer::enqueue() {
    entry_time_ = deadline_;
    entry_ = scheduler_.queue_.push_reserved(deadline_, seq_, [this] { surface(); });
    queued_ = true;
}

void Timer::surface() {
    queued_ = false;
    if (!armed_)
        return;
    if (entry_.seq != seq_)
        return enqueue();
    armed_ = false;
    action_();
}

}  // namespace bsim
