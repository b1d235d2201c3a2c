// crash, wipe and broker-add: a process ends, a process starts.
#include <algorithm>
#include <utility>

#include "sim/world/fault_stop.h"
#include "sim/world/fault_table.h"

namespace bsim {
namespace {

// Of a wipe the process starts on an empty disk.
class CrashStrike : public Strike {
  public:
    CrashStrike(FaultStage& stage, RngStream& draws, CrashFault fault, bool wipes)
        : Strike(stage, draws), fault_(std::move(fault)), wipes_(wipes) {}

    Result<FaultTargets, std::string> aim() override {
        BSIM_TRY(targets_, resolve(fault_.target));
        const std::string first = targets_.front()->name().text();
        std::erase_if(targets_, [](const Process* node) { return !node->alive(); });
        if (targets_.empty())
            return Err{first + " is down already"};
        return names_of(targets_);
    }

    void begin(EventNumber began) override {
        began_ = began;
        left_ = targets_.size();
        for (Process* node : targets_)
            stop_process(*node, fault_.mode, began);
        if (fault_.restart_after) {
            stage().scheduler.after(*fault_.restart_after,
                                    [strike = keep(this)] { strike->restart(); });
        }
    }

    // `until` has come: the nodes start again.
    std::optional<EventNumber> heal() override {
        restart();
        return std::nullopt;
    }

  private:
    void restart() {
        if (std::exchange(restarting_, true))
            return;
        for (Process* node : targets_) {
            start_when_ended(stage().scheduler,
                             {*node, began_, [strike = keep(this), node] { strike->wipe(*node); },
                              [strike = keep(this)](EventNumber started) {
                                  if (--strike->left_ == 0)
                                      strike->end(started);
                              }});
        }
    }
    void wipe(const Process& node) {
        if (!wipes_)
            return;
        for (const auto& server : stage().cluster.servers()) {
            if (server.get() == &node)
                server->wipe();
        }
    }

    CrashFault fault_;
    bool wipes_;
    Processes targets_;
    EventNumber began_;
    std::size_t left_ = 0;
    bool restarting_ = false;
};

class BrokerAddStrike : public Strike {
  public:
    BrokerAddStrike(FaultStage& stage, RngStream& draws, const BrokerAddFault& fault)
        : Strike(stage, draws), node_(stage.cluster.broker(fault.broker)) {}

    Result<FaultTargets, std::string> aim() override {
        if (node_->alive())
            return Err{node_->name().text() + " is up already"};
        return FaultTargets{node_->name().text()};
    }
    void begin(EventNumber began) override { end(node_->start(began)); }
    std::optional<EventNumber> heal() override { return EventNumber{}; }

  private:
    Process* node_;
};

}  // namespace

std::shared_ptr<Strike> make_crash(FaultStage& stage, RngStream& draws, const FaultSpec& fault) {
    return std::make_shared<CrashStrike>(stage, draws, std::get<CrashFault>(fault.action), false);
}

std::shared_ptr<Strike> make_wipe(FaultStage& stage, RngStream& draws, const FaultSpec& fault) {
    const auto& wipe = std::get<WipeFault>(fault.action);
    return std::make_shared<CrashStrike>(
        stage, draws, CrashFault{wipe.target, wipe.mode, wipe.restart_after}, true);
}

std::shared_ptr<Strike> make_broker_add(FaultStage& stage,
                                        RngStream& draws,
                                        const FaultSpec& fault) {
    return std::make_shared<BrokerAddStrike>(stage, draws, std::get<BrokerAddFault>(fault.action));
}

FaultTargets names_of(const Processes& processes) {
    FaultTargets names;
    for (const Process* process : processes)
        names.push_back(process->name().text());
    return names;
}

}  // namespace bsim
