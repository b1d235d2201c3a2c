#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <iterator>

#include "sim/check/cluster_view.h"
#include "sim/report/why/rules.h"

namespace bsim::why {
namespace {

// Those of its nodes that the silence is about.
std::string struck(const Trouble& d, const SilenceQuery& query) {
    std::string out;
    for (const auto* side : {&query.silent, &query.others}) {
        for (const std::string& node : *side) {
            if (d.nodes.contains(node) && out.find(node) == std::string::npos)
                out += (out.empty() ? "" : ", ") + node;
        }
        if (!out.empty())
            return out;
    }
    return out.empty() ? "it" : out;
}

std::string trouble_words(const Case& c, const Trouble& d, const SilenceQuery& query) {
    const std::string when =
        time_text(d.from) + (d.to && *d.to < query.to ? " up to " + time_text(*d.to) : " on");
    if (d.what == Trouble::What::Down)
        return fmt::format("{} was down from {}", *d.nodes.begin(), when);
    if (d.what == Trouble::What::Paused)
        return fmt::format("{} stood still from {}", *d.nodes.begin(), when);
    const std::string& kind = as<FaultStarted>(*d.event)->fault;
    const FaultFact* const fact = c.troubles.fact_of(d);
    const std::string api = fact == nullptr || fact->api.empty() ? "" : fact->api + " ";
    if (kind == "api-error") {
        return fmt::format("{}requests were answered with {} from {}", api,
                           fact == nullptr || fact->error.empty() ? "an error" : fact->error, when);
    }
    if (is_message_fault(kind)) {
        return fmt::format("{}messages were {} from {}", api,
                           kind == "message-delay" ? "late" : "withheld or lost", when);
    }
    if (is_network_fault(kind))
        return "the network between them was disturbed from " + when;
    if (kind == "traffic-burst" || kind == "hot-key")
        return "there was more to do from " + when;
    return fmt::format("{} was hampered from {}", struck(d, query), when);
}

// What an unsound network can have done: lose messages again and again, or be too slow for a limit.
Because without_fault(const Case& c,
                      const SilenceQuery& query,
                      std::string how,
                      const std::string& by_setting) {
    Because out;
    if (!by_setting.empty()) {
        out = Because::end(Origin::Setting, by_setting);
    } else if (!c.facts.network.empty()) {
        out = Because::end(Origin::Network, c.facts.network);
    } else if (const Trouble* const guess = c.troubles.guess(query)) {
        return Because::of(guess->event,
                           fmt::format("{}: {}", how, trouble_words(c, *guess, query)));
    } else {
        out = Because::end(Origin::Unexplained, "");
        how += ", and no fault touched it in that time";
    }
    out.how = std::move(how);
    return out;
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
    return silenced(c, query, std::move(how), "");
}

Because silenced(const Case& c,
                 const SilenceQuery& query,
                 std::string how,
                 const std::string& by_setting) {
    const std::vector<const Trouble*> found = c.troubles.find(query);
    if (found.empty())
        return without_fault(c, query, std::move(how), by_setting);
    for (std::size_t k = 0; k < found.size(); ++k)
        how += (k == 0 ? ": " : "; ") + trouble_words(c, *found[k], query);
    Because out = Because::of(found.front()->event, std::move(how));
    for (std::size_t k = 1; k < found.size(); ++k)
        out = std::move(out).beside("what else was needed for it", found[k]->event);
    return out;
}

namespace {

// The newest config-change up to that moment which set the key on the target.
const Event* changed_setting(const Case& c,
                             SimTime at,
                             const std::string& target,
                             std::string_view key) {
    const Event* found = nullptr;
    for (const Trouble& d : c.troubles.all()) {
        const FaultFact* const fact = c.troubles.fact_of(d);
        if (d.from <= at && fact != nullptr && fact->kind == "config-change" &&
            fact->config.contains(key) && d.nodes.contains(target))
            found = d.event;
    }
    return found;
}

NamedSetting as_changed(const Case& c, const Event& change, std::string_view key) {
    const std::string& fault = as<FaultStarted>(change)->f;
    NamedSetting out;
    out.key = std::string(key);
    out.value = c.facts.faults.at(fault).config.find(key)->second;
    out.is_default = false;
    out.whose = fmt::format("fault \"{}\" at {}", fault, time_text(change.t));
    out.by = change.i;
    return out;
}

}  // namespace

NamedSetting topic_setting(const Case& c,
                           SimTime at,
                           const std::string& topic,
                           std::string_view key) {
    if (const Event* const change = changed_setting(c, at, topic, key))
        return as_changed(c, *change, key);
    const auto own = c.facts.topics.find(topic);
    if (own != c.facts.topics.end() && own->second.contains(key))
        return c.facts.of_topic(topic, key);
    for (const auto& [node, settings] : c.facts.nodes) {
        if (const Event* const change = changed_setting(c, at, node, key))
            return as_changed(c, *change, key);
    }
    return c.facts.of_topic(topic, key);
}

NamedSetting node_setting(const Case& c, SimTime at, const NodeName& node, std::string_view key) {
    if (const Event* const change = changed_setting(c, at, node.text(), key))
        return as_changed(c, *change, key);
    return c.facts.of_node(node, key);
}

std::int64_t number_of(const NamedSetting& setting, std::int64_t otherwise) {
    std::int64_t out = 0;
    const char* const end = setting.value.data() + setting.value.size();
    const auto [stop, error] = std::from_chars(setting.value.data(), end, out);
    return error == std::errc{} && stop == end ? out : otherwise;
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
