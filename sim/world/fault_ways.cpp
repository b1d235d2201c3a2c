#include "sim/world/fault_ways.h"

#include <algorithm>

namespace bsim {
namespace {

void name(const Processes& processes, Processes& named) {
    for (Process* process : processes) {
        if (std::find(named.begin(), named.end(), process) == named.end())
            named.push_back(process);
    }
}

// Both ways between those and the others, as far as the others are not among them.
Ways apart(const Processes& those, const Processes& others) {
    Ways out{hosts_of(those), hosts_of(others), true};
    for (const HostId host : out.from)
        out.to.erase(host);
    return out;
}

}  // namespace

std::set<HostId> hosts_of(const Processes& processes) {
    std::set<HostId> out;
    for (const Process* process : processes)
        out.insert(process->host());
    return out;
}

Result<NetworkWays, std::string> WayFinder::of(const OneWayCut& cut) const {
    NetworkWays out;
    BSIM_TRY(const Processes from, resolve(cut.from));
    BSIM_TRY(const Processes to, resolve(cut.to));
    name(from, out.named);
    name(to, out.named);
    out.ways.push_back({hosts_of(from), hosts_of(to), false});
    return out;
}

Result<NetworkWays, std::string> WayFinder::of(const IsolationCut& cut) const {
    NetworkWays out;
    BSIM_TRY(out.named, resolve(cut.target));
    out.ways.push_back(apart(out.named, resolver_.everybody()));
    return out;
}

Result<NetworkWays, std::string> WayFinder::of(const BetweenCut& cut) const {
    NetworkWays out;
    std::vector<std::set<HostId>> sides;
    for (const Selector& selector : cut.sides) {
        BSIM_TRY(const Processes side, resolve(selector));
        name(side, out.named);
        sides.push_back(hosts_of(side));
    }
    for (std::size_t i = 0; i < sides.size(); ++i) {
        for (std::size_t j = i + 1; j < sides.size(); ++j)
            out.ways.push_back({sides[i], sides[j], true});
    }
    return out;
}

Result<NetworkWays, std::string> WayFinder::of(const ControllersCut& cut) const {
    NetworkWays out;
    BSIM_TRY(out.named,
             resolver_.resolve({cut.target, SelectorResolver::Others::SameKind, draws_}));
    BSIM_TRY(const Processes controllers, resolve(AllControllersSelector{}));
    out.ways.push_back(apart(out.named, controllers));
    return out;
}

Result<NetworkWays, std::string> WayFinder::find(const PartitionCut& cut) const {
    return std::visit([this](const auto& form) { return of(form); }, cut);
}

}  // namespace bsim
