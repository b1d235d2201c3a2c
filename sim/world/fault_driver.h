#pragma once
// Makes the scenario's faults happen: resolves who is struck when a fault fires, does it by one
// call on a node, the network or the admin client, and tells the trace when it begins and ends.

#include <set>
#include <string>
#include <vector>

#include "sim/kernel/scheduler.h"
#include "sim/scenario/scenario.h"
#include "sim/world/cluster.h"

namespace bsim {

// For results.json.
struct FiredFault {
    std::string id;
    std::string fault;
    SimTime fired_at;
    std::vector<std::string> targets;
};

class FaultDriver {
  public:
    struct Parts {
        const Scenario& scenario;
        Scheduler& scheduler;
        Tracer& tracer;
        Outages& outages;
        Cluster& cluster;
    };
    explicit FaultDriver(const Parts& parts);

    void start();
    // At the end of the run: reports the faults whose time never came.
    void finish();
    const std::vector<FiredFault>& fired() const { return fired_; }

  private:
    void fire(const FaultSpec& fault);
    void act(const FaultSpec& fault, const CrashFault& crash);
    void act(const FaultSpec& fault, const PauseFault& pause);
    void act(const FaultSpec& fault, const PartitionFault& partition);
    void act(const FaultSpec& fault, const ElectFault& elect);

    void restart(const FaultSpec& fault, Process& node, EventNumber cause);
    void restart_when_ended(const FaultSpec& fault, Process& node, EventNumber began);
    EventNumber begin(const FaultSpec& fault, const std::vector<std::string>& targets);
    void end(const FaultSpec& fault, const std::vector<std::string>& targets, EventNumber cause);
    std::vector<std::string> fired_targets(const std::string& id) const;
    void skip(const FaultSpec& fault, const std::string& why);

    // Null, with `why` filled, if nobody answers to the selector now.
    Process* resolve(const Selector& selector, std::string& why) const;
    struct Cut {
        std::vector<PartitionRule> rules;
        std::vector<const Process*> named;  // whom the scenario names
    };
    bool cut(const PartitionFault& partition, Cut& out, std::string& why) const;

    const Scenario& scenario_;
    Scheduler& scheduler_;
    Tracer& tracer_;
    Outages& outages_;
    Cluster& cluster_;
    NodeName sim_ = NodeName::sim();
    std::set<std::string> pending_;
    std::vector<FiredFault> fired_;
};

}  // namespace bsim
