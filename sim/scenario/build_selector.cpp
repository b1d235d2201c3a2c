#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "sim/scenario/build.h"
#include "sim/scenario/nearest.h"
#include "sim/scenario/values.h"

namespace bsim {
namespace {

std::string list_of(const std::set<BrokerId>& ids, std::string_view kind, char separator) {
    constexpr int kShown = 10;
    std::string out;
    int shown = 0;
    for (const BrokerId id : ids) {
        if (++shown > kShown) {
            return out + ", …";
        }
        out += fmt::format("{}{}{}{}", out.empty() ? "" : ", ", kind, separator, id.value());
    }
    return out;
}

// Checks the names in a selector, and tells the instances of clients from their names.
class SelectorCheck {
  public:
    SelectorCheck(Build& build, const JsonNode& node, const std::vector<SelectorNames>& names)
        : build_(build), node_(node), names_(names) {}

    bool check(Selector& selector) {
        if (auto* random = std::get_if<RandomSelector>(&selector)) {
            return check(*random->of);
        }
        if (auto* inverse = std::get_if<NotSelector>(&selector)) {
            return check(*inverse->of);
        }
        const SelectorNames& names = names_[next_++];
        return std::visit([&](auto& form) { return of(form, names); },
                          static_cast<SelectorForm&>(selector));
    }

  private:
    template <class Other>
    bool of(Other&, const SelectorNames&) {
        return true;
    }
    bool of(BrokerSelector& s, const SelectorNames& names) {
        return check_node_id(build_, node_, names.name, {NodeRole::Kind::Broker, s.id});
    }
    bool of(ControllerSelector& s, const SelectorNames& names) {
        return check_node_id(build_, node_, names.name, {NodeRole::Kind::Controller, s.id});
    }
    bool of(LeaderSelector& s, const SelectorNames& names) { return partition(s.partition, names); }
    bool of(IsrSelector& s, const SelectorNames& names) { return partition(s.partition, names); }
    bool of(FollowerSelector& s, const SelectorNames& names);
    bool of(RackSelector& s, const SelectorNames& names);
    bool of(ClientSelector& s, const SelectorNames& names);
    bool of(GroupSelector& s, const SelectorNames& names) {
        return check_group(build_, node_, s.group, names.name);
    }
    bool of(CoordinatorSelector& s, const SelectorNames& names) {
        return check_group(build_, node_, s.group, names.name);
    }

    bool partition(const TopicPartition& p, const SelectorNames& names) {
        return check_any_partition(build_, node_, p, std::array{names.name, names.index});
    }

    Build& build_;
    const JsonNode& node_;
    const std::vector<SelectorNames>& names_;
    std::size_t next_ = 0;
};

bool SelectorCheck::of(FollowerSelector& s, const SelectorNames& names) {
    if (!partition(s.partition, names)) {
        return false;
    }
    const auto replicas = replication_of(build_, s.partition.topic);
    if (!replicas || s.number < *replicas) {
        return true;
    }
    build_.document.report(
        {"E0203", at_part(node_, names.count.from, names.count.length),
         fmt::format(
             "topic \"{}\" has {} followers of each partition at most, there is no follower "
             "{}",
             s.partition.topic, *replicas - 1, s.number),
         *replicas < 2 ? std::string("a topic with a higher \"replication\"")
                       : fmt::format("a number from 1 to {}", *replicas - 1)});
    return false;
}

bool SelectorCheck::of(RackSelector& s, const SelectorNames& names) {
    if (build_.racks.contains(s.rack) || !build_.brokers) {
        return true;
    }
    const std::vector<std::string_view> racks(build_.racks.begin(), build_.racks.end());
    build_.document.report({"E0214", at_part(node_, names.name.from, names.name.length),
                            fmt::format("no node is in a rack \"{}\"", s.rack), listed(racks),
                            std::string(nearest(s.rack, racks).value_or(""))});
    return false;
}

bool SelectorCheck::of(ClientSelector& s, const SelectorNames& names) {
    const bool producer = s.role == ClientSelector::Role::Producer;
    const auto& known = producer ? build_.producers : build_.consumers;
    if (!known || known->contains(s.name)) {
        return true;
    }
    // producer:shop-0 is the first of the producers "shop".
    const std::size_t dash = s.name.rfind('-');
    if (dash != std::string::npos) {
        const auto index = node_id_of(std::string_view(s.name).substr(dash + 1));
        const auto group = known->find(std::string_view(s.name).substr(0, dash));
        if (index && group != known->end() && index->value() < group->second) {
            s.name.resize(dash);
            s.instance = index->value();
            return true;
        }
    }
    std::vector<std::string_view> all;
    for (const auto& [name, instances] : *known) {
        all.push_back(name);
    }
    build_.document.report(
        {"E0215", at_part(node_, names.name.from, names.name.length),
         fmt::format("there is no {} \"{}\"", producer ? "producer" : "consumer", s.name),
         listed(all), std::string(nearest(s.name, all).value_or(""))});
    return false;
}

// The selector that a bare name of the scenario means: "group:billing" for billing, "broker:1" for
// 1, "leader(orders-0)" for orders-0; empty if nothing has that name.
std::string selector_of_name(const Build& build, std::string_view name) {
    if (build.groups.contains(name)) {
        return fmt::format("group:{}", name);
    }
    const std::string_view stem = name.substr(0, name.rfind('-'));
    for (const std::string_view client : {name, stem}) {
        if (build.producers && build.producers->contains(client)) {
            return fmt::format("producer:{}", name);
        }
        if (build.consumers && build.consumers->contains(client)) {
            return fmt::format("consumer:{}", name);
        }
    }
    if (const auto id = node_id_of(name)) {
        const bool controller = build.controllers && build.controllers->contains(*id) &&
                                !(build.brokers && build.brokers->contains(*id));
        return fmt::format("{}:{}", controller ? "controller" : "broker", name);
    }
    if (build.racks.contains(name)) {
        return fmt::format("rack:{}", name);
    }
    if (build.topics && build.topics->contains(name)) {
        return fmt::format("leader({}-0)", name);
    }
    TextPart topic;
    TextPart index;
    const auto partition = parse_partition(name, topic, index);
    const bool known = partition && build.topics && build.topics->contains(partition->topic);
    return known ? fmt::format("leader({})", name) : std::string();
}

void report_unreadable(Build& build, const JsonNode& node, const SelectorError& error) {
    using Wanted = SelectorError::Wanted;
    const std::size_t from = std::min(error.part.from, node.text.size());
    const auto part = std::string_view(node.text).substr(from, error.part.length);
    const bool topic = build.topics && build.topics->contains(part);
    const std::string named = error.wanted == Wanted::Selector ? selector_of_name(build, part)
                              : error.wanted == Wanted::Partition && topic
                                  ? fmt::format("{}-0", part)
                                  : std::string();
    build.document.report({error.not_built ? "E0900" : "E0401",
                           at_part(node, error.part.from, error.part.length), error.message,
                           std::string(kSelectorForm), named.empty() ? error.suggestion : named});
}

}  // namespace

bool check_group(Build& build, const JsonNode& node, std::string_view name, TextPart part) {
    if (!build.consumers || build.groups.contains(name)) {
        return true;
    }
    const std::vector<std::string_view> all(build.groups.begin(), build.groups.end());
    build.document.report({"E0215", at_part(node, part.from, part.length),
                           fmt::format("there is no group \"{}\"", name),
                           all.empty() ? "a scenario with consumers in a group" : listed(all),
                           std::string(nearest(name, all).value_or(""))});
    return false;
}

bool check_node_id(Build& build, const JsonNode& node, TextPart part, const NodeRole& role) {
    const bool broker = role.kind == NodeRole::Kind::Broker;
    const auto& ids = broker ? build.brokers : build.controllers;
    const auto& others = broker ? build.controllers : build.brokers;
    if (!ids || ids->contains(role.id)) {
        return true;
    }
    const std::string_view name = broker ? "broker" : "controller";
    const std::string_view other = broker ? "controller" : "broker";
    const bool is_other = others && others->contains(role.id);
    build.document.report(
        {"E0203", at_part(node, part.from, part.length),
         fmt::format("there is no {} {}", name, role.id.value()),
         list_of(*ids, name, role.separator),
         is_other ? fmt::format("{}{}{}", other, role.separator, role.id.value()) : std::string()});
    return false;
}

std::optional<Selector> build_selector(Build& build, const JsonNode* node) {
    const auto text = text_of(node);
    if (!text) {
        return std::nullopt;
    }
    auto parsed = parse_selector(*text);
    if (!parsed) {
        report_unreadable(build, *node, parsed.error());
        return std::nullopt;
    }
    const bool ok = SelectorCheck(build, *node, parsed->names).check(parsed->selector);
    return ok ? std::optional(std::move(parsed->selector)) : std::nullopt;
}

}  // namespace bsim
