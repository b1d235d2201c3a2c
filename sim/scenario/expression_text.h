#pragma once
// Reads expressions (their grammar stands in expression.h): syntax, arguments and types. Whether
// what is named exists, is asked of the caller.

#include <string>
#include <string_view>

#include "sim/base/result.h"
#include "sim/scenario/expression.h"

namespace bsim {

inline constexpr int kExpressionNestingMax = 64;

// Told of each name, where it stands; reports what is wrong with it on its own.
class ExpressionNames {
  public:
    virtual ~ExpressionNames() = default;
    virtual void partition(const TopicPartition& p, TextPart topic, TextPart index) = 0;
    // At least one of the names must be a node. May put the name that it has in the trace.
    virtual void node(NodeNames& names, TextPart part) = 0;
    virtual void fault(std::string_view id, TextPart part) = 0;
    virtual void metric(std::string_view name, TextPart part) = 0;
    virtual void event_kind(std::string_view kind, TextPart part) = 0;
    struct Condition {
        EventCondition& condition;
        TextPart attribute;
        TextPart value;
    };
    virtual void event_condition(std::string_view kind, const Condition& condition) = 0;
    virtual void group(std::string_view name, TextPart part) {
        static_cast<void>(name);
        static_cast<void>(part);
    }
    struct LabelCondition {
        std::string_view metric;
        std::string_view label;
        std::string& value;
        TextPart label_part;
        TextPart value_part;
    };
    virtual void metric_label(const LabelCondition& condition) { static_cast<void>(condition); }
};

struct ExpressionError {
    std::string_view code;  // E0402 syntax, E0403 unknown name, E0404 types, E0900 not built yet
    TextPart part;
    std::string message;
    std::string expected = {};
    std::string suggestion = {};
};

enum class ExpressionWanted { Condition, AnyValue };

Result<Expression, ExpressionError> parse_expression(std::string_view text,
                                                     ExpressionWanted wanted,
                                                     ExpressionNames& names);

// The value that a JSON text or number stands for where an expression of this type is compared with
// it ("broker-1", "none", "250ms", 3); nullopt if it cannot be compared.
enum class ExpressionType : std::uint8_t { Truth, Number, Time, Bytes, Nodes, GroupState };
ExpressionType type_of(const ExpressionNode& node);
std::string_view name_of(ExpressionType type);  // "a condition", "a number", ...
std::optional<ExpressionValue> parse_value(std::string_view text, ExpressionType type);
// A text that does stand for such a value and is likely meant; empty if none is.
std::string operand_meant(std::string_view text, ExpressionType type);
// Names of nodes that the word stands for; nullopt if it cannot be a node's name.
std::optional<NodeNames> parse_node_name(std::string_view word);
// The states that a group can have (Kafka's ClassicGroupState).
inline constexpr std::string_view kGroupStates[] = {"Empty", "PreparingRebalance",
                                                    "CompletingRebalance", "Stable", "Dead"};
bool is_group_state(std::string_view word);

}  // namespace bsim
