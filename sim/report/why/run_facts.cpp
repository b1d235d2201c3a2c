#include "sim/report/why/run_facts.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

namespace bsim {
namespace {

std::string default_of(ConfigKind kind, std::string_view key) {
    const ConfigDef* const def = find_config(kind, key);
    return def == nullptr || !def->default_value ? "" : std::string(*def->default_value);
}

NamedSetting look_up(ConfigKind kind,
                     const ConfigMap* set,
                     std::string_view key,
                     std::string whose) {
    NamedSetting out;
    out.key = std::string(key);
    if (set != nullptr) {
        if (const auto found = set->find(key); found != set->end()) {
            out.value = found->second;
            out.is_default = false;
            out.whose = std::move(whose);
            return out;
        }
    }
    out.value = default_of(kind, key);
    return out;
}

template <class Map>
const typename Map::mapped_type* at(const Map& map, const std::string& key) {
    const auto found = map.find(key);
    return found == map.end() ? nullptr : &found->second;
}

}  // namespace

std::string NamedSetting::text() const {
    return fmt::format("{} = {} ({})", key, value.empty() ? "none" : value,
                       is_default            ? "the default"
                       : by != EventNumber{} ? "as changed by " + whose
                       : whose.empty()       ? "as set"
                                             : "as set for " + whose);
}

std::optional<SimDuration> NamedSetting::span() const {
    std::int64_t ms = 0;
    const char* const end = value.data() + value.size();
    const auto [stop, error] = std::from_chars(value.data(), end, ms);
    if (error != std::errc{} || stop != end || ms < 0 || ms > 1'000'000'000'000)
        return std::nullopt;
    return milliseconds(ms);
}

NamedSetting RunFacts::of_node(const NodeName& node, std::string_view key) const {
    NamedSetting out = look_up(ConfigKind::Broker, at(nodes, node.text()), key, node.text());
    // The same everywhere: it is the cluster's, and not of the one that is asked about.
    const bool everywhere = std::all_of(nodes.begin(), nodes.end(), [&](const auto& row) {
        const auto found = row.second.find(std::string(key));
        return found != row.second.end() && found->second == out.value;
    });
    if (!out.is_default && everywhere && nodes.size() > 1)
        out.whose = "all nodes";
    return out;
}

NamedSetting RunFacts::of_topic(const std::string& topic, std::string_view key) const {
    NamedSetting own = look_up(ConfigKind::Topic, at(topics, topic), key, "topic " + topic);
    if (!own.is_default)
        return own;
    for (const auto& [node, set] : nodes) {
        NamedSetting of_broker = of_node(NodeName(node), key);
        if (!of_broker.is_default)
            return of_broker;
    }
    return own;
}

NamedSetting RunFacts::of_producer(const std::string& node, std::string_view key) const {
    const ClientFact* const client = at(producers, node);
    return look_up(ConfigKind::Producer, client == nullptr ? nullptr : &client->settings, key,
                   node);
}

NamedSetting RunFacts::of_consumer(const std::string& node, std::string_view key) const {
    const ClientFact* const client = at(consumers, node);
    return look_up(ConfigKind::Consumer, client == nullptr ? nullptr : &client->settings, key,
                   node);
}

const SwitchFact* RunFacts::switched(std::string_view name) const {
    const auto found = std::find_if(switches.begin(), switches.end(),
                                    [&](const SwitchFact& fact) { return fact.name == name; });
    return found == switches.end() ? nullptr : &*found;
}

}  // namespace bsim
