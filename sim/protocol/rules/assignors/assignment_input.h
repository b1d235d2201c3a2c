#pragma once
// What is to be assigned to whom, in numbers: topics and members are indices into lists sorted by
// name, so that comparing indices is comparing names. Kept besides are the orders in which the real
// assignors walk their hash maps, where the outcome depends on it.
// Source: AbstractPartitionAssignor.assign.

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/protocol/rules/assignors/assignor.h"

namespace bsim::group {

// A partition of a subscribed topic; sorts by topic name, then by number.
struct Slot {
    std::size_t topic = 0;
    std::int32_t partition = 0;

    auto operator<=>(const Slot&) const = default;
};
using Slots = std::vector<Slot>;
using Racks = std::vector<std::string_view>;  // sorted, each once

// What each member gets, by member index.
using SlotsByMember = std::vector<Slots>;

struct AssignedTopic {
    std::string_view name;
    std::int32_t partitions = 0;       // > 0
    std::vector<Racks> racks;          // by partition
    std::uint32_t hash = 0;            // java_hash(name)
    std::vector<std::size_t> members;  // subscribed to it, in map order, with repeats
};

struct AssigningMember {
    const GroupMember* given = nullptr;
    std::optional<std::string_view> rack;
    std::vector<std::size_t> topics;  // subscribed to and existing, as listed, with repeats
};

// Refers to what it was made of.
class AssignmentInput {
  public:
    // `members` have distinct ids and stand in the order in which their map is walked.
    AssignmentInput(const TopicLayouts& topics, const std::vector<GroupMember>& members);

    const std::vector<AssignedTopic>& topics() const { return topics_; }
    const std::vector<AssigningMember>& members() const { return members_; }
    std::size_t partition_count() const { return partition_count_; }

    // Topics as a HashMap has them that is filled from a HashSet of all subscribed ones.
    const std::vector<std::size_t>& topics_in_map_order() const { return topics_in_map_order_; }
    const std::vector<std::size_t>& members_in_map_order() const { return members_in_map_order_; }
    // Members as a HashMap has them that is filled in map order.
    const std::vector<std::size_t>& members_in_hash_order() const { return members_in_hash_order_; }

    std::optional<std::size_t> find_topic(std::string_view name) const;
    // Without those of topics that nobody subscribed to or that do not exist.
    Slots known_slots(const std::vector<TopicPartition>& partitions) const;
    // nullptr if the partition does not exist.
    const Racks* racks_of(const Slot& slot) const;
    Slots slots_of(std::size_t topic) const;

  private:
    void add_topics(const TopicLayouts& topics, const std::vector<GroupMember>& members);
    void add_members(const std::vector<GroupMember>& members);

    std::vector<AssignedTopic> topics_;
    std::vector<AssigningMember> members_;
    std::vector<std::size_t> topics_in_map_order_;
    std::vector<std::size_t> members_in_map_order_;
    std::vector<std::size_t> members_in_hash_order_;
    std::size_t partition_count_ = 0;
};

// Whether racks are worth looking at: consumers and replicas share some, and not every partition
// is in all of them.
bool use_rack_aware_assignment(const Racks& consumer_racks,
                               const std::vector<Racks>& replica_racks);

}  // namespace bsim::group
