#pragma once
// The sticky algorithm for a group whose members all have the same topics. Of T partitions and C
// members, each gets T / C (`min quota`), and T % C of them one more (`max quota`).
// Source: AbstractStickyAssignor.ConstrainedAssignmentBuilder.

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "sim/base/result.h"
#include "sim/protocol/rules/assignors/assignment_input.h"
#include "sim/protocol/rules/assignors/previous_owners.h"
#include "sim/protocol/rules/assignors/rack_info.h"

namespace bsim::group {

class ConstrainedAssignment {
  public:
    // There is at least one member.
    ConstrainedAssignment(const AssignmentInput& input,
                          const RackInfo& racks,
                          const PreviousOwners& previous);

    Result<SlotsByMember, AssignorError> build();

    // After build: partitions that another member may still hold, and who gets them.
    const std::map<Slot, std::size_t>& transferring() const { return transferring_; }

  private:
    void keep_owned();
    void keep_owned_of(std::size_t member);
    Slots keepable(std::size_t member);
    Slots unassigned();
    // Takes out of `slots` what was assigned.
    void fill_in_racks(Slots& slots);
    std::optional<std::size_t> take_under_min(const Slot& slot, std::size_t& next);
    std::optional<std::size_t> take_exactly_min(const Slot& slot);
    std::optional<AssignorError> fill(const Slots& slots);
    std::optional<AssignorError> check_filled() const;
    std::size_t give(const Slot& slot, std::size_t member);
    void count_over_min();

    const AssignmentInput& input_;
    const RackInfo& racks_;
    const PreviousOwners& previous_;
    std::size_t min_quota_;
    std::size_t max_quota_;
    std::size_t over_min_expected_;  // members that shall exceed the min quota
    std::size_t over_min_ = 0;       // members that do
    SlotsByMember assigned_;
    std::vector<std::size_t> under_min_;         // members below the min quota
    std::vector<std::size_t> exactly_min_;       // members that may get one more
    std::map<Slot, std::size_t> maybe_revoked_;  // not left to its owner
    std::map<Slot, std::size_t> transferring_;
};

}  // namespace bsim::group
