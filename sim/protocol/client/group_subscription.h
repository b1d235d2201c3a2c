#pragma once
// What a member wants to read, and what it makes of the metadata for the group: the subscription
// that JoinGroup carries for each assignor, and, once elected, the assignment of all members.
//
// A leader watches the partitions of all topics that the group reads: when they, or the racks of
// their replicas, are not what the assignment was made of, a rebalance is due.
// Source: ConsumerCoordinator (metadata, onLeaderElected, MetadataSnapshot), SubscriptionState.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sim/base/result.h"
#include "sim/protocol/client/group_failure.h"
#include "sim/protocol/client/group_membership.h"
#include "sim/protocol/rules/assignors/assignor.h"

namespace bsim::client {

class GroupSubscription {
  public:
    explicit GroupSubscription(const GroupSettings& settings);

    const std::set<std::string>& topics() const { return topics_; }
    void subscribe(SimTime now, std::set<std::string> topics, MetadataUpdater& metadata);

    // The newest that all assignors have in common.
    group::RebalanceProtocol protocol() const { return protocol_; }

    // Takes news of the metadata in.
    void look_at_metadata(const MetadataUpdater& metadata);
    // Why the member should join again, if it should.
    std::optional<std::string_view> rejoin_reason() const;

    GroupMembership::Protocols join_protocols(const std::vector<TopicPartition>& owned,
                                              GenerationId generation);

    // Having been elected: begins to watch all topics of the group. assign() requires that metadata
    // that this, or anybody else, asked for has arrived.
    void begin_leading(SimTime now,
                       const wire::JoinGroupResponse& elected,
                       MetadataUpdater& metadata);
    Result<GroupMembership::Assignments, GroupFailure> assign(
        const wire::JoinGroupResponse& elected, const MetadataUpdater& metadata);
    void stop_leading(MetadataUpdater& metadata);
    // The member synced: only the leader goes on watching.
    void synced();

    // The partitions of an assignment, as they stand there; none if the bytes are no assignment.
    std::optional<std::vector<TopicPartition>> read_assignment(
        const std::vector<std::uint8_t>& bytes) const;
    // False if the assignment is not of what this member subscribed to.
    bool matches(const std::vector<TopicPartition>& assigned) const;
    void on_assignment(const std::vector<TopicPartition>& assigned, const Generation& generation);

  private:
    struct Snapshot {
        std::int64_t version = 0;
        // By topic and partition, the racks of its replicas if this client has one.
        std::map<std::string, std::vector<std::set<std::string>>> partitions;
        bool matches(const Snapshot& other) const {
            return version == other.version || partitions == other.partitions;
        }
    };
    group::Assignor* find(std::string_view protocol);
    std::set<std::string> watched() const;
    group::TopicLayouts layouts(const ClusterMetadata& cluster,
                                const std::set<std::string>& topics) const;

    std::optional<std::string> rack_;
    std::vector<group::Assignor> assignors_;
    group::RebalanceProtocol protocol_ = group::RebalanceProtocol::Eager;
    std::set<std::string> topics_;
    std::set<std::string> group_topics_;  // a leader's: of all members
    std::optional<std::set<std::string>> joined_topics_;
    Snapshot snapshot_;
    std::optional<Snapshot> assigned_by_;
    bool leader_ = false;
};

}  // namespace bsim::client
