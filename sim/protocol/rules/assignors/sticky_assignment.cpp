#include "sim/protocol/rules/assignors/sticky_assignment.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "sim/protocol/rules/assignors/constrained_assignment.h"
#include "sim/protocol/rules/assignors/general_assignment.h"
#include "sim/protocol/rules/assignors/previous_owners.h"
#include "sim/protocol/rules/assignors/rack_info.h"

namespace bsim::group {
namespace {

// A partition that changes hands goes to nobody until the next round, for its former owner must
// first give it up.
void withhold(SlotsByMember& assigned, const std::map<Slot, std::size_t>& transferring) {
    for (const auto& [slot, member] : transferring) {
        Slots& slots = assigned[member];
        const auto found = std::find(slots.begin(), slots.end(), slot);
        if (found != slots.end())
            slots.erase(found);
    }
}

// What somebody gets and somebody else had, by what they own, of whichever generation.
std::map<Slot, std::size_t> transfers(const AssignmentInput& input, const SlotsByMember& assigned) {
    std::map<Slot, std::size_t> added;
    std::set<Slot> revoked;
    for (const std::size_t member : input.members_in_hash_order()) {
        const Slots owned = input.known_slots(input.members()[member].given->subscription.owned);
        const std::set<Slot> had(owned.begin(), owned.end());
        const std::set<Slot> has(assigned[member].begin(), assigned[member].end());
        for (const Slot& slot : has) {
            if (!had.contains(slot))
                added[slot] = member;
        }
        for (const Slot& slot : had) {
            if (!has.contains(slot))
                revoked.insert(slot);
        }
    }
    std::erase_if(added, [&](const auto& entry) { return !revoked.contains(entry.first); });
    return added;
}

}  // namespace

Result<SlotsByMember, AssignorError> assign_sticky(const AssignmentInput& input,
                                                   bool cooperative,
                                                   std::int32_t& max_generation) {
    const Claims claims = read_claims(input, cooperative);
    max_generation = std::max(max_generation, group::max_generation(claims));
    PreviousOwners previous = settle_claims(input, claims);
    const RackInfo racks(input);
    if (subscriptions_equal(input)) {
        if (input.members().empty())
            return Err{AssignorError{"ArithmeticException: / by zero"}};
        ConstrainedAssignment constrained(input, racks, previous);
        BSIM_TRY(SlotsByMember assigned, constrained.build());
        if (cooperative)
            withhold(assigned, constrained.transferring());
        return assigned;
    }
    GeneralAssignment general(input, racks, std::move(previous.owned),
                              older_owners(input, claims, max_generation));
    BSIM_TRY(SlotsByMember assigned, general.build());
    if (cooperative)
        withhold(assigned, transfers(input, assigned));
    return assigned;
}

}  // namespace bsim::group
