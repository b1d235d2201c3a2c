#pragma once
// A scenario that has been checked: everything that a run needs, with defaults filled in, and
// nothing that the simulator cannot do. Times are simulated time from the start of the run.
//
// Promised of every value that parse_scenario() returns: ids are unique within their kind; topics,
// partitions, brokers and checks that are referred to exist; assignments agree with partitions and
// replication; settings are legal for Kafka 3.9 (check_config() accepts them); at most 1,000,000
// replicas; exactly one controller, which is no broker.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sim/base/result.h"
#include "sim/base/time.h"
#include "sim/model/config.h"
#include "sim/model/dist.h"
#include "sim/model/ids.h"
#include "sim/scenario/diagnostic.h"
#include "sim/scenario/selector.h"

namespace bsim {

enum class ClusterMode : std::uint8_t { Kraft };

struct NodeSpec {
    BrokerId id;
    std::optional<std::string> rack;
    ConfigMap settings;   // as written, defaults of the scenario merged in
    BrokerConfig config;  // the same, resolved
    SimTime start;        // when the process starts
    LatencyDist startup;  // how long it boots before it speaks to anybody

    bool operator==(const NodeSpec&) const = default;
};

struct TopicSpec {
    std::string name;
    std::int32_t partitions = 1;
    std::int32_t replication = 1;
    std::optional<std::vector<std::vector<BrokerId>>> assignment;  // by partition; none: Kafka's
    ConfigMap settings;  // the topic's own, as text: what CreateTopics carries

    bool operator==(const TopicSpec&) const = default;
};

// Record k (from 0) of a producer is due k * per / records after its start.
struct RecordRate {
    std::int64_t records = 1;
    SimDuration per = seconds(1);

    // Rounded down to a nanosecond; requires a product that fits into 63 bits after the division.
    SimDuration due(std::int64_t k) const;
    bool operator==(const RecordRate&) const = default;
};

struct KeySpec {
    enum class Dist : std::uint8_t {
        Uniform,     // each of the keys 0..keys-1 is equally likely
        Sequential,  // 0, 1, ... keys-1, 0, 1, ...
    };
    Dist dist = Dist::Uniform;
    std::int64_t keys = 1;

    bool operator==(const KeySpec&) const = default;
};

struct ProducerSpec {
    std::string name;
    std::int32_t count = 1;  // instances, each with the rate and the limits below
    std::string topic;
    std::optional<RecordRate> rate;  // none: "max", the next record as soon as send() returns
    std::int32_t value_bytes = 100;
    std::optional<KeySpec> key;  // none: records without a key
    SimTime start;
    std::optional<SimTime> stop;
    std::optional<std::int64_t> records;  // stop after so many
    ConfigMap settings;
    ProducerConfig config;

    bool operator==(const ProducerSpec&) const = default;
};

struct CrashFault {
    enum class Mode : std::uint8_t { Kill, Graceful };
    Selector target;
    Mode mode = Mode::Kill;
    // From the fault's start, but never before the old process has ended; none: stays down.
    std::optional<SimDuration> restart_after;
    bool operator==(const CrashFault&) const = default;
};

struct PauseFault {
    Selector target;
    SimDuration duration;
    bool operator==(const PauseFault&) const = default;
};

// Which messages a partition stops.
struct OneWayCut {
    Selector from;
    Selector to;
    bool operator==(const OneWayCut&) const = default;
};
struct IsolationCut {  // target from and to all others
    Selector target;
    bool operator==(const IsolationCut&) const = default;
};
struct BetweenCut {  // every pair of the sides (at least two), both ways
    std::vector<Selector> sides;
    bool operator==(const BetweenCut&) const = default;
};
using PartitionCut = std::variant<OneWayCut, IsolationCut, BetweenCut>;

struct PartitionFault {
    enum class How : std::uint8_t { Drop, Reject, Jam };
    PartitionCut cut;
    How how = How::Drop;
    std::optional<SimDuration> duration;  // none: until the end of the run
    bool operator==(const PartitionFault&) const = default;
};

// An election through the admin client, as kafka-leader-election asks for it.
struct ElectFault {
    enum class Type : std::uint8_t { Preferred, Unclean };
    Type type = Type::Preferred;
    std::string topic;
    std::vector<PartitionIndex> partitions;  // ascending; empty: all of the topic
    bool operator==(const ElectFault&) const = default;
};

using FaultAction = std::variant<CrashFault, PauseFault, PartitionFault, ElectFault>;

struct FaultSpec {
    std::string id;    // without one in the file: fault-1 for the first of the list, and so on
    std::string kind;  // as written: "crash", "elect-preferred", ...
    SimTime at;
    FaultAction action;

    bool operator==(const FaultSpec&) const = default;
};

enum class ExpectedOutcome : std::uint8_t { Holds, Violated };

struct ExpectSpec {
    std::string id;     // without one in the file: expect-1 for the first of the list, and so on
    std::string check;  // one of Vocabulary::checks
    ExpectedOutcome outcome = ExpectedOutcome::Holds;
    std::string because;

    bool operator==(const ExpectSpec&) const = default;
};

struct ConsumerSpec {
    std::string name;
    std::int32_t members = 1;
    std::vector<TopicPartition> assign;  // ascending
    std::optional<LatencyDist> process;  // time that the application takes for a record
    SimTime start;
    ConfigMap settings;

    bool operator==(const ConsumerSpec&) const = default;
};

struct Switches {
    // KIP-320: a consumer has its position validated when the leader epoch changes.
    bool consumer_truncation_check = true;

    bool operator==(const Switches&) const = default;
};

enum class MessageRecording : std::uint8_t { None, Headers };

struct Scenario {
    std::string name;
    std::string title;
    std::optional<std::uint64_t> seed;  // below 2^53
    SimDuration duration;
    ClusterMode mode = ClusterMode::Kraft;
    std::vector<NodeSpec> controllers;  // ascending by id, as all nodes
    std::vector<NodeSpec> brokers;
    LatencyDist network_latency;          // of every link, one way
    std::vector<TopicSpec> topics;        // topics, producers, faults and expectations: in the
    std::vector<ProducerSpec> producers;  // order of the file
    std::vector<ConsumerSpec> consumers;
    Switches switches;
    std::vector<FaultSpec> faults;
    std::vector<ExpectSpec> expect;
    MessageRecording record_messages = MessageRecording::None;

    std::vector<Diagnostic> warnings;  // what is legal, but likely not meant

    bool operator==(const Scenario&) const = default;
};

// Names that other folders own and a scenario may use.
struct Vocabulary {
    std::vector<std::string> checks;
};

struct ScenarioText {
    std::string_view text;
    std::string_view file_name;  // for diagnostics; one that ends in .jsonc may have comments
    // "PTR=VALUE", applied in order before anything is checked. PTR is a JSON pointer whose parent
    // must exist ("-" appends to an array); VALUE is JSON, or else taken as a string.
    std::span<const std::string> overrides;
};

// All errors of the text (1000 at most), by position, without warnings; never empty on failure.
// Never throws on any input.
Result<Scenario, std::vector<Diagnostic>> parse_scenario(const ScenarioText& input,
                                                         const Vocabulary& vocabulary);
Result<Scenario, std::vector<Diagnostic>> parse_scenario(std::string_view text,
                                                         std::string_view file_name,
                                                         const Vocabulary& vocabulary);

}  // namespace bsim
