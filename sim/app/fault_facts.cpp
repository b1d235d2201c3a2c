#include "sim/app/fault_facts.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "sim/base/overloaded.h"
#include "sim/trace/node_name.h"
#include "sim/world/nearly_longest.h"

namespace bsim {
namespace {

using Names = std::set<std::string>;

// All nodes of the scenario, with what selectors go by. A combined node stands there once.
std::vector<std::pair<std::string, NodeTraits>> all_nodes(const Scenario& scenario) {
    std::vector<std::pair<std::string, NodeTraits>> out;
    for (const NodeSpec& node : scenario.brokers) {
        NodeTraits traits;
        traits.broker = node.id;
        traits.rack = node.rack;
        if (node.combined)
            traits.controller = node.id;
        out.emplace_back(NodeName::broker(node.id).text(), traits);
    }
    for (const NodeSpec& node : scenario.controllers) {
        NodeTraits traits;
        traits.controller = node.id;
        traits.rack = node.rack;
        if (!node.combined)
            out.emplace_back(NodeName::controller(node.id).text(), traits);
    }
    for (const ProducerSpec& producer : scenario.producers) {
        for (std::int32_t k = 0; k < producer.count; ++k) {
            NodeTraits traits;
            traits.client = ClientSelector{ClientSelector::Role::Producer, producer.name, k};
            out.emplace_back(NodeName::client("producer", producer.name, k).text(), traits);
        }
    }
    for (const ConsumerSpec& consumer : scenario.consumers) {
        for (std::size_t i = 0; i < consumer.members.size(); ++i) {
            const auto k = static_cast<std::int32_t>(i);
            NodeTraits traits;
            traits.client = ClientSelector{ClientSelector::Role::Consumer, consumer.name, k};
            traits.group = consumer.group;
            out.emplace_back(NodeName::client("consumer", consumer.name, k).text(), traits);
        }
    }
    return out;
}

// Nullopt: whom it means is only known when the fault strikes.
std::optional<Names> nodes_of(const Scenario& scenario, const Selector& selector) {
    if (!is_fixed(selector))
        return std::nullopt;
    Names out;
    for (const auto& [name, traits] : all_nodes(scenario)) {
        if (selects(selector, traits))
            out.insert(name);
    }
    return out;
}

std::optional<Names> nodes_of(const Scenario& scenario, const std::optional<Selector>& selector) {
    return selector ? nodes_of(scenario, *selector) : std::nullopt;
}

void add_ways(const Scenario& scenario, const PartitionCut& cut, FaultFact& fact) {
    if (const auto* one_way = std::get_if<OneWayCut>(&cut)) {
        fact.from = nodes_of(scenario, one_way->from);
        fact.to = nodes_of(scenario, one_way->to);
    } else if (const auto* between = std::get_if<BetweenCut>(&cut)) {
        for (const Selector& side : between->sides) {
            const auto nodes = nodes_of(scenario, side);
            if (!nodes) {
                fact.sides.clear();
                return;
            }
            fact.sides.push_back(*nodes);
        }
    } else if (const auto* controllers = std::get_if<ControllersCut>(&cut)) {
        const auto nodes = nodes_of(scenario, controllers->target);
        const auto others = nodes_of(scenario, Selector(AllControllersSelector{}));
        if (nodes && others)
            fact.sides = {*nodes, *others};
    } else {
        fact.isolates = true;
    }
}

void add_effect(const PacketEffect& effect, FaultFact& fact) {
    if (const auto* slow = std::get_if<SlowPackets>(&effect))
        fact.latency = nearly_longest(slow->latency);
    if (const auto* lose = std::get_if<LosePackets>(&effect))
        fact.rate = lose->probability;
    if (const auto* corrupt = std::get_if<CorruptPackets>(&effect))
        fact.rate = corrupt->probability;
    if (const auto* limit = std::get_if<LimitBandwidth>(&effect))
        fact.bits_per_second = limit->bits_per_second;
}

}  // namespace

void add_sizes(const Scenario& scenario, const FaultSpec& fault, FaultFact& fact) {
    std::visit(Overloaded{[&](const CpuSlowFault& f) { fact.factor = f.factor; },
                          [&](const DiskSlowFault& f) { fact.latency = nearly_longest(f.latency); },
                          [&](const ConsumerSlowFault& f) {
                              fact.factor = f.factor;
                              if (f.latency)
                                  fact.latency = nearly_longest(*f.latency);
                          },
                          [&](const TrafficBurstFault& f) { fact.factor = f.factor; },
                          [&](const PartitionFault& f) { add_ways(scenario, f.cut, fact); },
                          [&](const PacketFault& f) {
                              add_ways(scenario, f.where, fact);
                              add_effect(f.effect, fact);
                          },
                          [&](const ResetFault& f) { add_ways(scenario, f.where, fact); },
                          [&](const MessageFault& f) {
                              fact.api = f.filter.api;
                              fact.count = f.filter.count;
                              fact.rate = f.probability;
                              fact.from = nodes_of(scenario, f.from);
                              fact.to = nodes_of(scenario, f.to);
                              if (f.verb == MessageFault::Verb::Delay)
                                  fact.latency = nearly_longest(f.latency);
                          },
                          [&](const ApiErrorFault& f) {
                              fact.api = f.filter.api;
                              fact.error = f.error;
                              fact.count = f.filter.count;
                              fact.rate = f.probability;
                              fact.from = nodes_of(scenario, f.from);
                              fact.to = nodes_of(scenario, f.to);
                          },
                          [&](const ClockFault& f) {
                              const bool at_once = f.kind == ClockFault::Kind::Skew ||
                                                   f.kind == ClockFault::Kind::Jump;
                              if (at_once)
                                  fact.by = f.by;
                          },
                          [](const auto&) {}},
               fault.action);
}

SimDuration slowest_way(const Scenario& scenario) {
    SimDuration out = nearly_longest(scenario.network.link.latency);
    for (const LinkOverride& link : scenario.network.links) {
        if (link.latency)
            out = std::max(out, nearly_longest(*link.latency));
    }
    return out;
}

}  // namespace bsim
