#pragma once
// Who a fault strikes, as the scenario words it: a set of nodes, resolved when the fault fires.
//
//   broker:1   brokers   rack:a   controller:101   controllers   controller (the active one)
//   leader(orders-0)   follower(orders-0, 1)   isr(orders-0)
//   clients   producer:shop   consumer:audit   group:billing (its members)
//   coordinator(group:billing)   random(SELECTOR, n)   not SELECTOR
//
// Followers are the replicas but the leader, in the order of the assignment, counted from 1.
// `producer:shop` are all instances of that name, `producer:shop-0` is the first of them. `not`
// means the others of the same kind (brokers, controllers, clients) where nodes are struck, and
// everybody else where a way through the network is meant.

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "sim/base/box.h"
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
struct AllBrokersSelector {
    bool operator==(const AllBrokersSelector&) const = default;
};
struct AllControllersSelector {
    bool operator==(const AllControllersSelector&) const = default;
};
struct RackSelector {  // the brokers of a rack
    std::string rack;
    bool operator==(const RackSelector&) const = default;
};
struct LeaderSelector {
    TopicPartition partition;
    bool operator==(const LeaderSelector&) const = default;
};
struct FollowerSelector {
    TopicPartition partition;
    std::int32_t number = 1;
    bool operator==(const FollowerSelector&) const = default;
};
struct IsrSelector {
    TopicPartition partition;
    bool operator==(const IsrSelector&) const = default;
};
struct ClientsSelector {  // producers and consumers
    bool operator==(const ClientsSelector&) const = default;
};
struct ClientSelector {
    enum class Role : std::uint8_t { Producer, Consumer };
    Role role = Role::Producer;
    std::string name;
    std::optional<std::int32_t> instance;  // none: all of that name
    bool operator==(const ClientSelector&) const = default;
};

struct GroupSelector {  // the consumers of a group
    std::string group;
    bool operator==(const GroupSelector&) const = default;
};
struct CoordinatorSelector {  // the broker that coordinates a group
    std::string group;
    bool operator==(const CoordinatorSelector&) const = default;
};

struct Selector;
struct RandomSelector {  // `count` of them, fewer only if there are fewer
    Box<Selector> of;
    std::int32_t count = 1;
    bool operator==(const RandomSelector&) const;
};
struct NotSelector {
    Box<Selector> of;
    bool operator==(const NotSelector&) const;
};

using SelectorForm = std::variant<BrokerSelector,
                                  ControllerSelector,
                                  ActiveControllerSelector,
                                  AllBrokersSelector,
                                  AllControllersSelector,
                                  RackSelector,
                                  LeaderSelector,
                                  FollowerSelector,
                                  IsrSelector,
                                  ClientsSelector,
                                  ClientSelector,
                                  GroupSelector,
                                  CoordinatorSelector,
                                  RandomSelector,
                                  NotSelector>;

// A variant: std::visit, std::get_if and the like take it as it is.
struct Selector : SelectorForm {
    using SelectorForm::SelectorForm;
    const SelectorForm& form() const { return *this; }
    bool operator==(const Selector& other) const { return form() == other.form(); }
};

inline bool RandomSelector::operator==(const RandomSelector& other) const {
    return count == other.count && of == other.of;
}
inline bool NotSelector::operator==(const NotSelector& other) const {
    return of == other.of;
}

// As the scenario writes it.
std::string to_string(const Selector& selector);

// Does it mean the same nodes from start to end (no leader, ISR, active controller or draw in it)?
bool is_fixed(const Selector& selector);

// What of a node a fixed selector goes by. A combined node is broker and controller.
struct NodeTraits {
    std::optional<BrokerId> broker;
    std::optional<BrokerId> controller;
    std::optional<std::string> rack;
    std::optional<ClientSelector> client;  // with an instance
    std::optional<std::string> group;      // that the client is a member of
};
// Is the node among those that a fixed selector means? `not` means everybody else. Requires
// is_fixed(selector).
bool selects(const Selector& selector, const NodeTraits& node);

}  // namespace bsim
