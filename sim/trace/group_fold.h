#pragma once
// Consumer groups as the events told of them so far: state, generation, members, who was assigned
// what, and the committed offsets. Checkers, metrics and reports read this one fold.
//
// Whose word counts. The coordinator of a group is the leader of its partition of
// `__consumer_offsets`. A deposed one that has not heard of it goes on for a while: what it says of
// states and members is passed over, as nothing of it can come into force. What did come into force
// (RebalanceCompleted, OffsetCommitted) counts whoever tells. Where no event tells who leads that
// partition (hand-made traces), every broker is believed.
//
// When the coordinator moves, what stood in memory alone is lost: the members are then those of the
// generation that was written down last. If that is one that was never announced (it was written,
// but its coordinator did not live to say so), they are left as the old coordinator had them.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/trace/event.h"

namespace bsim {

struct GroupMember {
    std::string client;
    std::string instance;  // empty: dynamic
    EventNumber joined;    // its MemberJoined

    bool operator==(const GroupMember&) const = default;
};

using GroupMembers = std::map<std::string, GroupMember>;                     // by member id
using GroupAssignment = std::map<std::string, std::vector<TopicPartition>>;  // by client.id

struct GroupSnapshot {
    std::optional<NodeName> coordinator;  // none: given up, or down
    GroupStateName state = GroupStateName::Empty;
    GenerationId generation;
    GroupMembers members;  // those that wait for the next generation, too
    // Of the newest RebalanceCompleted; it need not be the newest generation.
    std::optional<GenerationId> assigned_generation;
    GroupAssignment assignment;
    std::string protocol;
    std::map<TopicPartition, Offset> offsets;  // committed
    std::int64_t rebalances = 0;               // completed ones

    // The client.id of a member, also of one that only the written generation knows; empty if none.
    std::string client_of(const std::string& member) const;

    GroupMembers written;  // members of the generation that was written down last
};

class GroupFold {
  public:
    static constexpr std::string_view kOffsetsTopic = "__consumer_offsets";

    void on(const Event& event);

    // By group id; one that was deleted or expired is gone.
    const std::map<std::string, GroupSnapshot>& groups() const { return groups_; }
    // nullptr if no event told of it.
    const GroupSnapshot* group(const std::string& id) const;
    // The partition of __consumer_offsets that the group belongs to, once the topic is known.
    std::optional<TopicPartition> partition_of(const std::string& id) const;
    // Is the node the group's coordinator? True if no event told who is.
    bool coordinates(const NodeName& node, const std::string& id) const;

  private:
    struct Leader {
        NodeName node;
        LeaderEpoch epoch;
    };

    template <class Body>
    void apply(const Event&, const Body&) {}
    void apply(const Event& event, const TopicCreated& e);
    void apply(const Event& event, const BecameLeader& e);
    void apply(const Event& event, const NodeStopped& e);
    void apply(const Event& event, const GroupState& e);
    void apply(const Event& event, const MemberJoined& e);
    void apply(const Event& event, const MemberLeft& e);
    void apply(const Event& event, const RebalanceStarted& e);
    void apply(const Event& event, const RebalanceCompleted& e);
    void apply(const Event& event, const OffsetCommitted& e);
    void apply(const Event& event, const OffsetRemoved& e);
    void apply(const Event& event, const GroupMoved& e);

    // The group as this coordinator keeps it, empty if it knew nothing of it until now; nullptr if
    // the node does not coordinate it.
    GroupSnapshot* kept_by(const Event& event, const std::string& id);
    static void take_place(GroupSnapshot& group, const MemberJoined& e);
    // The group, whoever tells of it; a new one is that coordinator's.
    GroupSnapshot& told_of(const Event& event, const std::string& id);

    std::map<std::string, GroupSnapshot> groups_;
    std::map<PartitionIndex, Leader> leaders_;  // of __consumer_offsets
    std::int32_t partitions_ = 0;               // of __consumer_offsets; 0: not known
};

}  // namespace bsim
