#include <fmt/format.h>

#include "sim/report/why/rules.h"

namespace bsim::why {
namespace {

const std::set<std::string_view> kStops = {"crash", "rolling-restart", "wipe", "member-churn"};
const std::set<std::string_view> kStarts = {"crash", "rolling-restart", "wipe", "member-churn",
                                            "broker-add"};
const std::set<std::string_view> kPauses = {"pause", "gc-pause"};

bool is_client(const NodeName& node) {
    return node.text().starts_with("producer-") || node.text().starts_with("consumer-");
}

}  // namespace

Because why(const Case& c, const Event&, const FaultStarted& body) {
    return Because::end(Origin::Fault, fault_words(c.facts, body));
}

Because why(const Case& c, const Event& e, const FaultEnded& body) {
    const Event* const began = c.trace.last<FaultStarted>(
        e.i, [&](const Event&, const FaultStarted& fault) { return fault.f == body.f; });
    return began != nullptr ? Because::of(began, "its time was up") : as_recorded(c, e);
}

Because why(const Case& c, const Event&, const FaultSkipped& body) {
    const auto fact = c.facts.faults.find(body.f);
    return Because::end(
        Origin::Fault,
        fmt::format("fault \"{}\"{} never struck: {}", body.f,
                    fact == c.facts.faults.end() ? "" : " " + fact->second.when, body.why));
}

Because why(const Case&, const Event&, const RunStarted&) {
    return Because::end(Origin::Start, "the run starts");
}

Because why(const Case& c, const Event& e, const NodeStarted& body) {
    const Event* const fault = fault_on(c, e, e.n.text(), kStarts);
    if (fault != nullptr && (body.incarnation > Incarnation(1) || !e.c.empty()))
        return Because::of(fault, "the fault starts it anew");
    if (body.incarnation > Incarnation(1))
        return as_recorded(c, e);
    return Because::end(Origin::Start,
                        fmt::format("{} starts, as the scenario has it", e.n.text()));
}

Because why(const Case& c, const Event& e, const NodeStopped& body) {
    if (const Event* const fault = fault_on(c, e, e.n.text(), kStops)) {
        // A later start took it back.
        const Event* const started = c.trace.last<NodeStarted>(
            e.i, [&](const Event& other, const auto&) { return other.n == e.n; });
        const bool rolls = as<FaultStarted>(*fault)->fault != "crash";
        if (started == nullptr || started->i < fault->i || rolls)
            return Because::of(fault, "that is what the fault does");
    }
    const Event* const dir = c.trace.last<LogDirFailed>(
        e.i, [&](const Event& other, const auto&) { return other.n == e.n; });
    if (dir != nullptr)
        return Because::of(dir, "no log directory was left to it");
    if (body.how == StopMode::Graceful && is_client(e.n))
        return Because::end(Origin::Workload, fmt::format("{} has done its work", e.n.text()));
    return as_recorded(c, e);
}

Because why(const Case& c, const Event& e, const NodePaused&) {
    if (const Event* const fault = fault_on(c, e, e.n.text(), kPauses))
        return Because::of(fault, "that is what the fault does");
    return as_recorded(c, e);
}

Because why(const Case& c, const Event& e, const NodeResumed&) {
    const Event* const paused = c.trace.last<NodePaused>(
        e.i, [&](const Event& other, const auto&) { return other.n == e.n; });
    return paused != nullptr ? Because::of(paused, "the pause is over") : as_recorded(c, e);
}

Because why(const Case& c, const Event& e, const LogDirFailed& body) {
    const Event* const fault =
        fault_on(c, e, e.n.text(), {"io-error", "log-dir-offline", "disk-full", "disk-stall"});
    if (fault != nullptr)
        return Because::of(fault, body.why);
    const auto capacity = c.facts.capacities.find(e.n.text());
    if (capacity != c.facts.capacities.end() && body.why.starts_with("no-space")) {
        return Because::end(Origin::Setting, fmt::format("disk.capacity = {} bytes (as set for {})",
                                                         capacity->second, e.n.text()));
    }
    return as_recorded(c, e);
}

}  // namespace bsim::why
