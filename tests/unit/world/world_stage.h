#pragma once
// A tracer, a view and a clock, without any nodes: events are told by hand.

#include <string>

#include "sim/check/checker_set.h"
#include "sim/kernel/scheduler.h"
#include "sim/scenario/scenario.h"
#include "sim/trace/tracer.h"
#include "sim/world/judged_run.h"

namespace bsim::test {

class HandMadeRun {
  public:
    HandMadeRun() { tracer.subscribe(checkers); }

    // Lets time pass up to that instant.
    void until(SimDuration at) { scheduler.run_until(SimTime(0) + at); }
    template <class Body>
    EventNumber tell(const std::string& node, Body body) {
        return tracer.emit(scheduler.now(), NodeName(node), std::move(body));
    }
    // The controller's news of orders-0, of brokers 1 to 3.
    void partition(std::optional<std::int32_t> leader, const std::vector<std::int32_t>& isr) {
        PartitionChanged changed;
        changed.p = {"orders", PartitionIndex(0)};
        if (leader)
            changed.leader = BrokerId(*leader);
        for (const std::int32_t id : isr)
            changed.isr.emplace_back(id);
        changed.replicas = {BrokerId(1), BrokerId(2), BrokerId(3)};
        changed.reason = "test";
        tell("controller-100", std::move(changed));
    }

    Scheduler scheduler;
    Tracer tracer{RecordMessages::No};
    CheckerSet checkers{CheckSettings{}};
};

// A scenario of three brokers and the topic orders with one partition; `more` are further members.
Scenario scenario_with(const std::string& more);

}  // namespace bsim::test
