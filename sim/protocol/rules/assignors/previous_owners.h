#pragma once
// What the members of a group held before, as the sticky assignors believe it: a partition that two
// members claim belongs to the one that claims it of the greater generation; if the generations are
// equal, to neither.
// Source: AbstractStickyAssignor.allSubscriptionsEqual, prepopulateCurrentAssignments.

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "sim/protocol/rules/assignors/assignment_input.h"

namespace bsim::group {

// A member's claim, in numbers.
struct Claim {
    Slots slots{};  // of topics that are subscribed to by someone and exist
    std::optional<std::int32_t> generation{};
};
using Claims = std::vector<Claim>;  // by member

struct PreviousOwners {
    SlotsByMember owned;
    std::set<Slot> claimed_twice;  // in one generation
};

Claims read_claims(const AssignmentInput& input, bool cooperative);

// -1 if there is none.
std::int32_t max_generation(const Claims& claims);

PreviousOwners settle_claims(const AssignmentInput& input, const Claims& claims);

// Claims of older generations than `max_generation`: who held the partition last before.
struct OlderOwner {
    std::size_t member = 0;
    std::int32_t generation = 0;
};
std::map<Slot, OlderOwner> older_owners(const AssignmentInput& input,
                                        const Claims& claims,
                                        std::int32_t max_generation);

// Whether all members have the same topics. Members without any that come first are not counted.
bool subscriptions_equal(const AssignmentInput& input);

}  // namespace bsim::group
