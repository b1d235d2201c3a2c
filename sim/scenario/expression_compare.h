#pragma once
// Comparing values, exactly.

#include <optional>

#include "sim/scenario/expression.h"

namespace bsim {

// Less than 0, 0, or more than 0, without rounding.
int compare(const Ratio& left, const Ratio& right);
// Does the operator hold of two things that compare like this?
bool holds(CompareOp op, int order);
// Values of one type. Sets of nodes are equal if they share a node or are both empty. nullopt if
// either is unknown.
std::optional<bool> compare(CompareOp op,
                            const ExpressionValue& left,
                            const ExpressionValue& right);

}  // namespace bsim
