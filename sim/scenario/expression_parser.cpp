#include "sim/scenario/expression_parser.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "sim/scenario/nearest.h"
#include "sim/scenario/quantity.h"

namespace bsim {
namespace {

bool is_ordering(CompareOp op) {
    return op != CompareOp::Equal && op != CompareOp::NotEqual;
}

// The whole number that a literal is, if it can stand for a node.
std::optional<std::int64_t> id_literal(const ExpressionNode& node) {
    const auto* literal = std::get_if<LiteralValue>(&node.form);
    const auto* number = literal == nullptr ? nullptr : std::get_if<NumberValue>(&literal->value);
    if (number == nullptr || number->unit != NumberUnit::One || number->number.denominator != 1) {
        return std::nullopt;
    }
    const std::int64_t id = number->number.numerator;
    return id >= -1 && id <= INT32_MAX ? std::optional(id) : std::nullopt;
}

NodeNames names_of_id(std::int64_t id) {
    if (id < 0) {
        return {};
    }
    return {fmt::format("broker-{}", id), fmt::format("controller-{}", id)};
}

}  // namespace

std::nullopt_t ExpressionParser::fail(ExpressionError error) {
    if (!error_) {
        error_ = std::move(error);
    }
    return std::nullopt;
}

std::nullopt_t ExpressionParser::unexpected(std::string_view expected, std::string suggestion) {
    const TextPart part = scan_.next_token();
    const std::string found = part.length == 0
                                  ? std::string("the expression ends too early")
                                  : fmt::format("\"{}\" is not expected here", at(part));
    return fail({"E0402",
                 {part.from, std::max<std::size_t>(part.length, 1)},
                 found,
                 std::string(expected),
                 std::move(suggestion)});
}

std::nullopt_t ExpressionParser::no_operator(std::string_view expected) {
    constexpr std::string_view kOperators[] = {"and", "or", "within"};
    constexpr std::pair<std::string_view, std::string_view> kWritten[] = {
        {"is", "=="}, {"equals", "=="}, {"eq", "=="}, {"ne", "!="}, {"lt", "<"},
        {"le", "<="}, {"gt", ">"},      {"ge", ">="}, {"for", ""}};
    const std::string_view word = at(scan_.next_token());
    const auto* const written = std::find_if(std::begin(kWritten), std::end(kWritten),
                                             [&](const auto& row) { return row.first == word; });
    const auto near = nearest(word, kOperators);
    return unexpected(
        expected, std::string(written != std::end(kWritten) ? written->second : near.value_or("")));
}

std::optional<SimDuration> ExpressionParser::window(TextPart part) {
    const auto duration = parse_duration(at(part));
    if (duration && duration->ns() > 0) {
        return *duration;
    }
    fail({"E0402",
          {part.from, std::max<std::size_t>(part.length, 1)},
          duration ? fmt::format("\"{}\" is not longer than zero", at(part))
                   : duration.error().message,
          std::string(kDurationForm),
          duration ? std::string() : duration.error().suggestion});
    return std::nullopt;
}

ExpressionNode ExpressionParser::made(std::size_t from, ExpressionForm form) {
    return {std::move(form), {from, scan_.end_of_last() - from}};
}

bool ExpressionParser::foreign_operator() {
    struct Foreign {
        std::string_view written;
        std::string_view meant;
    };
    constexpr Foreign kForeign[] = {
        {"&&", "and"}, {"&", "and"},   {"||", "or"}, {"|", "or"}, {"!", "not"},
        {"<>", "!="},  {"=<", "<="},   {"=>", ">="}, {"=", "=="}, {"AND", "and"},
        {"OR", "or"},  {"NOT", "not"}, {"≤", "<="},  {"≥", ">="}, {"≠", "!="},
    };
    const std::size_t from = scan_.position();
    const std::string_view rest = text_.substr(from);
    const auto* const found =
        std::find_if(std::begin(kForeign), std::end(kForeign), [&](const Foreign& foreign) {
            return rest.starts_with(foreign.written) && !rest.starts_with("!=") &&
                   !rest.starts_with("==");
        });
    if (found == std::end(kForeign)) {
        return false;
    }
    fail({"E0402",
          {from, found->written.size()},
          fmt::format("\"{}\" is no operator", found->written),
          "and, or, not, <, <=, ==, !=, >=, >",
          std::string(found->meant)});
    return true;
}

bool ExpressionParser::wants_condition(const ExpressionNode& node) {
    const ExpressionType type = type_of(node);
    if (type == ExpressionType::Truth) {
        return true;
    }
    fail({"E0404", node.part,
          fmt::format("a condition is needed, but \"{}\" is {}", at(node.part), name_of(type)),
          "a comparison, such as isr(orders-0) < 3"});
    return false;
}

ExpressionParser::Node ExpressionParser::disjunction(int depth) {
    const std::size_t from = scan_.position();
    Node first = conjunction(depth);
    if (!first || !scan_.take_word("or")) {
        return first;
    }
    Disjunction out;
    out.of.push_back(std::move(*first));
    do {
        Node next = conjunction(depth);
        if (!next) {
            return std::nullopt;
        }
        out.of.push_back(std::move(*next));
    } while (scan_.take_word("or"));
    const bool ok = std::all_of(out.of.begin(), out.of.end(),
                                [this](const ExpressionNode& n) { return wants_condition(n); });
    return ok ? Node(made(from, std::move(out))) : std::nullopt;
}

ExpressionParser::Node ExpressionParser::conjunction(int depth) {
    const std::size_t from = scan_.position();
    Node first = negation(depth);
    if (!first || !scan_.take_word("and")) {
        return first;
    }
    Conjunction out;
    out.of.push_back(std::move(*first));
    do {
        Node next = negation(depth);
        if (!next) {
            return std::nullopt;
        }
        out.of.push_back(std::move(*next));
    } while (scan_.take_word("and"));
    const bool ok = std::all_of(out.of.begin(), out.of.end(),
                                [this](const ExpressionNode& n) { return wants_condition(n); });
    return ok ? Node(made(from, std::move(out))) : std::nullopt;
}

ExpressionParser::Node ExpressionParser::negation(int depth) {
    const std::size_t from = scan_.position();
    if (!scan_.take_word("not")) {
        return timed(depth);
    }
    if (depth >= kExpressionNestingMax) {
        return fail(
            {"E0402",
             {from, 3},
             fmt::format("expressions are nested deeper than {} levels", kExpressionNestingMax)});
    }
    Node inner = negation(depth + 1);
    if (!inner || !wants_condition(*inner)) {
        return std::nullopt;
    }
    return made(from, Negation{std::move(*inner)});
}

ExpressionParser::Node ExpressionParser::timed(int depth) {
    const std::size_t from = scan_.position();
    Node inner = compared(depth);
    if (!inner || !scan_.take_word("within")) {
        return inner;
    }
    if (!wants_condition(*inner)) {
        return std::nullopt;
    }
    const TextPart part = scan_.number();
    if (part.length == 0) {
        return unexpected("a duration, such as within 5s");
    }
    const auto last = window(part);
    if (!last) {
        return std::nullopt;
    }
    return made(from, WithinLast{std::move(*inner), *last});
}

std::optional<CompareOp> ExpressionParser::compare_op() {
    struct Written {
        std::string_view text;
        CompareOp op;
    };
    constexpr Written kOps[] = {
        {"<=", CompareOp::LessEqual}, {">=", CompareOp::GreaterEqual}, {"==", CompareOp::Equal},
        {"!=", CompareOp::NotEqual},  {"<", CompareOp::Less},          {">", CompareOp::Greater},
    };
    if (text_.substr(scan_.position()).starts_with("<>")) {
        return std::nullopt;
    }
    for (const Written& written : kOps) {
        if (scan_.take(written.text)) {
            return written.op;
        }
    }
    return std::nullopt;
}

bool ExpressionParser::make_comparable(ExpressionNode& left, ExpressionNode& right, CompareOp op) {
    for (auto [literal, other] : {std::pair{&left, &right}, std::pair{&right, &left}}) {
        const auto id = id_literal(*literal);
        if (id && type_of(*other) == ExpressionType::Nodes) {
            NodeNames names = names_of_id(*id);
            if (!names.empty()) {
                names_.node(names, literal->part);
            }
            literal->form = LiteralValue{names};
        }
    }
    const ExpressionType type = type_of(left);
    const TextPart whole{left.part.from, right.part.from + right.part.length - left.part.from};
    if (type != type_of(right)) {
        fail(
            {"E0404", whole,
             fmt::format("{} cannot be compared with {}", name_of(type), name_of(type_of(right)))});
        return false;
    }
    const bool ordered = type == ExpressionType::Number || type == ExpressionType::Time ||
                         type == ExpressionType::Bytes;
    if (is_ordering(op) && !ordered) {
        fail({"E0404", whole, fmt::format("{} has no order", name_of(type)), "== or !="});
        return false;
    }
    return true;
}

ExpressionParser::Node ExpressionParser::compared(int depth) {
    const std::size_t from = scan_.position();
    Node left = operand(depth);
    if (!left) {
        return left;
    }
    const auto op = compare_op();
    if (!op) {
        return left;
    }
    Node right = operand(depth);
    if (!right || !make_comparable(*left, *right, *op)) {
        return std::nullopt;
    }
    ExpressionNode out = made(from, Comparison{*op, std::move(*left), std::move(*right)});
    const std::size_t again = scan_.position();
    if (compare_op()) {
        return fail({"E0402",
                     {again, scan_.end_of_last() - again},
                     "comparisons cannot be chained",
                     "two comparisons with \"and\" between them"});
    }
    return out;
}

Result<Expression, ExpressionError> ExpressionParser::parse(ExpressionWanted wanted) {
    if (scan_.at_end()) {
        return Err{ExpressionError{"E0402", {0, 1}, "the expression is empty"}};
    }
    Node root = disjunction(1);
    if (root && !scan_.at_end() && !foreign_operator()) {
        no_operator("and, or, a comparison, or the end of the expression");
    }
    if (root && !error_ && wanted == ExpressionWanted::Condition) {
        wants_condition(*root);
    }
    if (error_) {
        return Err{std::move(*error_)};
    }
    return Expression{std::string(text_), std::move(*root)};
}

Result<Expression, ExpressionError> parse_expression(std::string_view text,
                                                     ExpressionWanted wanted,
                                                     ExpressionNames& names) {
    return ExpressionParser(text, names).parse(wanted);
}

}  // namespace bsim
