#pragma once
// The small language of `when`, `until`, `gate` and expectations, as a tree. No loops, no
// arithmetic: every expression has a value at every instant.
//
//   expr     := and ("or" and)*
//   and      := not ("and" not)*
//   not      := "not" not | timed
//   timed    := compared ["within" duration]    it was so at an instant of the last duration
//   compared := operand [("<" | "<=" | "==" | "!=" | ">=" | ">") operand]
//   operand  := number | quantity | true | false | none | node | state | call | "(" expr ")"
//   node     := broker-1 | broker:1 | controller-100 | controller:100 | producer-shop-0 | ...
//   state    := Empty | PreparingRebalance | CompletingRebalance | Stable | Dead    of a group
//   call     := isr(t-0) | leader(t-0) | epoch(t-0) | hw(t-0) | leo(node, t-0) | urp()
//             | controller() | up(node) | target(fault-id)
//             | event(KIND, attribute=value, ...) | count(KIND, attribute=value, ..., duration)
//             | metric("name", label=value, ...) | state(group) | lag(group)
//             | p50|p75|p90|p95|p99|p999|max(latency, attribute=value, ..., duration)
//
// isr() is how many replicas are in sync; leader() and controller() are a node or none; target()
// the nodes that a fault struck last. A node equals a set of nodes that it is in; a bare number
// stands for the broker or controller of that id, -1 for none. event() is true at the instant of
// such an event; the attributes are those of TRACE.md, and `n` is the node. count() counts such
// events in the last duration, or since the start without one. metric() is the sum of the samples
// of that name which have these labels, as metrics.om has them (`instance` is the node). It is
// looked at once a second, as a scraper does, and whenever another part of the expression may have
// changed.
//
// state() and lag() are those of a consumer group, unknown while it has no coordinator and nothing
// is known of it, respectively; lag() is how many records it is behind the ends of the partitions
// that it has committed. p99() is the duration that 99 % of those measured in the last `duration`
// do not exceed (nearest rank, exact); max() is the longest. What is measured, kLatencies says. The
// conditions are those on the event that tells of it.
//
// What does not exist (yet) has the value unknown: comparisons with it are neither true nor false,
// and nothing is triggered or judged by that.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sim/base/box.h"
#include "sim/base/ratio.h"
#include "sim/base/time.h"
#include "sim/model/ids.h"
#include "sim/scenario/text_part.h"

namespace bsim {

// Names of nodes as the trace has them, ascending. Empty: none.
using NodeNames = std::vector<std::string>;

// Time is in ns, Bytes in bytes.
enum class NumberUnit : std::uint8_t { One, Time, Bytes };
struct NumberValue {
    Ratio number;
    NumberUnit unit = NumberUnit::One;
    bool operator==(const NumberValue&) const = default;
};

struct UnknownValue {
    bool operator==(const UnknownValue&) const = default;
};
// The state of a group, as Kafka names it.
struct GroupStateValue {
    std::string name;
    bool operator==(const GroupStateValue&) const = default;
};
using ExpressionValue = std::variant<UnknownValue, bool, NumberValue, NodeNames, GroupStateValue>;
// "true", "3", "250ms", "broker-1", "broker-1 broker-2", "none", "unknown".
std::string to_string(const ExpressionValue& value);

enum class CompareOp : std::uint8_t { Less, LessEqual, Equal, NotEqual, GreaterEqual, Greater };

// attribute OP value. Numbers are compared as numbers, all else as text and for equality only. An
// attribute that is a list equals a value that is in it.
struct EventCondition {
    std::string attribute;  // "n" is the node
    CompareOp op = CompareOp::Equal;
    std::string value;
    bool operator==(const EventCondition&) const = default;
};
struct EventPattern {
    std::string kind;
    std::vector<EventCondition> conditions;
    bool operator==(const EventPattern&) const = default;
};

struct ExpressionNode;

struct LiteralValue {
    ExpressionValue value;  // never unknown
    bool operator==(const LiteralValue&) const = default;
};
struct PartitionQuery {
    enum class What : std::uint8_t { Isr, Leader, Epoch, HighWatermark };
    What what = What::Isr;
    TopicPartition partition;
    bool operator==(const PartitionQuery&) const = default;
};
struct LogEndQuery {
    Box<ExpressionNode> node;  // unknown unless exactly one of them has such a log
    TopicPartition partition;
    bool operator==(const LogEndQuery&) const;
};
struct UnderReplicatedQuery {  // how many partitions have fewer replicas in sync than replicas
    bool operator==(const UnderReplicatedQuery&) const = default;
};
struct ActiveControllerQuery {
    bool operator==(const ActiveControllerQuery&) const = default;
};
struct UpQuery {  // do all of them run?
    Box<ExpressionNode> node;
    bool operator==(const UpQuery&) const;
};
struct TargetQuery {
    std::string fault;
    bool operator==(const TargetQuery&) const = default;
};
struct EventHappened {
    EventPattern pattern;
    bool operator==(const EventHappened&) const = default;
};
struct EventCount {
    EventPattern pattern;
    std::optional<SimDuration> window;
    bool operator==(const EventCount&) const = default;
};
struct GroupQuery {
    enum class What : std::uint8_t { State, Lag };
    What what = What::State;
    std::string group;
    bool operator==(const GroupQuery&) const = default;
};

// Durations that clients see, of which events tell.
enum class Latency : std::uint8_t { Produce, EndToEnd, Commit, Rebalance };
struct LatencyRow {
    Latency latency;
    std::string_view name;
    std::string_view kind;  // of the event that tells of it
};
inline constexpr LatencyRow kLatencies[] = {
    // Of a batch, from its creation to its acknowledgement.
    {Latency::Produce, "produce_latency", "ProduceAcked"},
    // Of each batch that a poll returned records of, from its append by the leader.
    {Latency::EndToEnd, "end_to_end_latency", "RecordsConsumed"},
    // Of a committed offset, in the coordinator, until it is replicated.
    {Latency::Commit, "commit_latency", "OffsetCommitted"},
    // From the start of a group's rebalance to the assignment that ends it.
    {Latency::Rebalance, "rebalance_latency", "RebalanceCompleted"},
};
// Of the durations measured in the last `window`: the least one that so many thousandths of them
// do not exceed. Unknown without any.
struct QuantileQuery {
    std::int32_t permille = 0;  // 1000: the longest
    Latency latency = Latency::Produce;
    EventPattern pattern;  // of the events that tell of it
    SimDuration window;
    bool operator==(const QuantileQuery&) const = default;
};
struct MetricQuery {
    std::string name;  // of the sample: with _total where it counts
    std::map<std::string, std::string> labels;
    bool operator==(const MetricQuery&) const = default;
};
struct Negation {
    Box<ExpressionNode> of;
    bool operator==(const Negation&) const;
};
struct Conjunction {  // of two or more
    std::vector<ExpressionNode> of;
    bool operator==(const Conjunction&) const;
};
struct Disjunction {
    std::vector<ExpressionNode> of;
    bool operator==(const Disjunction&) const;
};
struct Comparison {
    CompareOp op = CompareOp::Equal;
    Box<ExpressionNode> left;
    Box<ExpressionNode> right;
    bool operator==(const Comparison&) const;
};
struct WithinLast {
    Box<ExpressionNode> of;
    SimDuration window;
    bool operator==(const WithinLast&) const;
};

using ExpressionForm = std::variant<LiteralValue,
                                    PartitionQuery,
                                    LogEndQuery,
                                    UnderReplicatedQuery,
                                    ActiveControllerQuery,
                                    UpQuery,
                                    TargetQuery,
                                    EventHappened,
                                    EventCount,
                                    MetricQuery,
                                    GroupQuery,
                                    QuantileQuery,
                                    Negation,
                                    Conjunction,
                                    Disjunction,
                                    Comparison,
                                    WithinLast>;

struct ExpressionNode {
    ExpressionForm form;
    TextPart part = {};  // where in the text it stands

    // Where it stands in a text makes no difference.
    bool operator==(const ExpressionNode& other) const { return form == other.form; }
};

inline bool LogEndQuery::operator==(const LogEndQuery& other) const {
    return node == other.node && partition == other.partition;
}
inline bool UpQuery::operator==(const UpQuery& other) const {
    return node == other.node;
}
inline bool Negation::operator==(const Negation& other) const {
    return of == other.of;
}
inline bool Conjunction::operator==(const Conjunction& other) const {
    return of == other.of;
}
inline bool Disjunction::operator==(const Disjunction& other) const {
    return of == other.of;
}
inline bool Comparison::operator==(const Comparison& other) const {
    return op == other.op && left == other.left && right == other.right;
}
inline bool WithinLast::operator==(const WithinLast& other) const {
    return window == other.window && of == other.of;
}

struct Expression {
    std::string text;  // as the scenario writes it
    ExpressionNode root;

    bool operator==(const Expression& other) const { return root == other.root; }
};

// In a canonical form that parses to the same tree.
std::string to_string(const ExpressionNode& node);

}  // namespace bsim
