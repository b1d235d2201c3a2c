#pragma once
// A thread of a process that takes events from its queue, one at a time and in order, and works off
// the cost of each before it acts. Source: KafkaEventQueue.

#include <deque>

#include "sim/kernel/inline_function.h"
#include "sim/node/process.h"

namespace bsim {

class EventThread {
  public:
    explicit EventThread(Process& process) : process_(process) {}

    // `action` runs with the cause that is current now.
    void post(SimDuration cost, InlineFunction action);

  private:
    struct Event {
        SimDuration cost;
        EventNumber cause;
        InlineFunction action;
    };
    void start(SimDuration delay);
    void run();

    Process& process_;
    std::deque<Event> events_;
};

}  // namespace bsim
