#pragma once
// The nodes, the network and the topics of a scenario.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/base/time.h"
#include "sim/model/config.h"
#include "sim/model/dist.h"
#include "sim/model/ids.h"
#include "sim/model/link.h"
#include "sim/model/node_hardware.h"
#include "sim/scenario/selector.h"

namespace bsim {

struct NodeSpec {
    BrokerId id;
    std::optional<std::string> rack;
    ConfigMap settings;   // as written, defaults of the scenario merged in
    BrokerConfig config;  // the same, resolved
    SimTime start;        // when the process starts
    LatencyDist startup;  // how long it boots before it speaks to anybody
    HardwareSpec hardware;
    bool combined = false;        // broker and controller in one process
    bool joins_by_fault = false;  // a broker that only a broker-add fault starts

    bool operator==(const NodeSpec&) const = default;
};

// Says something about the ways between two sides; what it leaves open stays as it is.
struct LinkOverride {
    Selector from;  // both fixed
    Selector to;
    bool oneway = false;  // else the way back too
    std::optional<LatencyDist> latency;
    std::optional<std::int64_t> bits_per_second;
    std::optional<LossModel> loss;
    std::optional<Ratio> duplicate;
    std::optional<Ratio> reorder;
    std::optional<Ratio> corrupt;

    bool operator==(const LinkOverride&) const = default;
};

struct NetworkSpec {
    LinkSpec link;                    // of every way, where `links` says nothing else
    std::vector<LinkOverride> links;  // in the order of the file; later ones win, field by field

    bool operator==(const NetworkSpec&) const = default;
    // The way from one node to another.
    LinkSpec between(const NodeTraits& from, const NodeTraits& to) const;
};

struct TopicSpec {
    std::string name;
    std::int32_t partitions = 1;
    std::int32_t replication = 1;
    std::optional<std::vector<std::vector<BrokerId>>> assignment;  // by partition; none: Kafka's
    ConfigMap settings;  // the topic's own, as text: what CreateTopics carries

    bool operator==(const TopicSpec&) const = default;
};

}  // namespace bsim
