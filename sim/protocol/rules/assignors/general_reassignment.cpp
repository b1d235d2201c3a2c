// The second half of GeneralAssignment: moving partitions until it is even.

#include <algorithm>

#include "sim/protocol/rules/assignors/general_assignment.h"

namespace bsim::group {
namespace {

constexpr std::size_t kNobody = SIZE_MAX;

// What Java says when it asks a member for its partitions that was set aside, or nobody.
AssignorError no_such_list() {
    return {
        "NullPointerException: Cannot invoke \"java.util.List.size()\" because the return value "
        "of \"java.util.Map.get(Object)\" is null"};
}

// When members own what does not exist, a partition may have two owners, and Kafka's loop may never
// end, with its consumer in it.
AssignorError never_done() {
    return {"Timeout: the real assignor moves partitions to and fro for ever"};
}

void drop_first(Slots& slots, const Slot& slot) {
    const auto found = std::find(slots.begin(), slots.end(), slot);
    if (found != slots.end())
        slots.erase(found);
}

}  // namespace

// Whether anything moved.
Result<bool, AssignorError> GeneralAssignment::reassign_all(const Slots& slots) {
    // A move from who has two more lowers the sum of the squares of the counts, at least by two.
    moves_left_ = 1;
    for (const Slots& each : assigned_)
        moves_left_ += each.size() * each.size();
    bool ever = false;
    while (true) {
        BSIM_TRY(const bool moved, reassign_once(slots));
        if (!moved)
            return ever;
        ever = true;
    }
}

Result<bool, AssignorError> GeneralAssignment::reassign_once(const Slots& slots) {
    bool any = false;
    for (const Slot& slot : slots) {
        BSIM_TRY(const bool done, is_balanced());
        if (done)
            break;
        BSIM_TRY(const bool moved, improve(slot));
        any |= moved;
    }
    return any;
}

Result<bool, AssignorError> GeneralAssignment::improve(const Slot& slot) {
    const auto entry = owner_.find(slot);
    if (entry == owner_.end())
        return Err{no_such_list()};
    const std::size_t owner = entry->second;
    if (const auto older = older_.find(slot); older != older_.end()) {
        const std::size_t former = older->second.member;
        if (fixed_[owner] || fixed_[former])
            return Err{no_such_list()};
        // Kafka does not ask if the former owner still wants the topic.
        if (assigned_[owner].size() > assigned_[former].size() + 1) {
            if (auto error = reassign(slot, former))
                return Err{*std::move(error)};
            return true;
        }
    }
    // Kafka looks first for such a member in the partition's rack, but moves the partition to
    // whoever has the least all the same.
    if (!somebody_has_less(slot, owner))
        return false;
    if (auto error = reassign_to_least(slot))
        return Err{*std::move(error)};
    return true;
}

bool GeneralAssignment::somebody_has_less(const Slot& slot, std::size_t owner) const {
    const auto& others = input_.topics()[slot.topic].members;
    return std::any_of(others.begin(), others.end(), [&](std::size_t other) {
        return assigned_[owner].size() > assigned_[other].size() + 1;
    });
}

GeneralAssignment::OptionalError GeneralAssignment::reassign_to_least(const Slot& slot) {
    for (const auto& [count, member] : by_count_) {
        if (subscribed(member, slot.topic))
            return reassign(slot, member);
    }
    return no_such_list();
}

GeneralAssignment::OptionalError GeneralAssignment::reassign(const Slot& slot, std::size_t to) {
    const Slot moved = movements_.to_be_moved(slot, owner_.at(slot), to);
    const std::size_t from = owner_.at(moved);
    if (fixed_[from] || fixed_[to])
        return no_such_list();
    if (moves_left_-- == 0)
        return never_done();
    withdraw(from);
    withdraw(to);
    movements_.move(moved, from, to);
    drop_first(assigned_[from], moved);
    assigned_[to].push_back(moved);
    owner_[moved] = to;
    enlist(to);
    enlist(from);
    balanced_.reset();
    return std::nullopt;
}

Result<bool, AssignorError> GeneralAssignment::is_balanced() {
    if (!balanced_) {
        BSIM_TRY(balanced_, compute_balanced());
    }
    return *balanced_;
}

// Whether nobody lacks a partition whose owner has two more than they have.
Result<bool, AssignorError> GeneralAssignment::compute_balanced() const {
    if (by_count_.empty())
        return Err{AssignorError{"NoSuchElementException: null"}};
    if (by_count_.begin()->first + 1 >= by_count_.rbegin()->first)
        return true;
    bool repeats = false;
    const auto owners = owners_by_topic(repeats);
    for (const auto& [count, member] : by_count_) {
        const Slots& slots = assigned_[member];
        if (count == most_possible(member))
            continue;
        for (const std::size_t topic : input_.members()[member].topics) {
            for (std::size_t p = 0; p < owners[topic].size(); ++p) {
                const std::size_t owner = owners[topic][p];
                const Slot slot{topic, static_cast<std::int32_t>(p)};
                const bool has =
                    owner == member ||
                    (repeats && std::find(slots.begin(), slots.end(), slot) != slots.end());
                if (has)
                    continue;
                if (owner == kNobody)
                    return Err{no_such_list()};
                if (count + 1 < assigned_[owner].size())
                    return false;
            }
        }
    }
    return true;
}

// Of the members that are not fixed. Sets `repeats` if some partition has two owners.
std::vector<std::vector<std::size_t>> GeneralAssignment::owners_by_topic(bool& repeats) const {
    std::vector<std::vector<std::size_t>> owners;
    for (const AssignedTopic& topic : input_.topics())
        owners.emplace_back(static_cast<std::size_t>(topic.partitions), kNobody);
    for (const std::size_t member : input_.members_in_hash_order()) {
        if (fixed_[member])
            continue;
        for (const Slot& slot : assigned_[member]) {
            if (input_.racks_of(slot) == nullptr)
                continue;  // does not exist
            std::size_t& owner = owners[slot.topic][static_cast<std::size_t>(slot.partition)];
            repeats |= owner != kNobody;
            owner = member;
        }
    }
    return owners;
}

}  // namespace bsim::group
