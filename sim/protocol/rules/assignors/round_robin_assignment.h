#pragma once
// The assignor `roundrobin`: see assignor.h.
// Source: RoundRobinAssignor.

#include "sim/base/result.h"
#include "sim/protocol/rules/assignors/assignment_input.h"

namespace bsim::group {

Result<SlotsByMember, AssignorError> assign_round_robin(const AssignmentInput& input);

// By instance id, members without one behind, those by member id. Members with the same instance id
// stay in the order given.
std::vector<std::size_t> static_members_first(const AssignmentInput& input,
                                              std::vector<std::size_t> members);

}  // namespace bsim::group
