#include "sim/protocol/rules/assignors/general_assignment.h"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace bsim::group {
GeneralAssignment::GeneralAssignment(const AssignmentInput& input,
                                     const RackInfo& racks,
                                     SlotsByMember owned,
                                     std::map<Slot, OlderOwner> older)
    : input_(input),
      racks_(racks),
      assigned_(std::move(owned)),
      older_(std::move(older)),
      subscribed_(input.members().size(), std::vector<bool>(input.topics().size())),
      fixed_(input.members().size()),
      movements_(input) {
    for (const std::size_t member : input.members_in_hash_order()) {
        for (const std::size_t topic : input.members()[member].topics)
            subscribed_[member][topic] = true;
        for (const Slot& slot : assigned_[member])
            owner_[slot] = member;
    }
    all_ = all_sorted();
}

Result<SlotsByMember, AssignorError> GeneralAssignment::build() {
    Slots rest = unassigned(keep_owned());
    for (std::size_t member = 0; member < assigned_.size(); ++member)
        enlist(member);
    if (auto error = balance(std::move(rest)))
        return Err{*std::move(error)};
    return assigned_;
}

bool GeneralAssignment::before(const Slot& a, const Slot& b) const {
    const auto& topics = input_.topics();
    return std::tuple(topics[a.topic].members.size(), a) <
           std::tuple(topics[b.topic].members.size(), b);
}

Slots GeneralAssignment::all_sorted() const {
    Slots all;
    for (std::size_t topic = 0; topic < input_.topics().size(); ++topic) {
        const Slots slots = input_.slots_of(topic);
        all.insert(all.end(), slots.begin(), slots.end());
    }
    std::sort(all.begin(), all.end(),
              [this](const Slot& a, const Slot& b) { return before(a, b); });
    return all;
}

Slots GeneralAssignment::keep_owned() {
    Slots kept;
    for (std::size_t member = 0; member < assigned_.size(); ++member) {
        std::erase_if(assigned_[member], [&](const Slot& slot) {
            const bool keep = subscribed(member, slot.topic) && !racks_.mismatch(member, slot);
            revocation_required_ |= !keep;
            return !keep;
        });
        kept.insert(kept.end(), assigned_[member].begin(), assigned_[member].end());
    }
    return kept;
}

// As in ConstrainedAssignment, what does not exist halts the list of those kept.
Slots GeneralAssignment::unassigned(Slots kept) const {
    std::sort(kept.begin(), kept.end(),
              [this](const Slot& a, const Slot& b) { return before(a, b); });
    Slots rest;
    auto next = kept.begin();
    for (const Slot& slot : all_) {
        if (next != kept.end() && *next == slot) {
            ++next;
        } else {
            rest.push_back(slot);
        }
    }
    return rest;
}

GeneralAssignment::OptionalError GeneralAssignment::balance(Slots rest) {
    const bool initial = by_count_.rbegin()->first == 0;
    Slots to_give = rest;
    if (racks_.aware())
        give_in_racks(to_give);
    give(to_give);

    const auto fixed = [this](const Slot& slot) { return !can_participate(slot.topic); };
    std::erase_if(all_, fixed);
    std::erase_if(rest, fixed);
    set_fixed_aside();

    const SlotsByMember before_moving = assigned_;
    // If nobody has to give up anything, try first to move only what is new.
    if (!revocation_required_) {
        if (const auto moved = reassign_all(rest); !moved)
            return moved.error();
    }
    const auto moved = reassign_all(all_);
    if (!moved)
        return moved.error();
    if (!initial && *moved && score(assigned_) >= score(before_moving))
        assigned_ = before_moving;
    return std::nullopt;
}

void GeneralAssignment::give_in_racks(Slots& rest) {
    std::erase_if(rest, [this](const Slot& slot) { return give_to_least(slot, true); });
}

void GeneralAssignment::give(const Slots& rest) {
    for (const Slot& slot : rest)
        give_to_least(slot, false);
}

bool GeneralAssignment::give_to_least(const Slot& slot, bool in_rack_only) {
    for (const auto& [count, member] : by_count_) {
        if (!subscribed(member, slot.topic) || (in_rack_only && racks_.mismatch(member, slot)))
            continue;
        const std::size_t taker = member;
        withdraw(taker);
        assigned_[taker].push_back(slot);
        owner_[slot] = taker;
        enlist(taker);
        return true;
    }
    return false;
}

bool GeneralAssignment::can_participate(std::size_t topic) const {
    return input_.topics()[topic].members.size() >= 2;
}

// With repeats in the subscription this may be more than there is: so does Kafka count.
std::size_t GeneralAssignment::most_possible(std::size_t member) const {
    const auto& topics = input_.members()[member].topics;
    if (topics.size() == input_.topics().size())
        return input_.partition_count();
    return std::accumulate(
        topics.begin(), topics.end(), std::size_t{0}, [this](std::size_t sum, std::size_t topic) {
            return sum + static_cast<std::size_t>(input_.topics()[topic].partitions);
        });
}

bool GeneralAssignment::member_can_participate(std::size_t member) const {
    const Slots& slots = assigned_[member];
    return slots.size() < most_possible(member) ||
           std::any_of(slots.begin(), slots.end(),
                       [this](const Slot& slot) { return can_participate(slot.topic); });
}

void GeneralAssignment::set_fixed_aside() {
    for (std::size_t member = 0; member < assigned_.size(); ++member) {
        if (member_can_participate(member))
            continue;
        withdraw(member);
        fixed_[member] = true;
    }
}

// The sum of the differences of all pairs of members; 0 is perfectly even.
std::size_t GeneralAssignment::score(const SlotsByMember& assignment) const {
    std::vector<std::size_t> counts;
    for (std::size_t member = 0; member < assignment.size(); ++member) {
        if (!fixed_[member])
            counts.push_back(assignment[member].size());
    }
    std::sort(counts.begin(), counts.end());
    std::size_t sum = 0;
    std::size_t smaller = 0;
    for (std::size_t i = 0; i < counts.size(); ++i) {
        sum += counts[i] * i - smaller;
        smaller += counts[i];
    }
    return sum;
}

bool GeneralAssignment::subscribed(std::size_t member, std::size_t topic) const {
    return subscribed_[member][topic];
}

void GeneralAssignment::enlist(std::size_t member) {
    by_count_.emplace(assigned_[member].size(), member);
}

void GeneralAssignment::withdraw(std::size_t member) {
    by_count_.erase({assigned_[member].size(), member});
}

}  // namespace bsim::group
