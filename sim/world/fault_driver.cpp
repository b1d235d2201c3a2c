#include "sim/world/fault_driver.h"

#include <algorithm>
#include <utility>
#include <variant>

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

}  // namespace

FaultDriver::FaultDriver(const Parts& parts)
    : scenario_(parts.scenario),
      scheduler_(parts.scheduler),
      tracer_(parts.tracer),
      outages_(parts.outages),
      cluster_(parts.cluster) {}

void FaultDriver::start() {
    for (const FaultSpec& fault : scenario_.faults) {
        pending_.insert(fault.id);
        scheduler_.at(fault.at, [this, &fault] { fire(fault); });
    }
}

void FaultDriver::finish() {
    for (const FaultSpec& fault : scenario_.faults) {
        if (pending_.contains(fault.id))
            skip(fault, "the run ended before its time");
    }
}

void FaultDriver::fire(const FaultSpec& fault) {
    pending_.erase(fault.id);
    CauseScope scope(tracer_, EventNumber{});
    std::visit([&](const auto& action) { act(fault, action); }, fault.action);
}

EventNumber FaultDriver::begin(const FaultSpec& fault, const std::vector<std::string>& targets) {
    fired_.push_back({fault.id, fault.kind, scheduler_.now(), targets});
    return tracer_.emit(scheduler_.now(), sim_, FaultStarted{fault.id, fault.kind, targets});
}

void FaultDriver::end(const FaultSpec& fault,
                      const std::vector<std::string>& targets,
                      EventNumber cause) {
    CauseScope scope(tracer_, cause);
    tracer_.emit(scheduler_.now(), sim_, FaultEnded{fault.id, fault.kind, targets});
}

void FaultDriver::skip(const FaultSpec& fault, const std::string& why) {
    CauseScope scope(tracer_, EventNumber{});
    tracer_.emit(scheduler_.now(), sim_, FaultSkipped{fault.id, why});
}

void FaultDriver::act(const FaultSpec& fault, const CrashFault& crash) {
    std::string why;
    Process* node = resolve(crash.target, why);
    if (node == nullptr)
        return skip(fault, why);
    if (!node->alive())
        return skip(fault, node->name().text() + " is down already");
    const EventNumber began = begin(fault, {node->name().text()});
    if (crash.mode == CrashFault::Mode::Kill) {
        node->kill(began);
    } else {
        node->stop_gracefully(began);
    }
    if (!crash.restart_after)
        return;
    const SimTime at = scheduler_.now() + *crash.restart_after;
    scheduler_.at(at, [this, &fault, node, began] { restart_when_ended(fault, *node, began); });
}

// The new process never starts before the old one has ended.
void FaultDriver::restart_when_ended(const FaultSpec& fault, Process& node, EventNumber began) {
    if (!node.alive())
        return restart(fault, node, began);
    node.on_ended([this, &fault, &node](EventNumber ended) {
        // By an event of its own: the process is still at its end.
        scheduler_.after(SimDuration(0),
                         [this, &fault, &node, ended] { restart(fault, node, ended); });
    });
}

void FaultDriver::restart(const FaultSpec& fault, Process& node, EventNumber cause) {
    node.on_ended(nullptr);
    if (node.alive())
        return;  // another fault has started it
    const EventNumber started = node.start(cause);
    end(fault, {node.name().text()}, started);
}

void FaultDriver::act(const FaultSpec& fault, const PauseFault& pause) {
    std::string why;
    Process* node = resolve(pause.target, why);
    if (node == nullptr)
        return skip(fault, why);
    if (!node->alive())
        return skip(fault, node->name().text() + " is down");
    if (node->paused())
        return skip(fault, node->name().text() + " is paused already");
    const std::vector<std::string> targets{node->name().text()};
    const EventNumber began = begin(fault, targets);
    node->pause(began);
    const std::int32_t incarnation = node->life().incarnation();
    scheduler_.after(pause.duration, [this, &fault, node, incarnation] {
        CauseScope scope(tracer_, EventNumber{});
        const bool same = node->alive() && node->life().incarnation() == incarnation;
        const EventNumber resumed =
            same ? node->resume(EventNumber{}, WakeOrder::TimersFirst) : EventNumber{};
        end(fault, {node->name().text()}, resumed);
    });
}

void FaultDriver::act(const FaultSpec& fault, const PartitionFault& partition) {
    Cut cut_now;
    std::string why;
    if (!cut(partition, cut_now, why))
        return skip(fault, why);
    std::vector<std::string> targets;
    for (const Process* node : cut_now.named)
        targets.push_back(node->name().text());
    const EventNumber began = begin(fault, targets);
    for (const Process* node : cut_now.named)
        outages_.note(node->name(), began);
    std::vector<RuleId> rules;
    for (PartitionRule& rule : cut_now.rules) {
        rules.push_back(cluster_.network().add_rule(std::move(rule)));
    }
    if (!partition.duration)
        return;
    scheduler_.after(*partition.duration, [this, &fault, ids = std::move(rules), began] {
        for (const RuleId rule : ids)
            cluster_.network().remove_rule(rule);
        end(fault, fired_targets(fault.id), began);
    });
}

std::vector<std::string> FaultDriver::fired_targets(const std::string& id) const {
    const auto it = std::find_if(fired_.begin(), fired_.end(),
                                 [&](const FiredFault& fired) { return fired.id == id; });
    return it == fired_.end() ? std::vector<std::string>{} : it->targets;
}

void FaultDriver::act(const FaultSpec& fault, const ElectFault& elect) {
    std::vector<std::int32_t> partitions;
    for (const PartitionIndex partition : elect.partitions)
        partitions.push_back(partition.value());
    if (partitions.empty()) {
        const auto topic =
            std::find_if(scenario_.topics.begin(), scenario_.topics.end(),
                         [&](const TopicSpec& spec) { return spec.name == elect.topic; });
        for (std::int32_t p = 0; p < topic->partitions; ++p)
            partitions.push_back(p);
    }
    const std::vector<std::string> targets{elect.topic};
    const EventNumber began = begin(fault, targets);
    wire::ElectLeadersRequest request;
    request.election_type = elect.type == ElectFault::Type::Unclean ? 1 : 0;
    auto& wanted = request.topic_partitions.emplace();
    wanted.emplace_back().topic = elect.topic;
    wanted.back().partitions = partitions;
    CauseScope scope(tracer_, began);
    cluster_.admin().call(std::move(request),
                          [this, &fault, began](const std::optional<wire::ResponseBody>&) {
                              end(fault, fired_targets(fault.id), began);
                          });
}

Process* FaultDriver::resolve(const Selector& selector, std::string& why) const {
    if (const auto* broker = std::get_if<BrokerSelector>(&selector)) {
        return cluster_.broker(broker->id);
    }
    if (const auto* controller = std::get_if<ControllerSelector>(&selector)) {
        return cluster_.controller(controller->id);
    }
    if (std::holds_alternative<ActiveControllerSelector>(selector)) {
        ServerNode* active = cluster_.active_controller();
        if (active == nullptr)
            why = "no controller is active";
        return active;
    }
    const TopicPartition& tp = std::get<LeaderSelector>(selector).partition;
    const MetadataImage* image = cluster_.committed();
    const PartitionRegistration* partition = image == nullptr ? nullptr : image->partition(tp);
    if (partition == nullptr || !partition->leader) {
        why = tp.to_string() + " has no leader";
        return nullptr;
    }
    return cluster_.broker(*partition->leader);
}

bool FaultDriver::cut(const PartitionFault& partition, Cut& out, std::string& why) const {
    const RuleVerdict how = verdict_of(partition.how);
    const auto take = [&](const Selector& selector) {
        Process* node = resolve(selector, why);
        if (node != nullptr)
            out.named.push_back(node);
        return node;
    };
    if (const auto* one_way = std::get_if<OneWayCut>(&partition.cut)) {
        const Process* from = take(one_way->from);
        const Process* to = from == nullptr ? nullptr : take(one_way->to);
        if (to == nullptr)
            return false;
        out.rules.push_back({{from->host()}, {to->host()}, false, how});
        return true;
    }
    if (const auto* isolation = std::get_if<IsolationCut>(&partition.cut)) {
        const Process* target = take(isolation->target);
        if (target == nullptr)
            return false;
        PartitionRule rule{{target->host()}, {}, true, how};
        for (const Process* other : cluster_.processes()) {
            if (other != target)
                rule.to.insert(other->host());
        }
        out.rules.push_back(std::move(rule));
        return true;
    }
    for (const Selector& side : std::get<BetweenCut>(partition.cut).sides) {
        if (take(side) == nullptr)
            return false;
    }
    for (std::size_t i = 0; i < out.named.size(); ++i) {
        for (std::size_t j = i + 1; j < out.named.size(); ++j) {
            out.rules.push_back({{out.named[i]->host()}, {out.named[j]->host()}, true, how});
        }
    }
    return true;
}

}  // namespace bsim
