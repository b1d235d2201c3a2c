// cpu-slow, disk-slow, disk-stall, clock-*: what befalls the machine under a node. It does so
// whether a process runs there or not, and outlasts its end.
#include <functional>
#include <utility>

#include "sim/base/check.h"
#include "sim/node/server_node.h"
#include "sim/world/fault_table.h"

namespace bsim {
namespace {

// Does something to each target, and undoes it.
class MachineStrike : public Strike {
  public:
    using Act = std::function<void(Process& target, SimTime now)>;
    struct Acts {
        Act begin;
        Act undo;
    };
    MachineStrike(FaultStage& stage, RngStream& draws, const Selector& target, Acts acts)
        : Strike(stage, draws), target_(target), acts_(std::move(acts)) {}

    Result<FaultTargets, std::string> aim() override {
        BSIM_TRY(targets_, resolve(target_));
        return names_of(targets_);
    }
    void begin(EventNumber /*began*/) override { on_all(acts_.begin); }
    std::optional<EventNumber> heal() override {
        on_all(acts_.undo);
        return EventNumber{};
    }

  private:
    void on_all(const Act& act) {
        for (Process* target : targets_)
            act(*target, now());
    }

    const Selector& target_;
    Acts acts_;
    Processes targets_;
};

// Only servers have disks; the scenario's builder lets nothing else be aimed at. A node that has
// not so many directories is passed over.
template <class Do>
MachineStrike::Act on_disks(std::optional<std::size_t> only, Do act) {
    return [only, act](Process& process, SimTime) {
        auto* server = dynamic_cast<ServerNode*>(&process);
        BSIM_CHECK(server != nullptr);
        LogDirs& dirs = server->log_dirs();
        for (std::size_t dir = 0; dir < dirs.size(); ++dir) {
            if (!only || *only == dir)
                act(dirs[dir]);
        }
    };
}

MachineStrike::Acts acts_of(const CpuSlowFault& fault) {
    return {[factor = fault.factor](Process& p, SimTime) { p.cpu().begin_slow(factor); },
            [factor = fault.factor](Process& p, SimTime) { p.cpu().end_slow(factor); }};
}

MachineStrike::Acts acts_of(const DiskSlowFault& fault) {
    return {on_disks(fault.dir, [&fault](NodeDisk& d) { d.begin_slow(fault.op, fault.latency); }),
            on_disks(fault.dir, [&fault](NodeDisk& d) { d.end_slow(fault.op, fault.latency); })};
}

MachineStrike::Acts acts_of(const DiskStallFault& fault) {
    return {on_disks(fault.dir, [op = fault.op](NodeDisk& disk) { disk.begin_stall(op); }),
            on_disks(fault.dir, [op = fault.op](NodeDisk& disk) { disk.end_stall(op); })};
}

MachineStrike::Acts shifted(SimDuration by, SimDuration back) {
    return {[by](Process& p, SimTime) { p.wall().shift(by); },
            [back](Process& p, SimTime) { p.wall().shift(back); }};
}

MachineStrike::Acts acts_of(const ClockFault& fault) {
    switch (fault.kind) {
        case ClockFault::Kind::Skew:
        case ClockFault::Kind::Jump:
            return shifted(fault.by, SimDuration(-fault.by.ns()));
        case ClockFault::Kind::Drift:
            return {[ppm = fault.drift_ppm](Process& p, SimTime now) {
                        p.wall().begin_drift(now, ppm);
                    },
                    [ppm = fault.drift_ppm](Process& p, SimTime) { p.wall().end_drift(ppm); }};
        case ClockFault::Kind::Freeze:
            break;
    }
    return {[](Process& p, SimTime now) { p.wall().freeze(now); },
            [](Process& p, SimTime) { p.wall().thaw(); }};
}

template <class Fault>
std::shared_ptr<Strike> make(FaultStage& stage, RngStream& draws, const FaultSpec& spec) {
    const auto& fault = std::get<Fault>(spec.action);
    return std::make_shared<MachineStrike>(stage, draws, fault.target, acts_of(fault));
}

}  // namespace

std::shared_ptr<Strike> make_cpu_slow(FaultStage& stage, RngStream& draws, const FaultSpec& fault) {
    return make<CpuSlowFault>(stage, draws, fault);
}

std::shared_ptr<Strike> make_disk_slow(FaultStage& stage,
                                       RngStream& draws,
                                       const FaultSpec& fault) {
    return make<DiskSlowFault>(stage, draws, fault);
}

std::shared_ptr<Strike> make_disk_stall(FaultStage& stage,
                                        RngStream& draws,
                                        const FaultSpec& fault) {
    return make<DiskStallFault>(stage, draws, fault);
}

std::shared_ptr<Strike> make_clock(FaultStage& stage, RngStream& draws, const FaultSpec& fault) {
    return make<ClockFault>(stage, draws, fault);
}

}  // namespace bsim
