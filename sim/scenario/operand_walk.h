#pragma once
// The way down an expression's tree, for visitors that look for certain leaves.

#include "sim/scenario/expression.h"

namespace bsim {

// Base of a visitor with a member of(const ExpressionNode&): of what joins expressions, it hands
// every operand to that, in order.
template <class Visitor>
struct OperandWalk {
    void operator()(const Negation& node) { down(*node.of); }
    void operator()(const WithinLast& node) { down(*node.of); }
    void operator()(const Comparison& node) {
        down(*node.left);
        down(*node.right);
    }
    void operator()(const Conjunction& node) {
        for (const ExpressionNode& inner : node.of)
            down(inner);
    }
    void operator()(const Disjunction& node) {
        for (const ExpressionNode& inner : node.of)
            down(inner);
    }

  private:
    void down(const ExpressionNode& node) { static_cast<Visitor*>(this)->of(node); }
};

}  // namespace bsim
