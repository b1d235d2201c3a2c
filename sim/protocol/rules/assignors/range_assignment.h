#pragma once
// The assignor `range`: see assignor.h.
// Source: RangeAssignor; KIP-881.

#include "sim/protocol/rules/assignors/assignment_input.h"

namespace bsim::group {

SlotsByMember assign_ranges(const AssignmentInput& input);

}  // namespace bsim::group
