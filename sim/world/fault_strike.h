#pragma once
// One occurrence of a fault: what a kind of fault is to the driver. Kinds derive from Strike in the
// files fault_*.cpp; the table in fault_table.cpp names them.
//
//   aim() -> begin() -> [heal() by `for` or `until`, or it ends by itself] -> ended
//
// FaultStarted stands in the trace between aim() and begin(), FaultEnded after the end.

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/base/result.h"
#include "sim/kernel/scheduler.h"
#include "sim/scenario/scenario.h"
#include "sim/world/cluster.h"
#include "sim/world/condition_watch.h"
#include "sim/world/selector_resolver.h"
#include "sim/world/workload.h"

namespace bsim {

class TopicDriver;

// What faults act on; one for all of a run.
struct FaultStage {
    const Scenario& scenario;
    Scheduler& scheduler;
    const Rng& rng;
    Tracer& tracer;
    Outages& outages;
    Cluster& cluster;
    TopicDriver& topics;
    std::deque<Workload>& workloads;
    ConditionWatch& conditions;
    SelectorResolver resolver;
};

// Names of nodes, or of topics where the fault acts on those.
using FaultTargets = std::vector<std::string>;

class Strike : public std::enable_shared_from_this<Strike> {
  public:
    // `draws` are the fault's own, for whom it strikes.
    Strike(FaultStage& stage, RngStream& draws) : stage_(stage), draws_(draws) {}
    virtual ~Strike() = default;
    Strike(const Strike&) = delete;
    Strike& operator=(const Strike&) = delete;

    // Chooses whom to strike; the error says why there is nobody.
    virtual Result<FaultTargets, std::string> aim() = 0;
    // Strikes. `began` is the FaultStarted.
    virtual void begin(EventNumber began) = 0;
    // Undoes it, if it can be undone. Returns the event that is the cause of the end, or, where the
    // end is still to come by itself, nullopt.
    virtual std::optional<EventNumber> heal() = 0;

    // Which one of its fault's occurrences it is, from 1; set before aim().
    void set_occurrence(std::int64_t number) { occurrence_ = number; }

    // Called when it is over by itself; set before begin().
    using Ended = std::function<void(EventNumber cause)>;
    void on_ended(Ended listener) { ended_ = std::move(listener); }

  protected:
    FaultStage& stage() const { return stage_; }
    SimTime now() const { return stage_.scheduler.now(); }
    Result<Processes, std::string> resolve(const Selector& selector) {
        return stage_.resolver.resolve({selector, SelectorResolver::Others::SameKind, draws_});
    }
    // The same where a way through the network is meant.
    Result<Processes, std::string> resolve_on_network(const Selector& selector) {
        return stage_.resolver.resolve({selector, SelectorResolver::Others::Everybody, draws_});
    }
    RngStream& draws() { return draws_; }
    // For what draws in the strike's name: that each occurrence draws anew.
    std::string own_name(const FaultSpec& fault) const {
        return fault.id + "/" + std::to_string(occurrence_);
    }
    // For what is to happen later: it keeps the strike alive until then.
    template <class Self>
    std::shared_ptr<Self> keep(Self*) {
        return std::static_pointer_cast<Self>(shared_from_this());
    }
    // It is over. May be called again, which does nothing.
    void end(EventNumber cause) {
        if (const Ended told = std::exchange(ended_, nullptr))
            told(cause);
    }

  private:
    FaultStage& stage_;
    RngStream& draws_;
    std::int64_t occurrence_ = 1;
    Ended ended_;
};

FaultTargets names_of(const Processes& processes);

}  // namespace bsim
