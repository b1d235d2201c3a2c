// member-churn, consumer-slow, traffic-burst, hot-key: what befalls applications.
#include <algorithm>
#include <utility>

#include "sim/base/check.h"
#include "sim/world/fault_stop.h"
#include "sim/world/fault_table.h"

namespace bsim {
namespace {

// One of the members that are up stops, and starts again.
class MemberChurnStrike : public Strike {
  public:
    MemberChurnStrike(FaultStage& stage, RngStream& draws, const MemberChurnFault& fault)
        : Strike(stage, draws), fault_(fault) {}

    Result<FaultTargets, std::string> aim() override {
        BSIM_TRY(Processes members, resolve(fault_.target));
        std::erase_if(members, [](const Process* node) { return !node->alive(); });
        const std::uint64_t drawn = draws().bits();
        if (members.empty())
            return Err{std::string("no member is up")};
        member_ = members[static_cast<std::size_t>(drawn % members.size())];
        return names_of({member_});
    }

    void begin(EventNumber began) override {
        stop_process(*member_, fault_.mode, began);
        stage().scheduler.after(fault_.restart_after, [strike = keep(this), began] {
            start_when_ended(strike->stage().scheduler,
                             {*strike->member_, began, [] {},
                              [strike](EventNumber started) { strike->end(started); }});
        });
    }

    std::optional<EventNumber> heal() override { return std::nullopt; }

  private:
    const MemberChurnFault& fault_;
    Process* member_ = nullptr;
};

Workload& workload_of(FaultStage& stage, const Process& producer) {
    const auto found =
        std::find_if(stage.workloads.begin(), stage.workloads.end(),
                     [&](const Workload& workload) { return &workload.node() == &producer; });
    BSIM_CHECK(found != stage.workloads.end());
    return *found;
}

ConsumerNode& consumer(Process& process) {
    auto* node = dynamic_cast<ConsumerNode*>(&process);
    BSIM_CHECK(node != nullptr);
    return *node;
}

// Each kind of fault, with what it does to one client; the scenario's builder lets nobody else be
// aimed at.
void begin(FaultStage&, const ConsumerSlowFault& fault, Process& client) {
    consumer(client).work().begin_slow({fault.factor, fault.latency});
}
void undo(FaultStage&, const ConsumerSlowFault& fault, Process& client) {
    consumer(client).work().end_slow({fault.factor, fault.latency});
}
void begin(FaultStage& stage, const TrafficBurstFault& fault, Process& client) {
    workload_of(stage, client).begin_burst(fault.factor);
}
void undo(FaultStage& stage, const TrafficBurstFault& fault, Process& client) {
    workload_of(stage, client).end_burst(fault.factor);
}
void begin(FaultStage& stage, const HotKeyFault& fault, Process& client) {
    workload_of(stage, client).begin_hot_key(fault.factor);
}
void undo(FaultStage& stage, const HotKeyFault& fault, Process& client) {
    workload_of(stage, client).end_hot_key(fault.factor);
}

template <class Fault>
class ClientStrike : public Strike {
  public:
    ClientStrike(FaultStage& stage, RngStream& draws, const Fault& fault)
        : Strike(stage, draws), fault_(fault) {}

    Result<FaultTargets, std::string> aim() override {
        BSIM_TRY(targets_, resolve(fault_.target));
        return names_of(targets_);
    }
    void begin(EventNumber /*began*/) override {
        for (Process* target : targets_)
            bsim::begin(stage(), fault_, *target);
    }
    std::optional<EventNumber> heal() override {
        for (Process* target : targets_)
            undo(stage(), fault_, *target);
        return EventNumber{};
    }

  private:
    const Fault& fault_;
    Processes targets_;
};

template <class Fault>
std::shared_ptr<Strike> make(FaultStage& stage, RngStream& draws, const FaultSpec& spec) {
    return std::make_shared<ClientStrike<Fault>>(stage, draws, std::get<Fault>(spec.action));
}

}  // namespace

std::shared_ptr<Strike> make_member_churn(FaultStage& stage,
                                          RngStream& draws,
                                          const FaultSpec& fault) {
    return std::make_shared<MemberChurnStrike>(stage, draws,
                                               std::get<MemberChurnFault>(fault.action));
}

std::shared_ptr<Strike> make_client(FaultStage& stage, RngStream& draws, const FaultSpec& fault) {
    return fault.kind == "consumer-slow"   ? make<ConsumerSlowFault>(stage, draws, fault)
           : fault.kind == "traffic-burst" ? make<TrafficBurstFault>(stage, draws, fault)
                                           : make<HotKeyFault>(stage, draws, fault);
}

}  // namespace bsim
