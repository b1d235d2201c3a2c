// partition, net-flap, zombie: nothing gets through for a while.
#include <utility>
#include <vector>

#include "sim/world/fault_table.h"
#include "sim/world/fault_ways.h"

namespace bsim {
namespace {

RuleVerdict verdict_of(PartitionFault::How how) {
    switch (how) {
        case PartitionFault::How::Drop:
            return RuleVerdict::Drop;
        case PartitionFault::How::Reject:
            return RuleVerdict::Reject;
        case PartitionFault::How::Jam:
            return RuleVerdict::Jam;
    }
    return RuleVerdict::Drop;
}

class PartitionStrike : public Strike {
  public:
    PartitionStrike(FaultStage& stage, RngStream& draws, const PartitionFault& fault)
        : Strike(stage, draws), fault_(fault) {}

    Result<FaultTargets, std::string> aim() override {
        BSIM_TRY(ways_, WayFinder(stage().resolver, draws()).find(fault_.cut));
        return names_of(ways_.named);
    }

    void begin(EventNumber began) override {
        began_ = began;
        for (const Process* node : ways_.named)
            stage().outages.note(node->name(), began);
        for (Ways& way : ways_.ways) {
            rules_.push_back(stage().cluster.network().add_rule(PartitionRule{
                std::move(way.from), std::move(way.to), way.both_ways, verdict_of(fault_.how)}));
        }
    }

    std::optional<EventNumber> heal() override {
        for (const RuleId rule : rules_)
            stage().cluster.network().remove_rule(rule);
        return began_;
    }

  private:
    const PartitionFault& fault_;
    NetworkWays ways_;
    EventNumber began_;
    std::vector<RuleId> rules_;
};

}  // namespace

std::shared_ptr<Strike> make_partition(FaultStage& stage,
                                       RngStream& draws,
                                       const FaultSpec& fault) {
    return std::make_shared<PartitionStrike>(stage, draws, std::get<PartitionFault>(fault.action));
}

}  // namespace bsim
