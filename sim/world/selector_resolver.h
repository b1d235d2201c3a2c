#pragma once
// From a selector to the processes that it means right now.

#include <string>
#include <vector>

#include "sim/base/result.h"
#include "sim/kernel/rng.h"
#include "sim/world/cluster.h"

namespace bsim {

// In the order of the nodes (controllers, brokers, clients), without repetitions; one that is
// picked at random keeps this order too.
using Processes = std::vector<Process*>;

class SelectorResolver {
  public:
    SelectorResolver(const Scenario& scenario, Cluster& cluster)
        : scenario_(scenario), cluster_(cluster) {}

    // What `not` counts as the others: nodes of the same kind, or everybody
    // (sim/scenario/selector.h).
    enum class Others { SameKind, Everybody };
    struct Asked {
        const Selector& selector;
        Others others = Others::SameKind;
        RngStream& draws;  // for random(SELECTOR, n)
    };
    // Never empty; the error says why nobody answers to the selector.
    Result<Processes, std::string> resolve(const Asked& asked) const;
    // Everybody on the network.
    Processes everybody() const;

  private:
    class Visitor;

    const Scenario& scenario_;
    Cluster& cluster_;
};

}  // namespace bsim
