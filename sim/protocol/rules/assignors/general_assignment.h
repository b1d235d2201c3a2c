#pragma once
// The sticky algorithm for a group whose members have different topics: keep what is owned, give
// the rest to whoever has the least and may, then move partitions until none makes it more even.
// Source: AbstractStickyAssignor.GeneralAssignmentBuilder; KIP-54.

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "sim/base/result.h"
#include "sim/protocol/rules/assignors/assignment_input.h"
#include "sim/protocol/rules/assignors/partition_movements.h"
#include "sim/protocol/rules/assignors/previous_owners.h"
#include "sim/protocol/rules/assignors/rack_info.h"

namespace bsim::group {

class GeneralAssignment {
  public:
    GeneralAssignment(const AssignmentInput& input,
                      const RackInfo& racks,
                      SlotsByMember owned,
                      std::map<Slot, OlderOwner> older);

    Result<SlotsByMember, AssignorError> build();

  private:
    using OptionalError = std::optional<AssignorError>;

    Slots all_sorted() const;
    bool before(const Slot& a, const Slot& b) const;
    Slots keep_owned();
    Slots unassigned(Slots kept) const;

    OptionalError balance(Slots rest);
    void give_in_racks(Slots& rest);
    void give(const Slots& rest);
    bool give_to_least(const Slot& slot, bool in_rack_only);
    void set_fixed_aside();
    bool can_participate(std::size_t topic) const;
    bool member_can_participate(std::size_t member) const;
    std::size_t most_possible(std::size_t member) const;

    Result<bool, AssignorError> reassign_all(const Slots& slots);
    Result<bool, AssignorError> reassign_once(const Slots& slots);
    Result<bool, AssignorError> improve(const Slot& slot);
    Result<bool, AssignorError> is_balanced();
    Result<bool, AssignorError> compute_balanced() const;
    std::vector<std::vector<std::size_t>> owners_by_topic(bool& repeats) const;
    bool somebody_has_less(const Slot& slot, std::size_t owner) const;
    OptionalError reassign_to_least(const Slot& slot);
    OptionalError reassign(const Slot& slot, std::size_t to);
    std::size_t score(const SlotsByMember& assignment) const;

    bool subscribed(std::size_t member, std::size_t topic) const;
    void enlist(std::size_t member);
    void withdraw(std::size_t member);

    const AssignmentInput& input_;
    const RackInfo& racks_;
    SlotsByMember assigned_;
    const std::map<Slot, OlderOwner> older_;
    std::map<Slot, std::size_t> owner_;
    std::vector<std::vector<bool>> subscribed_;               // by member, by topic
    std::vector<bool> fixed_;                                 // members set aside
    std::set<std::pair<std::size_t, std::size_t>> by_count_;  // (partitions, member), not the fixed
    Slots all_;  // the topics with the fewest members first
    PartitionMovements movements_;
    std::optional<bool> balanced_;  // as long as nothing moved
    std::size_t moves_left_ = 0;    // more than that, and it will never end
    bool revocation_required_ = false;
};

}  // namespace bsim::group
