#pragma once
// Who a fault strikes, as the scenario words it; resolved to nodes when the fault fires.
//   broker:1   controller:101   controller (the active one)   leader(orders-0)

#include <string>
#include <variant>

#include "sim/model/ids.h"

namespace bsim {

struct BrokerSelector {
    BrokerId id;
    bool operator==(const BrokerSelector&) const = default;
};
struct ControllerSelector {
    BrokerId id;
    bool operator==(const ControllerSelector&) const = default;
};
struct ActiveControllerSelector {
    bool operator==(const ActiveControllerSelector&) const = default;
};
struct LeaderSelector {
    TopicPartition partition;
    bool operator==(const LeaderSelector&) const = default;
};

using Selector =
    std::variant<BrokerSelector, ControllerSelector, ActiveControllerSelector, LeaderSelector>;

// As the scenario writes it.
std::string to_string(const Selector& selector);

}  // namespace bsim
