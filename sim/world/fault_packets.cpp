// net-slow, net-loss, net-duplicate, net-reorder, net-corrupt, net-bandwidth: packets fare badly
// for a while. net-reset: connections break, once.
#include <utility>
#include <variant>

#include "sim/base/overloaded.h"
#include "sim/world/fault_table.h"
#include "sim/world/fault_ways.h"

namespace bsim {
namespace {

Disturbance disturbance_of(const PacketEffect& effect) {
    return std::visit(
        Overloaded{
            [](const SlowPackets& e) { return Disturbance(ExtraLatency{e.latency}); },
            [](const LosePackets& e) {
                return Disturbance(PacketLoss{IndependentLoss{e.probability}});
            },
            [](const DuplicatePackets& e) { return Disturbance(PacketDuplication{e.probability}); },
            [](const ReorderPackets& e) { return Disturbance(PacketReordering{e.probability}); },
            [](const CorruptPackets& e) { return Disturbance(PacketCorruption{e.probability}); },
            [](const LimitBandwidth& e) { return Disturbance(RateLimit{e.bits_per_second}); }},
        effect);
}

class PacketStrike : public Strike {
  public:
    PacketStrike(FaultStage& stage, RngStream& draws, const FaultSpec& spec)
        : Strike(stage, draws), spec_(spec), fault_(std::get<PacketFault>(spec.action)) {}

    Result<FaultTargets, std::string> aim() override {
        BSIM_TRY(ways_, WayFinder(stage().resolver, draws()).find(fault_.where));
        return names_of(ways_.named);
    }

    void begin(EventNumber began) override {
        began_ = began;
        for (const Process* node : ways_.named)
            stage().outages.note(node->name(), began);
        rule_ = stage().cluster.network().add_rule(
            PacketRule{own_name(spec_), std::move(ways_.ways), disturbance_of(fault_.effect)});
    }

    // What the packets under way have met already stays so.
    std::optional<EventNumber> heal() override {
        stage().cluster.network().remove_rule(rule_);
        return began_;
    }

  private:
    const FaultSpec& spec_;
    const PacketFault& fault_;
    NetworkWays ways_;
    EventNumber began_;
    RuleId rule_;
};

class ResetStrike : public Strike {
  public:
    ResetStrike(FaultStage& stage, RngStream& draws, const ResetFault& fault)
        : Strike(stage, draws), fault_(fault) {}

    Result<FaultTargets, std::string> aim() override {
        BSIM_TRY(ways_, WayFinder(stage().resolver, draws()).find(fault_.where));
        return names_of(ways_.named);
    }
    void begin(EventNumber began) override {
        for (const Ways& ways : ways_.ways)
            stage().cluster.network().reset_connections(ways, began);
        end(began);
    }
    std::optional<EventNumber> heal() override { return EventNumber{}; }

  private:
    const ResetFault& fault_;
    NetworkWays ways_;
};

}  // namespace

std::shared_ptr<Strike> make_packets(FaultStage& stage, RngStream& draws, const FaultSpec& fault) {
    return std::make_shared<PacketStrike>(stage, draws, fault);
}

std::shared_ptr<Strike> make_net_reset(FaultStage& stage,
                                       RngStream& draws,
                                       const FaultSpec& fault) {
    return std::make_shared<ResetStrike>(stage, draws, std::get<ResetFault>(fault.action));
}

}  // namespace bsim
