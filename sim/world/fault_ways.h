#pragma once
// From what a scenario calls a way through the network to hosts.

#include <set>
#include <string>
#include <vector>

#include "sim/world/fault_strike.h"

namespace bsim {

struct NetworkWays {
    std::vector<Ways> ways;
    Processes named;  // whom the scenario names, in its order, without repetitions
};

std::set<HostId> hosts_of(const Processes& processes);

class WayFinder {
  public:
    WayFinder(const SelectorResolver& resolver, RngStream& draws)
        : resolver_(resolver), draws_(draws) {}

    Result<NetworkWays, std::string> find(const PartitionCut& cut) const;

  private:
    Result<NetworkWays, std::string> of(const OneWayCut& cut) const;
    Result<NetworkWays, std::string> of(const IsolationCut& cut) const;
    Result<NetworkWays, std::string> of(const BetweenCut& cut) const;
    Result<NetworkWays, std::string> of(const ControllersCut& cut) const;
    Result<Processes, std::string> resolve(const Selector& selector) const {
        return resolver_.resolve({selector, SelectorResolver::Others::Everybody, draws_});
    }

    const SelectorResolver& resolver_;
    RngStream& draws_;
};

}  // namespace bsim
