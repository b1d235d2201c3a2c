// A static member comes back without its member id: it gets a new one in the place of the old.
// Source: KIP-345; KIP-814 for leaving the assignment as it is.

#include <utility>

#include "sim/protocol/group/join.h"

namespace bsim::group {

// Whoever still waits under the old id is told that another has taken its place.
void GroupCoordinator::fence(const Turn& turn, GroupMetadata& group, Member& member) {
    fail_join(turn, group, member, member.id, Error::FencedInstanceId);
    end_sync(turn, group, member, Error::FencedInstanceId);
    deadlines_.cancel(member.heartbeat);
}

void GroupCoordinator::rejoin_static(const Turn& turn,
                                     GroupMetadata& group,
                                     const Join& join,
                                     const std::string& new_id) {
    const std::string old_id = *group.static_member(*join.instance);
    StaticJoin stored{
        join.caller, join.can_skip_assignment(), *join.instance, old_id, new_id, group.leader(), {},
        {}};
    Member& old = group.get(old_id);
    fence(turn, group, old);
    turn.add(MemberRemoved{group.id(), old_id, old.client_id, Departure::Fenced});
    Member& member = group.replace_static_member(*join.instance, old_id, new_id);
    turn.add(MemberAdmitted{group.id(), new_id, member.client_id, *join.instance});
    expect_heartbeat(turn, group, member);
    // Kafka keeps the protocols of the newcomer even if its record cannot be written.
    stored.old = {join.update.protocols, member.rebalance_timeout_ms, member.session_timeout_ms};
    group.update(member, join.update, join.caller);

    if (group.is(GroupState::CompletingRebalance)) {
        // The leader may have been told of the old id, and would assign to that.
        return prepare_rebalance(turn, group,
                                 "static member " + *join.instance + " came back" + join.reason);
    }
    if (!group.is(GroupState::Stable))
        return;
    if (group.select_protocol() != group.protocol_name) {
        return maybe_rebalance(
            turn, group,
            "static member " + *join.instance + " came back with other protocols" + join.reason);
    }
    Assignments assignments;
    for (const std::string& id : group.members_in_order())
        assignments.emplace(id, group.get(id).assignment);
    stored.response = join_response(group, new_id, false);
    stored.response.leader = stored.old_leader.value_or("");
    static_joins_.insert(join.caller.token);
    store_group(turn, group, assignments, {group.id(), group.serial(), std::move(stored)});
}

// `group` is null if the one that was stored is here no longer.
void GroupCoordinator::static_join_stored(const Turn& turn,
                                          GroupMetadata* group,
                                          StaticJoin& join,
                                          Error error) {
    wire::JoinGroupResponse response = std::move(join.response);
    // DEVIATION: When an instance is replaced again before its last replacement is stored, Kafka
    // answers the newer join with the older member id, which is fenced already; here each join is
    // answered for itself.
    const bool present = group != nullptr && group->has(join.new_id);
    if (error != Error::None) {
        if (present) {
            Member& member = group->get(join.new_id);
            group->update(member, join.old, std::nullopt);
            deadlines_.cancel(member.heartbeat);
            Member& restored =
                group->replace_static_member(join.instance, join.new_id, join.old_id);
            turn.add(
                MemberRemoved{group->id(), join.new_id, restored.client_id, Departure::Fenced});
            turn.add(MemberAdmitted{group->id(), join.old_id, restored.client_id, join.instance});
            expect_heartbeat(turn, *group, restored);
        }
        response.member_id = "";
        response.error_code = number(error);
    }
    if (error != Error::None || !present) {
        if (static_joins_.contains(join.caller.token))
            answer_join(turn, join.caller, std::move(response));
        return;
    }
    static_joins_.erase(join.caller.token);
    Member& member = group->get(join.new_id);
    if (join.can_skip_assignment) {
        // The leader goes on watching the topics, but assigns nothing.
        const bool leader = group->is_leader(join.new_id);
        // In a rebalance that began meanwhile it waits like the others.
        if (leader && group->is(GroupState::PreparingRebalance))
            return;
        response = join_response(*group, join.new_id, leader);
        response.skip_assignment = leader;
    }
    // An old client must not take itself for the leader: an assignment would come to nothing.
    end_join(turn, *group, member, std::move(response));
}

}  // namespace bsim::group
