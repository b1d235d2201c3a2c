// member-churn, consumer-slow, traffic-burst, hot-key: what befalls applications.
#include <fmt/format.h>

#include "sim/scenario/fault_builder.h"
#include "sim/scenario/values.h"

namespace bsim {
namespace {

// Does it mean clients of that role, and nobody else?
bool means_only(const Selector& selector, ClientSelector::Role role) {
    if (const auto* random = std::get_if<RandomSelector>(&selector)) {
        return means_only(*random->of, role);
    }
    if (std::holds_alternative<GroupSelector>(selector)) {
        return role == ClientSelector::Role::Consumer;
    }
    const auto* client = std::get_if<ClientSelector>(&selector);
    return client != nullptr && client->role == role;
}

}  // namespace

std::optional<Selector> FaultBuilder::client(ClientSelector::Role role) {
    const bool consumer = role == ClientSelector::Role::Consumer;
    const std::string_view form = consumer ? "a group or a consumer, such as group:billing"
                                           : "a producer, such as producer:shop";
    auto target = selector("target");
    if (!target) {
        return std::nullopt;
    }
    if (!means_only(*target, role)) {
        build_.document.report({"E0401", at_value(*find("target")),
                                fmt::format("\"{}\" strikes {} alone", kind_.name,
                                            consumer ? "consumers" : "producers"),
                                std::string(form)});
        return std::nullopt;
    }
    return target;
}

std::optional<FaultAction> FaultBuilder::consumer_slow(const Selector& target) {
    ConsumerSlowFault fault;
    fault.target = target;
    fault.factor = factor_of(find("factor")).value_or(Ratio{1, 1});
    fault.latency = dist_of(find("latency"));
    return fault;
}

std::optional<FaultAction> FaultBuilder::client_action() {
    using Role = ClientSelector::Role;
    const bool consumers = is("member-churn") || is("consumer-slow");
    // Without a target the rest is read all the same, so that its errors show too.
    const auto target = client(consumers ? Role::Consumer : Role::Producer);
    const Selector known = target.value_or(ClientsSelector{});
    const auto factor = factor_of(find("factor"));
    std::optional<FaultAction> out;
    if (is("member-churn")) {
        const auto mode = crash_mode(CrashMode::Graceful);
        const auto restart = duration_of(find("restart_after")).value_or(SimDuration{});
        out = mode ? std::optional<FaultAction>(MemberChurnFault{known, *mode, restart})
                   : std::nullopt;
    } else if (is("consumer-slow")) {
        out = consumer_slow(known);
    } else if (is("hot-key")) {
        out = HotKeyFault{known, factor};
    } else if (factor) {
        out = TrafficBurstFault{known, *factor};
    }
    return target ? std::move(out) : std::nullopt;
}

}  // namespace bsim
