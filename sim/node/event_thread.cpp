#include "sim/node/event_thread.h"

#include <utility>

namespace bsim {

void EventThread::post(SimDuration cost, InlineFunction action) {
    events_.push_back({cost, process_.cause(), std::move(action)});
    if (events_.size() == 1)
        start(process_.cpu().wake_rare_thread());
}

void EventThread::start(SimDuration delay) {
    process_.after(delay + process_.cpu().work(events_.front().cost), [this] { run(); });
}

void EventThread::run() {
    {
        CauseScope scope(process_.env().tracer, events_.front().cause);
        InlineFunction action = std::move(events_.front().action);
        action();
    }
    events_.pop_front();
    if (!events_.empty())
        start(SimDuration(0));
}

}  // namespace bsim
