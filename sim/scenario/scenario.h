#pragma once
// A scenario that has been checked: everything that a run needs, with defaults filled in, and
// nothing that the simulator cannot do. Times are simulated time from the start of the run.
//
// Promised of every value that parse_scenario() returns: ids are unique within their kind; topics,
// partitions, brokers and checks that are referred to exist; assignments agree with partitions and
// replication; settings are legal for Kafka 3.9 (check_config() accepts them); at most 1,000,000
// replicas; at least one controller and one broker; expressions and selectors name what exists.
//
// What the format has and the program cannot do (yet) is refused: which parts it can do, the
// Vocabulary says.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/result.h"
#include "sim/base/time.h"
#include "sim/model/config.h"
#include "sim/model/dist.h"
#include "sim/model/ids.h"
#include "sim/model/switches.h"
#include "sim/scenario/cluster_spec.h"
#include "sim/scenario/diagnostic.h"
#include "sim/scenario/expect_spec.h"
#include "sim/scenario/fault_spec.h"

namespace bsim {

enum class ClusterMode : std::uint8_t { Kraft };

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
        Zipf,        // key k in proportion to 1 / (k+1)^exponent
        Hot,         // key 0 with the probability `share`, else one of the others
    };
    Dist dist = Dist::Uniform;
    std::int64_t keys = 1;
    Ratio exponent = {1, 1};
    Ratio share = {1, 2};

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

// When the application of a group's member commits what it has worked off: enable.auto.commit does;
// commitSync() after each poll(), after each record, or before the work on what poll() returned (at
// most once); never.
enum class CommitPolicy : std::uint8_t { Auto, Sync, AfterEach, BeforeWork, None };

struct MemberSpec {
    SimTime start;                       // not before its topics are there
    std::optional<LatencyDist> process;  // time that the application takes for a record
    ConfigMap settings;

    bool operator==(const MemberSpec&) const = default;
};

// The members of a group subscribe to `topics`; without a group every member reads all partitions
// of `assign`.
struct ConsumerSpec {
    std::string name;
    std::optional<std::string> group;
    std::vector<std::string> topics;     // in the order of the file; empty without a group
    std::vector<TopicPartition> assign;  // ascending; empty with a group
    CommitPolicy commit = CommitPolicy::None;
    std::vector<MemberSpec> members;  // at least one

    bool operator==(const ConsumerSpec&) const = default;
};

enum class MessageRecording : std::uint8_t { None, Headers, Full };

struct Scenario {
    std::string name;
    std::string title;
    std::optional<std::uint64_t> seed;  // below 2^53
    SimDuration duration;
    ClusterMode mode = ClusterMode::Kraft;
    // Ascending by id. A combined node stands in both lists, with equal contents.
    std::vector<NodeSpec> controllers;
    std::vector<NodeSpec> brokers;
    NetworkSpec network;
    Switches switches;
    std::vector<TopicSpec> topics;        // topics, clients, faults and expectations: in the
    std::vector<ProducerSpec> producers;  // order of the file
    std::vector<ConsumerSpec> consumers;
    std::vector<FaultSpec> faults;
    std::vector<ExpectSpec> expect;
    MessageRecording record_messages = MessageRecording::None;
    // The kinds of events that the trace file holds; empty: all. The hash is of all in either case.
    std::set<std::string, std::less<>> record_events;
    std::optional<SimDuration> snapshot_every;  // none: no snapshots of the cluster's state
    bool asks_metrics = false;                  // an expression has metric()
    bool asks_latencies = false;                // or a quantile of what two events tell of together

    std::vector<Diagnostic> warnings;  // what is legal, but likely not meant

    bool operator==(const Scenario&) const = default;
};

// An event kind that expressions may name, with its attributes (`n` goes without saying).
struct EventWords {
    // Broker and Node: a number that is the id of a broker, or of any node; -1 for none.
    enum class Form : std::uint8_t { Truth, Number, Word, Partition, List, Text, Broker, Node };
    struct Value {
        Form form = Form::Text;
        std::vector<std::string> words = {};  // which ones
    };
    std::string kind;
    std::vector<std::string> attributes;
    std::vector<Value> values = {};  // of each attribute what it looks like; empty: not known
};

// Names that other folders own and a scenario may use, and what of the format the program can do.
struct Vocabulary {
    std::vector<std::string> checks;
    std::vector<EventWords> events;
    std::vector<std::string> apis;     // Kafka's names of requests: Fetch, AlterPartition
    std::vector<std::string> metrics;  // names of samples that metric() may ask for
    // By such a name, the labels of its samples (`instance` goes without saying).
    std::map<std::string, std::vector<std::string>, std::less<>> metric_labels;
    std::vector<std::string> errors;  // Kafka's names of errors: NOT_COORDINATOR
    // Each one of all_features(); the rest of those is refused as not built yet.
    std::vector<std::string> features;
};
// What of the format may be there or not: "fault.disk-slow", "node.disk", "link.loss",
// "cluster.quorum", "fault.mode.power", "switch.pre_vote", ...
std::vector<std::string> all_features();

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
