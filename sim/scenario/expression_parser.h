#pragma once
// The inside of parse_expression(): one method a rule of the grammar. A method that fails sets the
// error and returns nullopt; everything above it then returns at once.

#include <optional>
#include <string>
#include <string_view>

#include "sim/scenario/expression_scanner.h"
#include "sim/scenario/expression_text.h"

namespace bsim {

class ExpressionParser {
  public:
    ExpressionParser(std::string_view text, ExpressionNames& names)
        : text_(text), scan_(text), names_(names) {}

    Result<Expression, ExpressionError> parse(ExpressionWanted wanted);

  private:
    using Node = std::optional<ExpressionNode>;

    // expression_parser.cpp: operators.
    Node disjunction(int depth);
    Node conjunction(int depth);
    Node negation(int depth);
    Node timed(int depth);
    Node compared(int depth);
    std::optional<CompareOp> compare_op();
    bool make_comparable(ExpressionNode& left, ExpressionNode& right, CompareOp op);
    bool wants_condition(const ExpressionNode& node);
    // Is there something that other languages write for an operator here? Then it is an error.
    bool foreign_operator();

    // expression_operands.cpp: what stands between operators.
    Node operand(int depth);
    Node group(int depth);
    Node number();
    Node word(int depth);
    Node node_with_colon(TextPart role);

    // expression_calls.cpp
    Node call(TextPart name, int depth);
    std::optional<ExpressionForm> call_form(std::string_view name, int depth);
    std::optional<TopicPartition> partition_argument(std::string_view function);
    std::optional<ExpressionForm> partition_call(PartitionQuery::What what, std::string_view name);
    std::optional<ExpressionForm> log_end_call(int depth);
    std::optional<Box<ExpressionNode>> node_argument(std::string_view function, int depth);
    std::optional<ExpressionForm> target_call();
    std::optional<ExpressionForm> count_call();
    std::optional<ExpressionForm> metric_call();
    std::optional<EventPattern> event_pattern(std::optional<SimDuration>* last);
    bool conditions_and_window(EventPattern& pattern, std::optional<SimDuration>* last);

    // expression_groups.cpp: groups and what clients see.
    std::optional<ExpressionForm> group_call(GroupQuery::What what, std::string_view name);
    std::optional<ExpressionForm> quantile_call(std::int32_t permille, std::string_view name);

    bool event_condition(EventPattern& pattern, TextPart attribute);
    // How the function is called, for messages; empty if there is none of that name.
    static std::string_view form_of_function(std::string_view name);
    // A duration longer than zero; reports if the text there is none.
    std::optional<SimDuration> window(TextPart part);
    bool closing(std::string_view function);
    bool comma(std::string_view function, std::string_view next);

    std::nullopt_t fail(ExpressionError error);
    std::nullopt_t unexpected(std::string_view expected, std::string suggestion = {});
    // Something stands where an operator or the end must be.
    std::nullopt_t no_operator(std::string_view expected);
    ExpressionNode made(std::size_t from, ExpressionForm form);
    std::string_view at(TextPart part) const { return scan_.at(part); }

    std::string_view text_;
    ExpressionScanner scan_;
    ExpressionNames& names_;
    std::optional<ExpressionError> error_;
};

}  // namespace bsim
