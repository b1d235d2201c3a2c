#include "sim/scenario/selector.h"

#include <fmt/format.h>

#include "sim/base/check.h"

namespace bsim {
namespace {

struct Print {
    std::string operator()(const BrokerSelector& s) const {
        return fmt::format("broker:{}", s.id.value());
    }
    std::string operator()(const ControllerSelector& s) const {
        return fmt::format("controller:{}", s.id.value());
    }
    std::string operator()(const ActiveControllerSelector&) const { return "controller"; }
    std::string operator()(const AllBrokersSelector&) const { return "brokers"; }
    std::string operator()(const AllControllersSelector&) const { return "controllers"; }
    std::string operator()(const RackSelector& s) const { return "rack:" + s.rack; }
    std::string operator()(const LeaderSelector& s) const {
        return fmt::format("leader({})", s.partition.to_string());
    }
    std::string operator()(const FollowerSelector& s) const {
        return fmt::format("follower({}, {})", s.partition.to_string(), s.number);
    }
    std::string operator()(const IsrSelector& s) const {
        return fmt::format("isr({})", s.partition.to_string());
    }
    std::string operator()(const ClientsSelector&) const { return "clients"; }
    std::string operator()(const ClientSelector& s) const {
        std::string out = s.role == ClientSelector::Role::Producer ? "producer:" : "consumer:";
        out += s.name;
        if (s.instance)
            out += fmt::format("-{}", *s.instance);
        return out;
    }
    std::string operator()(const GroupSelector& s) const { return "group:" + s.group; }
    std::string operator()(const CoordinatorSelector& s) const {
        return fmt::format("coordinator(group:{})", s.group);
    }
    std::string operator()(const RandomSelector& s) const {
        return fmt::format("random({}, {})", to_string(*s.of), s.count);
    }
    std::string operator()(const NotSelector& s) const { return "not " + to_string(*s.of); }
};

struct Fixed {
    bool operator()(const RandomSelector&) const { return false; }
    bool operator()(const ActiveControllerSelector&) const { return false; }
    bool operator()(const LeaderSelector&) const { return false; }
    bool operator()(const FollowerSelector&) const { return false; }
    bool operator()(const IsrSelector&) const { return false; }
    bool operator()(const CoordinatorSelector&) const { return false; }
    bool operator()(const NotSelector& s) const { return is_fixed(*s.of); }
    template <class Other>
    bool operator()(const Other&) const {
        return true;
    }
};

struct Selects {
    const NodeTraits& node;

    bool operator()(const BrokerSelector& s) const { return node.broker == s.id; }
    bool operator()(const ControllerSelector& s) const { return node.controller == s.id; }
    bool operator()(const AllBrokersSelector&) const { return node.broker.has_value(); }
    bool operator()(const AllControllersSelector&) const { return node.controller.has_value(); }
    bool operator()(const RackSelector& s) const {
        return node.broker.has_value() && node.rack == s.rack;
    }
    bool operator()(const ClientsSelector&) const { return node.client.has_value(); }
    bool operator()(const ClientSelector& s) const {
        return node.client && node.client->role == s.role && node.client->name == s.name &&
               (!s.instance || node.client->instance == s.instance);
    }
    bool operator()(const GroupSelector& s) const { return node.group == s.group; }
    bool operator()(const NotSelector& s) const { return !selects(*s.of, node); }
    template <class Other>
    bool operator()(const Other&) const {
        BSIM_CHECK(false);
    }
};

}  // namespace

std::string to_string(const Selector& selector) {
    return std::visit(Print{}, selector.form());
}

bool is_fixed(const Selector& selector) {
    return std::visit(Fixed{}, selector.form());
}

bool selects(const Selector& selector, const NodeTraits& node) {
    return std::visit(Selects{node}, selector.form());
}

}  // namespace bsim
