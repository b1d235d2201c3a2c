// pause, gc-pause: a process stands still for a while.
#include <vector>

#include "sim/world/fault_table.h"

namespace bsim {
namespace {

class PauseStrike : public Strike {
  public:
    PauseStrike(FaultStage& stage, RngStream& draws, const FaultSpec& fault)
        : Strike(stage, draws),
          fault_(std::get<PauseFault>(fault.action)),
          wake_(fault.kind == "gc-pause" ? WakeOrder::Arrival : WakeOrder::TimersFirst) {}

    Result<FaultTargets, std::string> aim() override {
        BSIM_TRY(targets_, resolve(fault_.target));
        const Process& first = *targets_.front();
        const std::string why =
            first.name().text() + (first.alive() ? " is paused already" : " is down");
        std::erase_if(targets_,
                      [](const Process* node) { return !node->alive() || node->paused(); });
        if (targets_.empty())
            return Err{why};
        return names_of(targets_);
    }

    void begin(EventNumber began) override {
        for (Process* node : targets_) {
            node->pause(began);
            incarnations_.push_back(node->life().incarnation());
        }
    }

    // Those that have died meanwhile are not resumed.
    std::optional<EventNumber> heal() override {
        EventNumber resumed;
        for (std::size_t i = 0; i < targets_.size(); ++i) {
            Process& node = *targets_[i];
            const bool same = node.alive() && node.life().incarnation() == incarnations_[i];
            if (same && node.paused())
                resumed = node.resume(EventNumber{}, wake_);
        }
        return resumed;
    }

  private:
    const PauseFault& fault_;
    WakeOrder wake_;
    Processes targets_;
    std::vector<std::int32_t> incarnations_;
};

}  // namespace

std::shared_ptr<Strike> make_pause(FaultStage& stage, RngStream& draws, const FaultSpec& fault) {
    return std::make_shared<PauseStrike>(stage, draws, fault);
}

}  // namespace bsim
