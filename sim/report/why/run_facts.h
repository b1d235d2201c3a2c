#pragma once
// What explanations must know of a run and no event tells: the settings that the scenario made, the
// switches, and each fault in words. Taken from the stored scenario; without one, `known` is false
// and settings have Kafka's defaults.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/time.h"
#include "sim/model/config_def.h"
#include "sim/model/ids.h"
#include "sim/trace/node_name.h"

namespace bsim {

// A setting that made, or would have prevented, what happened.
struct NamedSetting {
    std::string key;
    std::string value;
    bool is_default = true;
    std::string whose;  // "topic orders", "controller-100"; empty if it is the same everywhere

    bool operator==(const NamedSetting&) const = default;
    // `broker.session.timeout.ms = 9000 (the default)`.
    std::string text() const;
    // Of a setting in milliseconds.
    std::optional<SimDuration> span() const;
};

struct SwitchFact {
    std::string name;
    std::string value;
    bool is_default = true;
};

struct FaultFact {
    std::string kind;
    std::string parameters;  // "mode power, target leader(orders-0)"
    std::string when;        // "at 8s", "when isr(orders-0) < 3"
    // Of config-change: what it sets, and on which topic (else on brokers).
    ConfigMap config;
    std::string topic;
};

struct ClientFact {
    std::string spec;  // its name in the scenario: "shop"
    std::string topic;
    std::string group;
    ConfigMap settings;
};

struct RunFacts {
    bool known = false;
    std::map<std::string, ConfigMap> nodes;       // "broker-1"
    std::map<std::string, ConfigMap> topics;      // "orders"
    std::map<std::string, ClientFact> producers;  // "producer-shop-0"
    std::map<std::string, ClientFact> consumers;
    std::map<std::string, FaultFact> faults;  // by id
    std::vector<SwitchFact> switches;
    std::map<std::string, std::int64_t> capacities;  // disk.capacity in bytes, of nodes with one
    std::string network;  // what the scenario says of lossy links; empty if they are sound

    NamedSetting of_node(const NodeName& node, std::string_view key) const;
    // The topic's own, or what a broker or controller has for topics without one.
    NamedSetting of_topic(const std::string& topic, std::string_view key) const;
    NamedSetting of_producer(const std::string& node, std::string_view key) const;
    NamedSetting of_consumer(const std::string& node, std::string_view key) const;
    const SwitchFact* switched(std::string_view name) const;
};

}  // namespace bsim
