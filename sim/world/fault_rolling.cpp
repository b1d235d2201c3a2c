// rolling-restart: one node after another.
#include <algorithm>
#include <string>
#include <utility>

#include "sim/world/fault_stop.h"
#include "sim/world/fault_table.h"

namespace bsim {
namespace {

// When a node that has just started does its work again: a broker is unfenced, a controller knows
// who leads the quorum, a group's member has its share. None: at once.
std::optional<Expression> back_in_service(const FaultStage& stage, const Process& node) {
    const Cluster& cluster = stage.cluster;
    const auto id = node.name().kafka_id();
    const bool broker = id && cluster.broker(*id) == &node;
    EventPattern pattern;
    if (!id) {
        const auto& consumers = stage.scenario.consumers;
        const bool member =
            std::any_of(consumers.begin(), consumers.end(), [&](const ConsumerSpec& spec) {
                return spec.group && node.name().text().starts_with("consumer-" + spec.name + "-");
            });
        if (!member)
            return std::nullopt;
        pattern = {"AssignmentChanged", {{"n", CompareOp::Equal, node.name().text()}}};
    } else if (broker) {
        pattern = {"BrokerUnfenced", {{"broker", CompareOp::Equal, std::to_string(id->value())}}};
    } else {
        pattern = {
            "RaftRole",
            {{"n", CompareOp::Equal, node.name().text()}, {"leader", CompareOp::NotEqual, "-1"}}};
    }
    return Expression{"", ExpressionNode{EventHappened{std::move(pattern)}}};
}

class RollingRestartStrike : public Strike {
  public:
    RollingRestartStrike(FaultStage& stage, RngStream& draws, const RollingRestartFault& fault)
        : Strike(stage, draws), fault_(fault) {}

    Result<FaultTargets, std::string> aim() override {
        BSIM_TRY(nodes_, resolve(fault_.target));
        sort();
        return names_of(nodes_);
    }

    void begin(EventNumber began) override { next(began); }
    std::optional<EventNumber> heal() override { return std::nullopt; }

  private:
    void sort();
    void next(EventNumber cause);
    void start(Process& node, EventNumber stopping);
    void wait_for_gate(EventNumber cause);

    const RollingRestartFault& fault_;
    Processes nodes_;
    std::size_t at_ = 0;              // the node whose turn is next
    std::optional<Expression> back_;  // of the node whose turn it is
};

void RollingRestartStrike::sort() {
    using Order = RollingRestartFault::Order;
    if (fault_.order == Order::Random) {
        for (std::size_t left = nodes_.size(); left > 1; --left)
            std::swap(nodes_[left - 1], nodes_[draws().below(left)]);
        return;
    }
    const auto id = [](const Process* node) {
        return node->name().kafka_id().value_or(BrokerId(0));
    };
    std::stable_sort(nodes_.begin(), nodes_.end(),
                     [&](const Process* a, const Process* b) { return id(a) < id(b); });
    if (fault_.order == Order::Descending)
        std::reverse(nodes_.begin(), nodes_.end());
    if (fault_.order == Order::ControllerLast) {
        const Process* active = stage().cluster.active_controller();
        std::stable_partition(nodes_.begin(), nodes_.end(),
                              [&](const Process* node) { return node != active; });
    }
}

// A node that is down is none to restart.
void RollingRestartStrike::next(EventNumber cause) {
    while (at_ < nodes_.size() && !nodes_[at_]->alive())
        ++at_;
    if (at_ == nodes_.size())
        return end(cause);
    Process& node = *nodes_[at_++];
    back_ = back_in_service(stage(), node);
    stop_process(node, fault_.mode, cause);
    stage().scheduler.after(fault_.restart_after,
                            [strike = keep(this), &node, cause] { strike->start(node, cause); });
}

void RollingRestartStrike::start(Process& node, EventNumber stopping) {
    start_when_ended(stage().scheduler,
                     {node, stopping, [] {},
                      [strike = keep(this)](EventNumber started) {
                          if (!strike->back_)
                              return strike->wait_for_gate(started);
                          strike->stage().conditions.add(
                              {*strike->back_, SimDuration()},
                              [strike](EventNumber cause) { strike->wait_for_gate(cause); });
                      }});
}

void RollingRestartStrike::wait_for_gate(EventNumber cause) {
    if (at_ == nodes_.size())
        return end(cause);
    stage().conditions.add({fault_.gate, SimDuration()},
                           [strike = keep(this)](EventNumber opened) { strike->next(opened); });
}

}  // namespace

std::shared_ptr<Strike> make_rolling_restart(FaultStage& stage,
                                             RngStream& draws,
                                             const FaultSpec& fault) {
    return std::make_shared<RollingRestartStrike>(stage, draws,
                                                  std::get<RollingRestartFault>(fault.action));
}

}  // namespace bsim
