#include "sim/protocol/rules/assignors/round_robin_assignment.h"

#include <algorithm>

#include "sim/base/java_order.h"

namespace bsim::group {

std::vector<std::size_t> static_members_first(const AssignmentInput& input,
                                              std::vector<std::size_t> members) {
    std::stable_sort(members.begin(), members.end(), [&](std::size_t a, std::size_t b) {
        const auto& x = input.members()[a].given->instance_id;
        const auto& y = input.members()[b].given->instance_id;
        if (x && y)
            return java_less(*x, *y);
        return x || y ? x.has_value() : a < b;
    });
    return members;
}

Result<SlotsByMember, AssignorError> assign_round_robin(const AssignmentInput& input) {
    if (input.members().empty()) {
        return Err{AssignorError{
            "IllegalArgumentException: CircularIterator can only be used on non-empty lists"}};
    }
    const std::vector<std::size_t> turns =
        static_members_first(input, input.members_in_map_order());
    SlotsByMember assigned(turns.size());
    std::size_t turn = 0;
    for (std::size_t topic = 0; topic < input.topics().size(); ++topic) {
        const std::vector<std::size_t>& subscribed = input.topics()[topic].members;
        std::vector<bool> may(turns.size());
        for (const std::size_t member : subscribed)
            may[member] = true;
        for (const Slot& slot : input.slots_of(topic)) {
            while (!may[turns[turn]])
                turn = (turn + 1) % turns.size();
            assigned[turns[turn]].push_back(slot);
            turn = (turn + 1) % turns.size();
        }
    }
    return assigned;
}

}  // namespace bsim::group
