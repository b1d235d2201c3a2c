#pragma once
// What an expression is about if what it waits for does not come: acknowledgements of partitions, a
// replica that grows, a group that keeps up or settles. Explanations ask what was in the way.

#include <vector>

#include "sim/report/why/explainer.h"
#include "sim/scenario/scenario.h"

namespace bsim {

// In that span of time. `awaited`: events that it names were to happen.
struct AskedSpan {
    SimTime from;
    SimTime to;
    bool awaited = false;
};
std::vector<Concern> concerns_of(const Scenario& scenario,
                                 const Expression& expression,
                                 const AskedSpan& span);

}  // namespace bsim
