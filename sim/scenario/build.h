#pragma once
// From a document whose shape has been checked to a Scenario. Each builder fills its part of `out`
// and reports what ties several places together wrongly. A builder skips what shape.h refused, so
// `out` is complete only if the document has no errors in the end.

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>

#include "sim/scenario/document.h"
#include "sim/scenario/expression_range.h"
#include "sim/scenario/expression_text.h"
#include "sim/scenario/scenario.h"
#include "sim/scenario/selector_text.h"

namespace bsim {

struct Build {
    Document& document;
    const Vocabulary& vocabulary;
    const JsonNode& root;
    Scenario out = {};

    // What may be referred to: everything that is declared, well-formed or not. An absent set means
    // that the declaration as a whole is unreadable, so that no reference can be judged.
    std::optional<std::set<BrokerId>> brokers = {};  // those that faults add included
    std::optional<std::set<BrokerId>> controllers = {};
    // Those that faults create included; the node has the members of a topic.
    std::optional<std::map<std::string, const JsonNode*, std::less<>>> topics = {};
    // By topic, what faults raise the number of partitions to.
    std::map<std::string, std::int64_t, std::less<>> raised_partitions = {};
    std::set<std::string, std::less<>> created_topics = {};                          // by faults
    std::optional<std::map<std::string, std::int32_t, std::less<>>> producers = {};  // instances
    std::optional<std::map<std::string, std::int32_t, std::less<>>> consumers = {};
    std::set<std::string, std::less<>> groups = {};
    std::set<std::string, std::less<>> racks = {};
    // Every fault by its id, given or made up: does it end (some time)?
    std::map<std::string, bool, std::less<>> faults = {};
    std::int64_t instances = 0;  // of producers and consumers
    std::int64_t replicas = 0;   // of all topics, those that faults make included
};

inline constexpr std::size_t kNodesMax = 10'000;

// In this order: each may use what the ones before it have filled in.
void build_cluster(Build& build);
void build_topics(Build& build);
void build_producers(Build& build);
void build_consumers(Build& build);
void build_network(Build& build);
void build_switches(Build& build);
void build_faults(Build& build);
void build_expect(Build& build);
// Warnings about what is legal and likely not meant, for a scenario without errors.
void lint(Build& build);

// The settings of the layers (lowest first, null ones skipped), checked; nullopt if any is illegal.
std::optional<ConfigMap> build_settings(Build& build,
                                        ConfigKind kind,
                                        std::span<const JsonNode* const> layers);
// Member `inner` of member `outer` of the last layer that has it; null if none has.
const JsonNode* last_member(std::span<const JsonNode* const> layers,
                            std::string_view outer,
                            std::string_view inner);
// What the layers of a node say about its machine.
HardwareSpec build_hardware(std::span<const JsonNode* const> layers);

// The selector in the node, its names checked against the scenario; nullopt if it is wrong.
std::optional<Selector> build_selector(Build& build, const JsonNode* node);
// The expression in the node, likewise.
std::optional<Expression> build_expression(Build& build,
                                           const JsonNode* node,
                                           ExpressionWanted wanted);
// Reports a condition that can never be true; `what` says which one. True if it can. As long as the
// condition matters, the fault `own_fault` has not begun; empty for one that belongs to none.
bool check_possible(Build& build,
                    const JsonNode& node,
                    const Expression& expression,
                    std::string_view what,
                    std::string_view own_fault);
// What the scenario says about the values that an expression may take. Refers to `build`.
ExpressionFacts facts_of(const Build& build);
// Can the expression ever have that value, which is of its type?
bool can_be(const ExpressionFacts& facts,
            const Expression& expression,
            const ExpressionValue& value);
// "FAULT" or "FAULT.end", checked: there is such a fault and, for its end, it ends. `own_fault`,
// which waits for it, is not offered instead.
struct FaultMoment {
    std::string fault;
    bool end = false;
};
std::optional<FaultMoment> build_fault_moment(Build& build,
                                              const JsonNode* node,
                                              std::string_view own_fault);

// A topic from an object that has its members; nullopt if anything about it is wrong.
std::optional<TopicSpec> build_topic(Build& build, const JsonNode& node, std::string name);
// Counts replicas in; reports at the mark if there are too many now.
void count_replicas(Build& build, const Mark& mark, std::string_view topic, std::int64_t count);
// Is it a name that Kafka takes for a topic? Reports if not.
bool check_legal_topic_name(Build& build, std::string_view name, const Mark& mark);

// Counts the instances of a client in; reports, and returns false, if there are too many now.
bool check_instances(Build& build, const JsonNode& client, std::int64_t count);

// Each reports if there is no such thing. The parts say where it stands in the node's text.
bool check_topic_name(Build& build, const JsonNode& node, TextPart part);
bool check_partition(Build& build,
                     const JsonNode& node,
                     const TopicPartition& p,
                     std::span<const TextPart, 2> topic_and_index);
// The same, and it may also be one of the offsets topic, if there are groups to make it.
bool check_any_partition(Build& build,
                         const JsonNode& node,
                         const TopicPartition& p,
                         std::span<const TextPart, 2> topic_and_index);
struct NodeRole {
    enum class Kind { Broker, Controller } kind;
    BrokerId id;
    char separator = ':';  // how it is written: broker:1 or broker-1
};
bool check_node_id(Build& build, const JsonNode& node, TextPart part, const NodeRole& role);
bool check_fault_id(Build& build, const JsonNode& node, TextPart part);
bool check_group(Build& build, const JsonNode& node, std::string_view name, TextPart part);

// The most partitions that the topic can have, if it can be read.
std::optional<std::int64_t> partitions_of(const Build& build, std::string_view topic);
// The most that the offsets topic can have: none without a group; nullopt if it cannot be told.
std::optional<std::int64_t> offsets_partitions(const Build& build);
// Replicas of each partition of a topic; nullopt if they cannot be told.
std::optional<std::int64_t> replication_of(const Build& build, std::string_view topic);

}  // namespace bsim
