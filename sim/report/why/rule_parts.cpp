#include <algorithm>
#include <fmt/format.h>
#include <iterator>

#include "sim/check/cluster_view.h"
#include "sim/report/why/rules.h"

namespace bsim::why {
namespace {

std::string trouble_words(const Trouble& d, const SilenceQuery& query) {
    const std::string when = time_text(d.from);
    if (d.what == Trouble::What::Down)
        return fmt::format("{} was down from {} on", *d.nodes.begin(), when);
    if (d.what == Trouble::What::Paused)
        return fmt::format("{} stood still from {} on", *d.nodes.begin(), when);
    const std::string& kind = as<FaultStarted>(*d.event)->fault;
    if (kind == "message-hold" || kind == "message-drop" || kind == "message-delay" ||
        kind == "response-drop" || kind == "api-error")
        return "messages were withheld or refused from " + when + " on";
    if (is_network_fault(kind))
        return "the network between them was disturbed from " + when + " on";
    return fmt::format("{} was hampered from {} on",
                       query.silent.empty() ? "it" : *query.silent.begin(), when);
}

}  // namespace

Because Because::of(const Event* next, std::string how) {
    Because out;
    out.next = next;
    out.how = std::move(how);
    return out;
}

Because Because::end(Origin origin, std::string cause) {
    Because out;
    out.origin = origin;
    out.cause = std::move(cause);
    return out;
}

Because Because::with(NamedSetting setting) && {
    settings.push_back(std::move(setting));
    return std::move(*this);
}

Because Because::beside(std::string title, const Event* event) && {
    if (event != nullptr)
        sides.push_back({std::move(title), event});
    return std::move(*this);
}

Because as_recorded(const Case& c, const Event& e) {
    if (const Event* const cause = c.trace.recorded_cause(e))
        return Because::of(cause, "that is what it came from");
    return Because::end(Origin::Unexplained, "");
}

Because silenced(const Case& c, const SilenceQuery& query, std::string how) {
    if (const Trouble* const found = c.troubles.find(query)) {
        return Because::of(found->event, fmt::format("{}: {}", how, trouble_words(*found, query)));
    }
    if (!c.facts.network.empty()) {
        Because out = Because::end(Origin::Network, c.facts.network);
        out.how = std::move(how);
        return out;
    }
    Because out = Because::end(Origin::Unexplained, "");
    out.how = std::move(how) + ", and no fault touched it in that time";
    return out;
}

const Event* fault_on(const Case& c,
                      const Event& e,
                      const std::string& target,
                      const std::set<std::string_view>& kinds) {
    return c.trace.last<FaultStarted>(e.i, [&](const Event&, const FaultStarted& fault) {
        return (kinds.empty() || kinds.contains(fault.fault)) &&
               std::find(fault.targets.begin(), fault.targets.end(), target) != fault.targets.end();
    });
}

const Event* started_before(const Case& c, const Event& e, const NodeName& node) {
    return c.trace.last<NodeStarted>(
        e.i, [&](const Event& other, const auto&) { return other.n == node; });
}

bool has(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

const Event* change_before(const Case& c, EventNumber i, const TopicPartition& p) {
    return c.trace.last<PartitionChanged>(
        i, [&](const Event&, const PartitionChanged& change) { return change.p == p; });
}

const PartitionChanged& changed(const Event& event) {
    return *as<PartitionChanged>(event);
}

std::string node_of(const Case& c, BrokerId id) {
    const NodeName controller = NodeName::controller(id);
    const Event* const seen =
        c.trace.first_after<NodeStarted>(EventNumber{}, [&](const Event& event, const auto&) {
            return event.n == controller || event.n == NodeName::broker(id);
        });
    return seen != nullptr ? seen->n.text() : NodeName::broker(id).text();
}

std::set<std::string> controllers(const Case& c) {
    std::set<std::string> out;
    for (const Event& event : c.trace.events()) {
        const auto* role = as<RaftRole>(event);
        if (event.n.text().starts_with("controller-") ||
            (role != nullptr && role->role != RaftRoleName::Observer &&
             role->role != RaftRoleName::Unattached))
            out.insert(event.n.text());
    }
    return out;
}

std::string brokers(const std::vector<BrokerId>& brokers) {
    return (brokers.size() == 1 ? "broker " : "brokers ") + broker_list(brokers);
}

std::string broker_list(const std::vector<BrokerId>& brokers) {
    std::string out;
    for (const BrokerId broker : brokers)
        fmt::format_to(std::back_inserter(out), "{}{}", out.empty() ? "" : ", ", broker.value());
    return out.empty() ? "nobody" : out;
}

std::string seconds_text(SimDuration span) {
    const std::int64_t ms = span.ms();
    if (ms % 1000 == 0)
        return fmt::format("{} s", ms / 1000);
    return fmt::format("{}.{:03} s", ms / 1000, ms % 1000);
}

std::string time_text(SimTime t) {
    const std::int64_t us = t.ns() / 1000;
    return fmt::format("{}.{:03} s", us / 1'000'000, us / 1000 % 1000);
}

bool contains(const std::vector<BrokerId>& brokers, BrokerId broker) {
    return std::find(brokers.begin(), brokers.end(), broker) != brokers.end();
}

std::vector<BrokerId> without(const std::vector<BrokerId>& a, const std::vector<BrokerId>& b) {
    std::vector<BrokerId> out;
    std::copy_if(a.begin(), a.end(), std::back_inserter(out),
                 [&](BrokerId broker) { return !contains(b, broker); });
    return out;
}

bool is_metadata(const TopicPartition& p) {
    return p == ClusterView::metadata_partition();
}

}  // namespace bsim::why
