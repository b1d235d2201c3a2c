#pragma once
// Ending and starting processes, for the faults that do so.

#include <functional>

#include "sim/kernel/scheduler.h"
#include "sim/node/process.h"
#include "sim/scenario/fault_spec.h"

namespace bsim {

void stop_process(Process& node, CrashMode mode, EventNumber cause);

struct ProcessStart {
    Process& node;
    EventNumber cause;  // if the old process has ended already; else its end is the cause
    // Done between the old process and the new one.
    std::function<void()> between;
    // Called with the NodeStarted; with EventNumber{} if another fault has started it meanwhile.
    std::function<void(EventNumber started)> done;
};
// Starts the process as soon as the old one has ended, which may be now.
void start_when_ended(Scheduler& scheduler, ProcessStart start);

}  // namespace bsim
