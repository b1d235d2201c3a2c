#include "sim/protocol/rules/assignors/constrained_assignment.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace bsim::group {

ConstrainedAssignment::ConstrainedAssignment(const AssignmentInput& input,
                                             const RackInfo& racks,
                                             const PreviousOwners& previous)
    : input_(input),
      racks_(racks),
      previous_(previous),
      min_quota_(input.partition_count() / input.members().size()),
      over_min_expected_(input.partition_count() % input.members().size()),
      assigned_(input.members().size()) {
    max_quota_ = min_quota_ + (over_min_expected_ > 0 ? 1 : 0);
}

Result<SlotsByMember, AssignorError> ConstrainedAssignment::build() {
    keep_owned();
    Slots slots = racks_.scarce_first(unassigned());
    std::sort(under_min_.begin(), under_min_.end());
    std::sort(exactly_min_.begin(), exactly_min_.end());
    if (racks_.aware())
        fill_in_racks(slots);
    if (auto error = fill(slots))
        return Err{*std::move(error)};
    if (auto error = check_filled())
        return Err{*std::move(error)};
    return assigned_;
}

void ConstrainedAssignment::keep_owned() {
    // Who comes first may keep max quota partitions, as long as so many may: the order shows.
    for (const std::size_t member : input_.members_in_hash_order())
        keep_owned_of(member);
}

// What the member may keep, in the order in which it keeps it.
Slots ConstrainedAssignment::keepable(std::size_t member) {
    Slots owned;
    for (const Slot& slot : previous_.owned[member]) {
        if (racks_.mismatch(member, slot)) {
            maybe_revoked_[slot] = member;
        } else if (!previous_.claimed_twice.contains(slot)) {
            owned.push_back(slot);
        }
    }
    std::sort(owned.begin(), owned.end(), [](const Slot& a, const Slot& b) {
        return std::tie(a.partition, a.topic) < std::tie(b.partition, b.topic);
    });
    return owned;
}

void ConstrainedAssignment::keep_owned_of(std::size_t member) {
    const Slots owned = keepable(member);
    std::size_t kept = owned.size();
    if (owned.size() < min_quota_) {
        under_min_.push_back(member);
    } else if (owned.size() >= max_quota_ && over_min_ < over_min_expected_) {
        kept = max_quota_;
        count_over_min();
    } else {
        kept = min_quota_;
        if (over_min_ < over_min_expected_)
            exactly_min_.push_back(member);
    }
    const auto end_of_kept = owned.begin() + static_cast<std::ptrdiff_t>(kept);
    assigned_[member].assign(owned.begin(), end_of_kept);
    for (auto slot = end_of_kept; slot != owned.end(); ++slot)
        maybe_revoked_[*slot] = member;
}

// Once enough members exceed the min quota, those that have just it are full.
void ConstrainedAssignment::count_over_min() {
    if (++over_min_ == over_min_expected_)
        exactly_min_.clear();
}

// All partitions without those assigned, found by walking both sorted lists together. An assigned
// one that does not exist halts its list, so that all behind it count as unassigned: so does Kafka.
Slots ConstrainedAssignment::unassigned() {
    Slots assigned;
    for (const Slots& slots : assigned_)
        assigned.insert(assigned.end(), slots.begin(), slots.end());
    std::sort(assigned.begin(), assigned.end());
    Slots rest;
    auto next = assigned.begin();
    for (std::size_t topic = 0; topic < input_.topics().size(); ++topic) {
        for (const Slot& slot : input_.slots_of(topic)) {
            if (next != assigned.end() && *next == slot) {
                ++next;
            } else {
                rest.push_back(slot);
            }
        }
    }
    return rest;
}

void ConstrainedAssignment::fill_in_racks(Slots& slots) {
    std::size_t next = 0;  // place in under_min_
    Slots rest;
    for (const Slot& slot : slots) {
        auto member = take_under_min(slot, next);
        if (!member)
            member = take_exactly_min(slot);
        if (member) {
            give(slot, *member);
        } else {
            rest.push_back(slot);
        }
    }
    slots = std::move(rest);
}

std::optional<std::size_t> ConstrainedAssignment::take_under_min(const Slot& slot,
                                                                 std::size_t& next) {
    const auto found = racks_.next_in_rack(slot, under_min_, next);
    if (!found)
        return std::nullopt;
    const std::size_t member = under_min_[*found];
    const std::size_t count = assigned_[member].size() + 1;
    next = *found;
    if (count >= min_quota_) {
        under_min_.erase(under_min_.begin() + static_cast<std::ptrdiff_t>(*found));
        if (count < max_quota_ && over_min_ < over_min_expected_)
            exactly_min_.push_back(member);
    } else {
        ++next;
    }
    next = under_min_.empty() ? 0 : next % under_min_.size();
    return member;
}

std::optional<std::size_t> ConstrainedAssignment::take_exactly_min(const Slot& slot) {
    const auto found = racks_.next_in_rack(slot, exactly_min_, 0);
    if (!found)
        return std::nullopt;
    const std::size_t member = exactly_min_[*found];
    if (assigned_[member].size() + 1 == max_quota_) {
        exactly_min_.erase(exactly_min_.begin() + static_cast<std::ptrdiff_t>(*found));
        count_over_min();
    }
    return member;
}

// Around the members under the min quota, each of which leaves the circle when it reaches it; then
// one each to those who may have one more.
std::optional<AssignorError> ConstrainedAssignment::fill(const Slots& slots) {
    std::size_t next = 0;          // place in under_min_
    std::size_t next_exactly = 0;  // place in exactly_min_
    for (const Slot& slot : slots) {
        if (next == under_min_.size())
            next = 0;
        if (under_min_.empty() && next_exactly == exactly_min_.size()) {
            return AssignorError{
                "IllegalStateException: No more unfilled consumers to be assigned."};
        }
        const bool under = !under_min_.empty();
        const std::size_t member = under ? under_min_[next++] : exactly_min_[next_exactly++];
        const std::size_t count = give(slot, member);
        if (count == min_quota_) {
            --next;
            under_min_.erase(under_min_.begin() + static_cast<std::ptrdiff_t>(next));
            exactly_min_.push_back(member);
        } else if (count == max_quota_) {
            ++over_min_;
        }
    }
    return std::nullopt;
}

std::size_t ConstrainedAssignment::give(const Slot& slot, std::size_t member) {
    assigned_[member].push_back(slot);
    const auto revoked = maybe_revoked_.find(slot);
    if ((revoked != maybe_revoked_.end() && revoked->second != member) ||
        previous_.claimed_twice.contains(slot)) {
        transferring_[slot] = member;
    }
    return assigned_[member].size();
}

std::optional<AssignorError> ConstrainedAssignment::check_filled() const {
    if (under_min_.empty())
        return std::nullopt;
    if (over_min_ != over_min_expected_) {
        return AssignorError{
            "IllegalStateException: We haven't reached the expected number of members with more "
            "than the minQuota partitions, but no more partitions to be assigned"};
    }
    for (const std::size_t member : under_min_) {
        if (assigned_[member].size() != min_quota_) {
            return AssignorError{"IllegalStateException: Consumer: [" +
                                 input_.members()[member].given->member_id +
                                 "] doesn't reach minQuota partitions, and no more partitions to "
                                 "be assigned"};
        }
    }
    return std::nullopt;
}

}  // namespace bsim::group
