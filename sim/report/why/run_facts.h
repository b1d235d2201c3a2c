#pragma once
// What explanations must know of a run and no event tells: the settings that the scenario made, the
// switches, and each fault in words. Taken from the stored scenario; without one, `known` is false
// and settings have Kafka's defaults.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/ratio.h"
#include "sim/base/time.h"
#include "sim/model/config_def.h"
#include "sim/model/ids.h"
#include "sim/trace/event.h"
#include "sim/trace/node_name.h"

namespace bsim {

// A setting that made, or would have prevented, what happened.
struct NamedSetting {
    std::string key;
    std::string value;
    bool is_default = true;
    std::string whose;  // "topic orders", "controller-100"; empty if it is the same everywhere
    // The config-change that set it in the course of the run; 0: the scenario did from the start.
    EventNumber by = {};

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
    // How strong it is, as far as the kind has a size: what it adds to each operation, packet,
    // message or record (nearly the longest), how often it acts, how many times slower or faster.
    std::optional<SimDuration> latency = {};
    std::optional<Ratio> rate = {};
    std::optional<Ratio> factor = {};
    std::optional<std::int64_t> bits_per_second = {};
    std::optional<SimDuration> by = {};  // of a clock
    // Of those that act on messages: which, with what error, and how many of them.
    std::string api = {};
    std::string error = {};
    std::optional<std::int64_t> count = {};
    // On which ways it acts, where that is the same all the time: between two of the sides, or from
    // one set to the other. Without either: on all ways of its targets, or who knows.
    std::vector<std::set<std::string>> sides = {};
    std::optional<std::set<std::string>> from = {};
    std::optional<std::set<std::string>> to = {};
    bool isolates = false;  // on all ways between its targets and the others
};

struct ClientFact {
    std::string spec;  // its name in the scenario: "shop"
    std::string topic;
    std::string group;
    ConfigMap settings;
    // What a record costs the application, nearly at most; and what a producer sends a second.
    std::optional<SimDuration> process = {};
    std::optional<std::int64_t> records_per_second = {};
    std::vector<std::string> topics = {};  // that a consumer reads
    bool commits_by_time = false;          // what it has read, every auto.commit.interval.ms
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
    std::string network;   // what the scenario says of lossy links; empty if they are sound
    SimDuration way = {};  // how long a packet is on its way, nearly at most

    NamedSetting of_node(const NodeName& node, std::string_view key) const;
    // The topic's own, or what a broker or controller has for topics without one.
    NamedSetting of_topic(const std::string& topic, std::string_view key) const;
    NamedSetting of_producer(const std::string& node, std::string_view key) const;
    NamedSetting of_consumer(const std::string& node, std::string_view key) const;
    const SwitchFact* switched(std::string_view name) const;
};

}  // namespace bsim
