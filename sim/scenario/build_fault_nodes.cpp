// Faults of processes and their machines.
#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "sim/scenario/fault_builder.h"
#include "sim/scenario/features.h"
#include "sim/scenario/quantity.h"
#include "sim/scenario/values.h"

namespace bsim {
namespace {

// All nodes of the kind that a selector is about, which `not` takes the rest of.
std::vector<NodeTraits> kin_of(const Scenario& scenario, const Selector& selector) {
    std::vector<NodeTraits> out;
    if (may_mean_clients(selector)) {
        using Role = ClientSelector::Role;
        for (const ProducerSpec& spec : scenario.producers) {
            for (std::int32_t i = 0; i < spec.count; ++i) {
                NodeTraits& client = out.emplace_back();
                client.client = ClientSelector{Role::Producer, spec.name, i};
            }
        }
        for (const ConsumerSpec& spec : scenario.consumers) {
            for (std::size_t i = 0; i < spec.members.size(); ++i) {
                NodeTraits& client = out.emplace_back();
                const auto index = static_cast<std::int32_t>(i);
                client.client = ClientSelector{Role::Consumer, spec.name, index};
                client.group = spec.group;
            }
        }
        return out;
    }
    const bool controllers = std::holds_alternative<ControllerSelector>(selector) ||
                             std::holds_alternative<AllControllersSelector>(selector);
    for (const NodeSpec& spec : controllers ? scenario.controllers : scenario.brokers) {
        NodeTraits& node = out.emplace_back();
        node.rack = spec.rack;
        (controllers ? node.controller : node.broker) = spec.id;
        if (spec.combined) {
            node.controller = spec.id;
            node.broker = spec.id;
        }
    }
    return out;
}

// Does it mean nobody at all times? Where nodes are struck, `not` means the others of their kind.
bool means_nobody(const Scenario& scenario, const Selector& selector) {
    if (const auto* random = std::get_if<RandomSelector>(&selector)) {
        return means_nobody(scenario, *random->of);
    }
    const auto* inverse = std::get_if<NotSelector>(&selector);
    if (inverse == nullptr) {
        return false;
    }
    if (std::holds_alternative<NotSelector>(*inverse->of) || !is_fixed(*inverse->of)) {
        return false;
    }
    const auto kin = kin_of(scenario, *inverse->of);
    return std::all_of(kin.begin(), kin.end(),
                       [&](const NodeTraits& node) { return selects(*inverse->of, node); });
}

// No clients, and no controllers by that name.
bool means_brokers(const Selector& selector) {
    if (const auto* random = std::get_if<RandomSelector>(&selector)) {
        return means_brokers(*random->of);
    }
    if (const auto* inverse = std::get_if<NotSelector>(&selector)) {
        return means_brokers(*inverse->of);
    }
    return !may_mean_clients(selector) && !std::holds_alternative<ControllerSelector>(selector) &&
           !std::holds_alternative<AllControllersSelector>(selector) &&
           !std::holds_alternative<ActiveControllerSelector>(selector);
}

RollingRestartFault::Order order_of(std::optional<std::string_view> word) {
    using Order = RollingRestartFault::Order;
    return word == "descending"        ? Order::Descending
           : word == "random"          ? Order::Random
           : word == "controller-last" ? Order::ControllerLast
                                       : Order::Ascending;
}

std::optional<DiskOp> disk_op_of(std::optional<std::string_view> word) {
    return word == "read"    ? std::optional(DiskOp::Read)
           : word == "write" ? std::optional(DiskOp::Write)
           : word == "fsync" ? std::optional(DiskOp::Fsync)
                             : std::nullopt;
}

// What a rolling restart waits for unless the scenario says otherwise.
Expression default_gate() {
    ExpressionNode none{LiteralValue{NumberValue{{0, 1}, NumberUnit::One}}};
    ExpressionNode urp{UnderReplicatedQuery{}};
    return {"urp() == 0",
            ExpressionNode{Comparison{CompareOp::Equal, std::move(urp), std::move(none)}}};
}

}  // namespace

bool may_mean_clients(const Selector& selector) {
    if (const auto* random = std::get_if<RandomSelector>(&selector)) {
        return may_mean_clients(*random->of);
    }
    if (const auto* inverse = std::get_if<NotSelector>(&selector)) {
        return may_mean_clients(*inverse->of);
    }
    return std::holds_alternative<ClientsSelector>(selector) ||
           std::holds_alternative<ClientSelector>(selector) ||
           std::holds_alternative<GroupSelector>(selector);
}

std::optional<Selector> FaultBuilder::struck() {
    auto target = selector("target");
    if (!target) {
        return std::nullopt;
    }
    if (may_mean_clients(*target) && !has_feature(build_.vocabulary, kClientsStruckFeature)) {
        build_.document.report({"E0900", at_value(*find("target")),
                                fmt::format("striking a client with \"{}\" is part of the scenario "
                                            "format but not built yet",
                                            kind_.name),
                                "brokers or controllers"});
        return std::nullopt;
    }
    if (may_mean_clients(*target) && (is("wipe") || is("disk-slow") || is("disk-stall"))) {
        build_.document.report(
            {"E0401", at_value(*find("target")),
             fmt::format("\"{}\" strikes disks, and clients have none", kind_.name),
             "brokers or controllers"});
        return std::nullopt;
    }
    if (is("zombie") && !means_brokers(*target)) {
        build_.document.report({"E0401", at_value(*find("target")),
                                "\"zombie\" cuts brokers off from the controllers", "brokers"});
        return std::nullopt;
    }
    return check_somebody(*target) ? std::move(target) : std::nullopt;
}

bool FaultBuilder::check_somebody(const Selector& target) {
    const Scenario& out = build_.out;
    const auto all_read = [](const auto& declared, const auto& read) {
        return declared && declared->size() == read.size();
    };
    // Of what could not be read nothing can be said.
    const bool certain =
        all_read(build_.brokers, out.brokers) && all_read(build_.controllers, out.controllers) &&
        all_read(build_.producers, out.producers) && all_read(build_.consumers, out.consumers);
    if (!certain || !means_nobody(out, target)) {
        return true;
    }
    build_.document.report(
        {"E0401", at_value(*find("target")),
         fmt::format("\"{}\" means nobody: \"not\" means the others of the same kind, and there "
                     "are none",
                     to_string(target)),
         "a target that leaves somebody"});
    return false;
}

std::optional<CrashMode> FaultBuilder::crash_mode(CrashMode otherwise) {
    const JsonNode* mode = find("mode");
    if (mode == nullptr) {
        return otherwise;
    }
    const auto word = text_of(mode);
    return word == "kill"       ? std::optional(CrashMode::Kill)
           : word == "power"    ? std::optional(CrashMode::Power)
           : word == "graceful" ? std::optional(CrashMode::Graceful)
                                : std::nullopt;
}

std::optional<FaultAction> FaultBuilder::crash(const Selector& target) {
    CrashFault fault;
    fault.target = target;
    const auto mode = crash_mode(CrashMode::Kill);
    fault.restart_after = duration_of(find("restart_after"));
    if (!mode || (fault.restart_after && !fits(*find("restart_after"), *fault.restart_after))) {
        return std::nullopt;
    }
    fault.mode = *mode;
    return fault;
}

std::optional<FaultAction> FaultBuilder::rolling_restart(const Selector& target) {
    RollingRestartFault fault;
    fault.target = target;
    fault.order = order_of(text_of(find("order")));
    fault.restart_after = duration_of(find("restart_after")).value_or(SimDuration{});
    fault.gate = default_gate();
    const auto mode = crash_mode(CrashMode::Graceful);
    if (const JsonNode* gate = find("gate")) {
        auto expression = build_expression(build_, gate, ExpressionWanted::Condition);
        if (!expression || !check_possible(build_, *gate, *expression, "the gate", {})) {
            return std::nullopt;
        }
        fault.gate = std::move(*expression);
    }
    if (!mode) {
        return std::nullopt;
    }
    fault.mode = *mode;
    return fault;
}

std::optional<FaultAction> FaultBuilder::wipe(const Selector& target) {
    const auto mode = crash_mode(CrashMode::Kill);
    const auto restart = duration_of(find("restart_after")).value_or(SimDuration{});
    return mode ? std::optional<FaultAction>(WipeFault{target, *mode, restart}) : std::nullopt;
}

std::optional<FaultAction> FaultBuilder::broker_add() {
    const JsonNode* place = find("target");
    const auto text = text_of(place);
    const auto parsed = text ? std::optional(parse_selector(*text)) : std::nullopt;
    if (!parsed || !*parsed) {
        build_selector(build_, place);  // says what is wrong
        return std::nullopt;
    }
    constexpr std::string_view kForm = "a broker that the cluster does not have, such as broker:4";
    const auto* broker = std::get_if<BrokerSelector>(&(*parsed)->selector);
    if (broker == nullptr) {
        build_.document.report({"E0401", at_value(*place),
                                fmt::format("\"{}\" names no new broker", *text),
                                std::string(kForm)});
        return std::nullopt;
    }
    const bool declared = build_.out.brokers.end() !=
                          std::find_if(build_.out.brokers.begin(), build_.out.brokers.end(),
                                       [&](const NodeSpec& spec) { return spec.id == broker->id; });
    if (build_.controllers && build_.controllers->contains(broker->id) && !declared) {
        build_.document.report({"E0206", at_value(*place),
                                fmt::format("the id {} is taken: there is a controller {}",
                                            broker->id.value(), broker->id.value()),
                                std::string(kForm)});
        return std::nullopt;
    }
    for (const NodeSpec& node : build_.out.brokers) {
        if (node.id == broker->id && !node.joins_by_fault) {
            build_.document.report(
                {"E0206", at_value(*find("target")),
                 fmt::format("the cluster has a broker {} already", broker->id.value())});
            return std::nullopt;
        }
    }
    return BrokerAddFault{broker->id};
}

std::optional<FaultAction> FaultBuilder::clock(const Selector& target) {
    ClockFault fault;
    fault.target = target;
    fault.kind = is("clock-skew")    ? ClockFault::Kind::Skew
                 : is("clock-jump")  ? ClockFault::Kind::Jump
                 : is("clock-drift") ? ClockFault::Kind::Drift
                                     : ClockFault::Kind::Freeze;
    if (fault.kind == ClockFault::Kind::Freeze) {
        return fault;
    }
    const bool drifts = fault.kind == ClockFault::Kind::Drift;
    const auto by = signed_duration_of(find("by"));
    const auto drift = drift_of(find("by"));
    if (drifts ? !drift : !by) {
        return std::nullopt;
    }
    fault.by = by.value_or(SimDuration{});
    fault.drift_ppm = drift.value_or(Ratio{});
    return fault;
}

std::optional<FaultAction> FaultBuilder::disk(const Selector& target) {
    const auto op = disk_op_of(text_of(find("op")));
    std::optional<std::size_t> dir;
    if (const auto place = integer_of(find("dir"))) {
        std::int64_t most = 0;
        for (const auto* nodes : {&build_.out.brokers, &build_.out.controllers}) {
            for (const NodeSpec& node : *nodes)
                most = std::max<std::int64_t>(most, node.hardware.disk.log_dirs);
        }
        if (*place >= most) {
            build_.document.report({"E0203", at_value(*find("dir")),
                                    fmt::format("no node has a log directory {}", *place),
                                    fmt::format("0 to {}", most - 1)});
            return std::nullopt;
        }
        dir = static_cast<std::size_t>(*place);
    }
    if (is("disk-stall")) {
        return DiskStallFault{target, op, dir};
    }
    const auto latency = dist_of(find("latency"));
    return latency ? std::optional<FaultAction>(DiskSlowFault{target, *latency, op, dir})
                   : std::nullopt;
}

std::optional<FaultAction> FaultBuilder::node_action() {
    if (is("broker-add")) {
        return broker_add();
    }
    // Without a target the rest is read all the same, so that its errors show too.
    const auto target = struck();
    const Selector known = target.value_or(ActiveControllerSelector{});
    std::optional<FaultAction> out;
    if (is("crash")) {
        out = crash(known);
    } else if (is("pause") || is("gc-pause")) {
        out = PauseFault{known};
    } else if (is("cpu-slow")) {
        const auto factor = factor_of(find("factor"));
        out = factor ? std::optional<FaultAction>(CpuSlowFault{known, *factor}) : std::nullopt;
    } else if (is("rolling-restart")) {
        out = rolling_restart(known);
    } else if (is("wipe")) {
        out = wipe(known);
    } else if (is("disk-slow") || is("disk-stall")) {
        out = disk(known);
    } else {
        out = clock(known);
    }
    return target ? std::move(out) : std::nullopt;
}

}  // namespace bsim
