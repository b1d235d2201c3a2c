#include "sim/scenario/expression_compare.h"

#include <algorithm>

#include "sim/base/check.h"

namespace bsim {
namespace {

__extension__ using Wide = __int128;

bool meet(const NodeNames& left, const NodeNames& right) {
    return (left.empty() && right.empty()) ||
           std::any_of(left.begin(), left.end(), [&](const std::string& name) {
               return std::find(right.begin(), right.end(), name) != right.end();
           });
}

}  // namespace

int compare(const Ratio& left, const Ratio& right) {
    const Wide a = Wide{left.numerator} * right.denominator;
    const Wide b = Wide{right.numerator} * left.denominator;
    return a < b ? -1 : a > b ? 1 : 0;
}

bool holds(CompareOp op, int order) {
    switch (op) {
        case CompareOp::Less:
            return order < 0;
        case CompareOp::LessEqual:
            return order <= 0;
        case CompareOp::Equal:
            return order == 0;
        case CompareOp::NotEqual:
            return order != 0;
        case CompareOp::GreaterEqual:
            return order >= 0;
        case CompareOp::Greater:
            return order > 0;
    }
    BSIM_CHECK(false);
}

std::optional<bool> compare(CompareOp op,
                            const ExpressionValue& left,
                            const ExpressionValue& right) {
    if (std::holds_alternative<UnknownValue>(left) || std::holds_alternative<UnknownValue>(right)) {
        return std::nullopt;
    }
    if (const auto* number = std::get_if<NumberValue>(&left)) {
        return holds(op, compare(number->number, std::get<NumberValue>(right).number));
    }
    if (const auto* truth = std::get_if<bool>(&left)) {
        return holds(op, *truth == std::get<bool>(right) ? 0 : 1);
    }
    if (const auto* state = std::get_if<GroupStateValue>(&left)) {
        return holds(op, *state == std::get<GroupStateValue>(right) ? 0 : 1);
    }
    return holds(op, meet(std::get<NodeNames>(left), std::get<NodeNames>(right)) ? 0 : 1);
}

}  // namespace bsim
