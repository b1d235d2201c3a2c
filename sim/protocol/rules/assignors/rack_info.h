#pragma once
// Which member is in a rack with which partition's replicas, for the sticky assignors.
// Source: AbstractStickyAssignor.RackInfo; KIP-881.

#include <cstddef>
#include <optional>
#include <vector>

#include "sim/protocol/rules/assignors/assignment_input.h"

namespace bsim::group {

class RackInfo {
  public:
    explicit RackInfo(const AssignmentInput& input);

    // Otherwise nothing mismatches and nobody is in a rack.
    bool aware() const { return aware_; }
    bool mismatch(std::size_t member, const Slot& slot) const;
    bool in_rack(std::size_t member, const Slot& slot) const;

    // Those first for which the fewest members are at hand.
    Slots scarce_first(Slots slots) const;

    // The place in `members`, looking from `first` on and around, of one in the partition's rack.
    std::optional<std::size_t> next_in_rack(const Slot& slot,
                                            const std::vector<std::size_t>& members,
                                            std::size_t first) const;

  private:
    std::size_t members_at_hand(const Slot& slot) const;

    const AssignmentInput& input_;
    Racks member_racks_;  // sorted, one entry a member
    bool aware_ = false;
};

}  // namespace bsim::group
