#pragma once
// The coordinator of the groups whose partition of __consumer_offsets this broker leads: classic
// protocol (JoinGroup, SyncGroup, Heartbeat, LeaveGroup), committed offsets, and what
// administrators ask. A value: inputs in, effects out; see coordinator_io.h.
//
// Promises: an assignment is told, and a committed offset shown, only once its record is
// replicated; a group is served only between the end of loading and the resignation of its
// partition. Costs of an input do not depend on how many other groups there are, but for lists,
// expiry and deleted topics.
//
// Its parts, a file each: ownership.cpp partitions; membership.cpp members and timers;
// join_group.cpp, static_join.cpp, sync_group.cpp, leave_group.cpp, heartbeat.cpp; rebalance.cpp;
// offset_commit.cpp, offset_fetch.cpp, offset_delete.cpp, offset_expiry.cpp; group_list.cpp;
// group_store.cpp appends. Source: GroupCoordinator, GroupMetadataManager, GroupCoordinatorAdapter.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "sim/protocol/group/coordinator_config.h"
#include "sim/protocol/group/coordinator_io.h"
#include "sim/protocol/group/deadlines.h"
#include "sim/protocol/group/offset_records.h"
#include "sim/protocol/group/partition_load.h"

namespace bsim::group {

class GroupCoordinator {
  public:
    explicit GroupCoordinator(const CoordinatorConfig& config) : config_(config) {}

    // Appends to `out`, which the caller runs in order before the next step.
    void step(const StepContext& context, CoordinatorInput input, CoordinatorEffects& out);

    PartitionIndex partition_of(const std::string& group) const;
    bool owns(PartitionIndex partition) const { return owned_.contains(partition); }
    bool is_loading(PartitionIndex partition) const { return loading_.contains(partition); }
    const GroupMetadata* find(const std::string& group) const;
    std::size_t deadlines() const { return deadlines_.size(); }

  private:
    struct Turn {
        const StepContext& at;
        CoordinatorEffects& out;
        void add(CoordinatorEffect effect) const { out.push_back(std::move(effect)); }
    };
    using Error = wire::ErrorCode;
    using OptionalError = std::optional<wire::ErrorCode>;

    void take(const Turn& turn, const Started& in);
    void take(const Turn& turn, const Stopped& in);
    void take(const Turn& turn, RequestArrived& in);
    void take(const Turn& turn, const AppendFinished& in);
    void take(const Turn& turn, const Elected& in);
    void take(const Turn& turn, const Resigned& in);
    void take(const Turn& turn, const PartitionRead& in);
    void take(const Turn& turn, const ReadFinished& in);
    void take(const Turn& turn, const PartitionsDeleted& in);
    void take(const Turn& turn, const TimerFired& in);

    // --- partitions and groups
    bool accept_epoch(PartitionIndex partition, std::optional<LeaderEpoch> epoch);
    void load(const Turn& turn, const std::string& id, PartitionLoad::LoadedGroup& loaded);
    void unload(const Turn& turn, GroupMetadata& group);
    // In the order in which Kafka looks at these.
    enum class Naming { Required, MayBeEmpty };
    OptionalError admit(const std::string& group, Naming naming) const;
    GroupMetadata* known(const std::string& group);
    GroupMetadata& find_or_create(const Turn& turn, const std::string& group);
    void forget(const Turn& turn, GroupMetadata& group);
    void transition(const Turn& turn, GroupMetadata& group, GroupState to);

    // --- members
    static OptionalError validate_member(const GroupMetadata& group,
                                         const std::string& member,
                                         const std::optional<std::string>& instance);
    void expect_heartbeat(const Turn& turn, GroupMetadata& group, Member& member);
    void expect_heartbeat(const Turn& turn,
                          GroupMetadata& group,
                          Member& member,
                          std::int32_t timeout_ms);
    // Whoever waits must have been answered.
    void drop_member(const Turn& turn,
                     GroupMetadata& group,
                     const std::string& member,
                     Departure why);
    void drop_pending(const Turn& turn, GroupMetadata& group, const std::string& member);
    void remove_and_rebalance(const Turn& turn,
                              GroupMetadata& group,
                              const std::string& member,
                              Departure why);
    void heartbeat_missed(const Turn& turn, const Deadline& deadline);

    // --- JoinGroup
    struct Join;
    void serve(const Turn& turn, const RequestArrived& in, wire::JoinGroupRequest& body);
    bool accepts(const GroupMetadata& group, const std::string& member) const;
    void join_new(const Turn& turn, GroupMetadata& group, const Join& join);
    void join_known(const Turn& turn, GroupMetadata& group, const Join& join);
    void add_and_rebalance(const Turn& turn,
                           GroupMetadata& group,
                           const Join& join,
                           const std::string& member);
    void update_and_rebalance(const Turn& turn,
                              GroupMetadata& group,
                              const Join& join,
                              const std::string& why);
    void answer_join(const Turn& turn, const Caller& caller, wire::JoinGroupResponse response);
    void refuse_join(const Turn& turn,
                     const Caller& caller,
                     const std::string& member,
                     Error error);
    static wire::JoinGroupResponse join_response(const GroupMetadata& group,
                                                 const std::string& member,
                                                 bool with_members);
    // If the member waits.
    void end_join(const Turn& turn,
                  GroupMetadata& group,
                  Member& member,
                  wire::JoinGroupResponse response);
    void fail_join(const Turn& turn,
                   GroupMetadata& group,
                   Member& member,
                   const std::string& shown_id,
                   Error error);

    // --- a static member that comes back
    struct StaticJoin;
    void rejoin_static(const Turn& turn,
                       GroupMetadata& group,
                       const Join& join,
                       const std::string& new_id);
    void static_join_stored(const Turn& turn, GroupMetadata* group, StaticJoin& join, Error error);
    void fence(const Turn& turn, GroupMetadata& group, Member& member);

    // --- SyncGroup
    void serve(const Turn& turn, const RequestArrived& in, wire::SyncGroupRequest& body);
    static OptionalError validate_sync(const GroupMetadata& group,
                                       const wire::SyncGroupRequest& body);
    void sync_completing(const Turn& turn,
                         GroupMetadata& group,
                         const Caller& caller,
                         wire::SyncGroupRequest& body);
    void assignment_stored(const Turn& turn,
                           GroupMetadata& group,
                           const Assignments& assignments,
                           Error error);
    void propagate(const Turn& turn, GroupMetadata& group, Error error);
    bool end_sync(const Turn& turn, const GroupMetadata& group, Member& member, Error error) const;
    void received_sync(GroupMetadata& group, const std::string& member);
    void sync_missed(const Turn& turn, GroupMetadata& group);

    // --- rebalance
    void maybe_rebalance(const Turn& turn, GroupMetadata& group, const std::string& why);
    void prepare_rebalance(const Turn& turn, GroupMetadata& group, const std::string& why);
    void wait_for_joins(const Turn& turn, GroupMetadata& group);
    void wait_initially(const Turn& turn,
                        GroupMetadata& group,
                        std::int32_t delay_ms,
                        std::int32_t remaining_ms);
    void check_joins(const Turn& turn, GroupMetadata& group);
    void join_wait_over(const Turn& turn, GroupMetadata& group);
    void complete_join(const Turn& turn, GroupMetadata& group);
    void begin_generation(const Turn& turn, GroupMetadata& group);
    void expect_syncs(const Turn& turn, GroupMetadata& group);
    void stop_expecting_syncs(GroupMetadata& group);

    // --- the rest of the requests
    void serve(const Turn& turn, const RequestArrived& in, wire::HeartbeatRequest& body);
    Error heartbeat(const Turn& turn, const wire::HeartbeatRequest& body);
    void serve(const Turn& turn, const RequestArrived& in, wire::LeaveGroupRequest& body);
    Error leave(const Turn& turn,
                GroupMetadata& group,
                const wire::LeaveGroupRequest::MemberIdentity& who);
    struct Commit;
    void serve(const Turn& turn, const RequestArrived& in, wire::OffsetCommitRequest& body);
    OptionalError validate_commit(const GroupMetadata& group,
                                  const wire::OffsetCommitRequest& body) const;
    void store_offsets(const Turn& turn, GroupMetadata& group, Commit commit);
    void offsets_stored(const Turn& turn,
                        GroupMetadata* group,
                        const Commit& commit,
                        const AppendFinished& in);
    void serve(const Turn& turn, const RequestArrived& in, wire::OffsetFetchRequest& body);
    void serve(const Turn& turn, const RequestArrived& in, wire::ListGroupsRequest& body);
    void serve(const Turn& turn, const RequestArrived& in, wire::DescribeGroupsRequest& body);
    void serve(const Turn& turn, const RequestArrived& in, wire::DeleteGroupsRequest& body);
    Error delete_group(const Turn& turn, const std::string& id);
    void serve(const Turn& turn, const RequestArrived& in, wire::OffsetDeleteRequest& body);
    // `removed` are offsets that the group has lost; it may be forgotten over this.
    void clean_up(const Turn& turn,
                  GroupMetadata& group,
                  const std::vector<TopicPartition>& removed,
                  OffsetEnd why);
    void expire_offsets(const Turn& turn);
    // `visit` may have the group forgotten that it is given.
    template <class F>
    void for_each_group(F visit) {
        for (auto& [partition, groups] : groups_) {
            for (auto at = groups.begin(); at != groups.end();)
                visit((at++)->second);
        }
    }

    // --- appends
    struct EmptyGroup {};  // nothing depends on its record
    struct LeaderAssignment {
        std::int32_t generation = 0;
        Assignments assignments;
    };
    struct StaticJoin {
        Caller caller;
        bool can_skip_assignment = false;
        std::string instance;
        std::string old_id;
        std::string new_id;
        std::optional<std::string> old_leader;
        GroupMetadata::Update old;
        wire::JoinGroupResponse response;  // to the old protocol, or if the group is gone
    };
    struct Commit {
        Caller caller;
        std::string member;
        GenerationId generation{};
        std::vector<std::pair<TopicPartition, OffsetAndMetadata>> offsets{};  // all of the request
        SimTime accepted{};
    };
    struct PendingAppend {
        std::string group;
        GroupSerial serial;
        std::variant<EmptyGroup, LeaderAssignment, StaticJoin, Commit> what;
    };
    void store_group(const Turn& turn,
                     GroupMetadata& group,
                     const Assignments& assignments,
                     PendingAppend pending);
    void answer_commit(const Turn& turn,
                       const Commit& commit,
                       Error error,
                       bool append_tried = false) const;
    bool metadata_fits(const OffsetAndMetadata& value) const;

    CoordinatorConfig config_;
    bool active_ = false;
    std::int32_t partitions_ = 50;
    std::set<PartitionIndex> owned_;
    std::set<PartitionIndex> loading_;
    std::map<PartitionIndex, LeaderEpoch> epochs_;
    std::map<PartitionIndex, PartitionLoad> loads_;
    std::map<PartitionIndex, std::map<std::string, GroupMetadata>> groups_;
    std::map<AppendToken, PendingAppend> appends_;
    // Static members that wait for their record; a rebalance, too, may answer them.
    std::set<RequestToken> static_joins_;
    Deadlines deadlines_;
    std::optional<SimTime> armed_;
    std::uint64_t next_append_ = 1;
    std::uint64_t next_group_ = 1;
};

}  // namespace bsim::group
