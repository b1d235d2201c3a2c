#include "sim/world/fault_stop.h"

#include <memory>
#include <utility>

namespace bsim {
namespace {

void start_now(const ProcessStart& start, EventNumber cause) {
    start.node.on_ended(nullptr);
    if (start.node.alive())
        return start.done(EventNumber{});
    start.between();
    start.done(start.node.start(cause));
}

}  // namespace

void stop_process(Process& node, CrashMode mode, EventNumber cause) {
    switch (mode) {
        case CrashMode::Kill:
            node.kill(cause);
            return;
        case CrashMode::Graceful:
            node.stop_gracefully(cause);
            return;
        case CrashMode::Power:
            node.lose_power(cause);
            return;
    }
}

void start_when_ended(Scheduler& scheduler, ProcessStart start) {
    if (!start.node.alive())
        return start_now(start, start.cause);
    Process& node = start.node;
    auto shared = std::make_shared<ProcessStart>(std::move(start));
    node.on_ended([&scheduler, shared](EventNumber ended) {
        // By an event of its own: the process is still at its end.
        scheduler.after(SimDuration(0), [shared, ended] { start_now(*shared, ended); });
    });
}

}  // namespace bsim
