#pragma once
// What the sticky assignors put into a subscription's user data, without a version in front:
//   sticky              array of (topic, array of i32 partition), then (v1) i32 generation; its
//                       protocol is eager, so that the subscription itself owns nothing any more
//   cooperative-sticky  i32 generation, read only where the subscription's version lacks that field
// A generation of -1 is written for none.
// Source: StickyAssignor, CooperativeStickyAssignor.

#include <optional>
#include <vector>

#include "sim/base/bytes.h"
#include "sim/protocol/rules/assignors/subscription.h"

namespace bsim::group {

// What a member held, as an assignor sees it. No generation is less than any; a generation that was
// told as -1 differs from one not told, and the general algorithm looks at that.
struct MemberData {
    std::vector<TopicPartition> partitions{};
    std::optional<std::int32_t> generation{};

    bool operator==(const MemberData&) const = default;
};

// Topics stand in the order of the Java HashMap that gathers them.
UserData encode_sticky_user_data(const std::vector<TopicPartition>& partitions,
                                 std::optional<GenerationId> generation);
UserData encode_cooperative_user_data(std::optional<GenerationId> generation);

// Of the assignor `sticky`: from user data alone. What cannot be read counts as nothing held.
MemberData sticky_member_data(const Subscription& subscription);
// Of the assignor `cooperative-sticky`: from the subscription, the user data filling in.
MemberData cooperative_member_data(const Subscription& subscription);

}  // namespace bsim::group
