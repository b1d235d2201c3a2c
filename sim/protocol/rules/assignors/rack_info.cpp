#include "sim/protocol/rules/assignors/rack_info.h"

#include <algorithm>

namespace bsim::group {

RackInfo::RackInfo(const AssignmentInput& input) : input_(input) {
    for (const AssigningMember& member : input.members()) {
        if (member.rack)
            member_racks_.push_back(*member.rack);
    }
    std::sort(member_racks_.begin(), member_racks_.end());
    if (member_racks_.empty())
        return;
    std::vector<Racks> replica_racks;
    for (const AssignedTopic& topic : input.topics())
        replica_racks.insert(replica_racks.end(), topic.racks.begin(), topic.racks.end());
    aware_ = use_rack_aware_assignment(member_racks_, replica_racks);
}

bool RackInfo::in_rack(std::size_t member, const Slot& slot) const {
    const auto& rack = input_.members()[member].rack;
    const Racks* replicas = input_.racks_of(slot);
    return aware_ && rack && replicas != nullptr &&
           std::binary_search(replicas->begin(), replicas->end(), *rack);
}

bool RackInfo::mismatch(std::size_t member, const Slot& slot) const {
    return aware_ && input_.members()[member].rack && !in_rack(member, slot);
}

std::size_t RackInfo::members_at_hand(const Slot& slot) const {
    const Racks* replicas = input_.racks_of(slot);
    if (replicas == nullptr)
        return 0;
    std::size_t count = 0;
    for (const std::string_view rack : *replicas) {
        const auto [low, high] = std::equal_range(member_racks_.begin(), member_racks_.end(), rack);
        count += static_cast<std::size_t>(high - low);
    }
    return count;
}

Slots RackInfo::scarce_first(Slots slots) const {
    if (!aware_)
        return slots;  // all would count the same
    std::stable_sort(slots.begin(), slots.end(), [this](const Slot& a, const Slot& b) {
        return members_at_hand(a) < members_at_hand(b);
    });
    return slots;
}

std::optional<std::size_t> RackInfo::next_in_rack(const Slot& slot,
                                                  const std::vector<std::size_t>& members,
                                                  std::size_t first) const {
    for (std::size_t i = 0; i < members.size(); ++i) {
        const std::size_t place = (first + i) % members.size();
        if (in_rack(members[place], slot))
            return place;
    }
    return std::nullopt;
}

}  // namespace bsim::group
