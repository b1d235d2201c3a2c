#include "sim/report/why/troubles.h"

#include <algorithm>

namespace bsim {
namespace {

// After the end of a disturbance its victims need a while to be themselves again.
constexpr SimDuration kRecovery = seconds(3);

bool begins_with(std::string_view text, std::string_view start) {
    return text.substr(0, start.size()) == start;
}

bool meet(const std::set<std::string>& a, const std::set<std::string>& b) {
    return std::any_of(a.begin(), a.end(),
                       [&](const std::string& name) { return b.contains(name); });
}

// How well a fault of a kind explains that the silent ones were not heard; 0: not at all.
struct Weight {
    int of_silent = 0;
    int of_others = 0;
    int of_both = 0;
};

Weight weight_of(std::string_view fault, bool slowness) {
    if (fault == "crash" || fault == "rolling-restart" || fault == "wipe" ||
        fault == "member-churn")
        return {55, 30, 55};  // mostly NodeStopped tells it better
    if (fault == "pause" || fault == "gc-pause")
        return {70, 40, 70};
    if (begins_with(fault, "message-") || fault == "response-drop" || fault == "api-error")
        return {74, 72, 76};
    if (is_network_fault(fault))
        return {90, 80, 95};
    if (begins_with(fault, "disk-") || begins_with(fault, "log-dir") || fault == "io-error" ||
        fault == "cpu-slow")
        return {85, 65, 85};
    if (fault == "consumer-slow")
        return slowness ? Weight{92, 40, 92} : Weight{20, 0, 20};
    if (begins_with(fault, "clock-"))
        return {25, 15, 25};
    if (fault == "traffic-burst" || fault == "hot-key")
        return {15, 12, 15};
    if (begins_with(fault, "config-change"))
        return {8, 8, 8};
    return {};
}

int weight(const Trouble& d, const SilenceQuery& query) {
    const bool silent = meet(d.nodes, query.silent);
    const bool others = meet(d.nodes, query.others);
    if (d.what != Trouble::What::Fault) {
        const int best = d.what == Trouble::What::Down ? 100 : 98;
        return silent ? best : others ? 60 : 0;
    }
    const Weight w = weight_of(as<FaultStarted>(*d.event)->fault, query.slowness);
    const bool everybody = d.nodes.empty();
    int out = silent && others ? w.of_both : silent ? w.of_silent : others ? w.of_others : 0;
    if (everybody || (out == 0 && w.of_silent == 15))
        out = w.of_others / 2;
    return out;
}

SimDuration distance(SimTime a, SimTime b) {
    return a < b ? b - a : a - b;
}

}  // namespace

bool is_network_fault(std::string_view fault) {
    return fault == "partition" || fault == "zombie" || begins_with(fault, "net-");
}

Troubles::Troubles(const StoredTrace& trace) {
    for (const Event& event : trace.events())
        on(event);
}

void Troubles::on(const Event& event) {
    const auto close = [&](auto&& is) {
        for (Trouble& d : all_) {
            if (!d.to && is(d))
                d.to = event.t;
        }
    };
    const auto of_node = [&](Trouble::What what) {
        return [&, what](const Trouble& d) {
            return d.what == what && d.nodes.contains(event.n.text());
        };
    };
    using What = Trouble::What;
    if (as<NodeStopped>(event) != nullptr) {
        all_.push_back({What::Down, &event, {event.n.text()}, event.t, std::nullopt});
    } else if (as<NodeStarted>(event) != nullptr) {
        close(of_node(What::Down));
    } else if (as<NodePaused>(event) != nullptr) {
        all_.push_back({What::Paused, &event, {event.n.text()}, event.t, std::nullopt});
    } else if (as<NodeResumed>(event) != nullptr) {
        close(of_node(What::Paused));
    } else if (const auto* began = as<FaultStarted>(event)) {
        all_.push_back({What::Fault,
                        &event,
                        {began->targets.begin(), began->targets.end()},
                        event.t,
                        std::nullopt});
    } else if (const auto* ended = as<FaultEnded>(event)) {
        const std::set<std::string> targets(ended->targets.begin(), ended->targets.end());
        bool found = false;
        close([&](const Trouble& d) {
            const auto* const fault = as<FaultStarted>(*d.event);
            const bool same = !found && fault != nullptr && fault->f == ended->f &&
                              (d.nodes == targets || targets.empty());
            found = found || same;
            return same;
        });
    }
}

const Trouble* Troubles::find(const SilenceQuery& query) const {
    const Trouble* best = nullptr;
    int best_weight = 0;
    for (const Trouble& d : all_) {
        if (d.from > query.to || (d.to && *d.to + kRecovery < query.from))
            continue;
        int w = weight(d, query);
        if (w == 0)
            continue;
        if (d.from > query.begun_by)
            w = std::max(1, w - 60);
        // One that is over, when the silence must have begun, is second best.
        if (d.to && *d.to < query.from)
            w = std::max(1, w - 20);
        const bool nearer = best != nullptr && w == best_weight &&
                            distance(d.from, query.begun_by) < distance(best->from, query.begun_by);
        if (w > best_weight || nearer) {
            best = &d;
            best_weight = w;
        }
    }
    return best;
}

const Trouble* Troubles::latest(const std::set<std::string>& nodes, SimTime at) const {
    const Trouble* best = nullptr;
    for (const Trouble& d : all_) {
        if (d.from > at)
            break;
        if (!meet(d.nodes, nodes))
            continue;
        const bool open = !d.to || *d.to >= at;
        const bool best_open = best != nullptr && (!best->to || *best->to >= at);
        if (best == nullptr || open || !best_open)
            best = &d;
    }
    return best;
}

}  // namespace bsim
