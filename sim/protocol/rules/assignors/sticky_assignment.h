#pragma once
// The assignors `sticky` and `cooperative-sticky`: see assignor.h.
// Source: AbstractStickyAssignor, CooperativeStickyAssignor.

#include <cstdint>

#include "sim/base/result.h"
#include "sim/protocol/rules/assignors/assignment_input.h"

namespace bsim::group {

// Raises `max_generation` to the greatest that a member told.
Result<SlotsByMember, AssignorError> assign_sticky(const AssignmentInput& input,
                                                   bool cooperative,
                                                   std::int32_t& max_generation);

}  // namespace bsim::group
