// SyncGroup: the leader hands in the assignment, everybody fetches its part of it.

#include <algorithm>
#include <utility>

#include "sim/protocol/group/group_coordinator.h"
#include "sim/protocol/rules/assignors/consumer_protocol.h"

namespace bsim::group {
namespace {

// From this version on a request must name type and protocol.
constexpr std::int16_t kNamesProtocol = 5;

wire::SyncGroupResponse refused(wire::ErrorCode error) {
    wire::SyncGroupResponse response;
    response.error_code = number(error);
    return response;
}

// What consumers were given, by client id; other protocols' bytes nobody here can read.
std::map<std::string, std::vector<TopicPartition>> decode_assignments(const GroupMetadata& group) {
    std::map<std::string, std::vector<TopicPartition>> out;
    if (!group.is_consumer_group())
        return out;
    for (const std::string& id : group.members_in_order()) {
        const Member& member = group.get(id);
        auto& partitions = out[member.client_id];
        if (member.assignment.empty())
            continue;
        auto decoded = decode_assignment(member.assignment);
        if (decoded)
            partitions.insert(partitions.end(), decoded->partitions.begin(),
                              decoded->partitions.end());
    }
    for (auto& [client, partitions] : out)
        std::sort(partitions.begin(), partitions.end());
    return out;
}

}  // namespace

void GroupCoordinator::serve(const Turn& turn,
                             const RequestArrived& in,
                             wire::SyncGroupRequest& body) {
    const auto refuse = [&](Error error) { turn.add(Reply{in.caller.token, refused(error)}); };
    if (in.caller.version >= kNamesProtocol && !(body.protocol_type && body.protocol_name))
        return refuse(Error::InconsistentGroupProtocol);
    if (const auto error = admit(body.group_id, Naming::Required)) {
        // What the rebalance had come to is lost; old clients do not know the other error.
        return refuse(*error == Error::CoordinatorLoadInProgress ? Error::RebalanceInProgress
                                                                 : *error);
    }
    GroupMetadata* group = known(body.group_id);
    if (group == nullptr)
        return refuse(Error::UnknownMemberId);
    if (const auto error = validate_sync(*group, body))
        return refuse(*error);
    switch (group->state()) {
        case GroupState::Empty:
        case GroupState::Dead:
            return refuse(Error::UnknownMemberId);
        case GroupState::PreparingRebalance:
            return refuse(Error::RebalanceInProgress);
        case GroupState::CompletingRebalance:
            return sync_completing(turn, *group, in.caller, body);
        case GroupState::Stable:
            break;
    }
    received_sync(*group, body.member_id);
    Member& member = group->get(body.member_id);
    member.awaiting_sync = in.caller;
    end_sync(turn, *group, member, Error::None);
    expect_heartbeat(turn, *group, member);
}

GroupCoordinator::OptionalError GroupCoordinator::validate_sync(
    const GroupMetadata& group, const wire::SyncGroupRequest& body) {
    if (const auto error = validate_member(group, body.member_id, body.group_instance_id))
        return error;
    if (body.generation_id != group.generation)
        return Error::IllegalGeneration;
    const bool other_type = body.protocol_type && body.protocol_type != group.protocol_type;
    const bool other_name = body.protocol_name && body.protocol_name != group.protocol_name;
    if (other_type || other_name)
        return Error::InconsistentGroupProtocol;
    return std::nullopt;
}

void GroupCoordinator::sync_completing(const Turn& turn,
                                       GroupMetadata& group,
                                       const Caller& caller,
                                       wire::SyncGroupRequest& body) {
    group.get(body.member_id).awaiting_sync = caller;
    received_sync(group, body.member_id);
    if (!group.is_leader(body.member_id))
        return;
    Assignments given;
    for (auto& assignment : body.assignments)
        given.insert_or_assign(assignment.member_id, std::move(assignment.assignment));
    Assignments stored;
    for (const std::string& id : group.members_in_order())
        stored.emplace(id, given.contains(id) ? std::move(given[id]) : Bytes{});
    PendingAppend pending{group.id(), group.serial(), LeaderAssignment{group.generation, stored}};
    store_group(turn, group, stored, std::move(pending));
}

void GroupCoordinator::assignment_stored(const Turn& turn,
                                         GroupMetadata& group,
                                         const Assignments& assignments,
                                         Error error) {
    if (error != Error::None) {
        for (const std::string& id : group.members_in_order())
            group.get(id).assignment.clear();
        propagate(turn, group, error);
        return maybe_rebalance(turn, group,
                               "the assignment was not stored: " + std::string(wire::name(error)));
    }
    for (const std::string& id : group.members_in_order())
        group.get(id).assignment = assignments.at(id);
    propagate(turn, group, Error::None);
    transition(turn, group, GroupState::Stable);
    turn.add(RebalanceEnded{group.id(), GenerationId(group.generation), decode_assignments(group),
                            group.protocol_name.value_or("")});
}

// Sessions start anew: while members waited, theirs may have run out unnoticed.
void GroupCoordinator::propagate(const Turn& turn, GroupMetadata& group, Error error) {
    for (const std::string& id : group.members_in_order()) {
        Member& member = group.get(id);
        if (end_sync(turn, group, member, error))
            expect_heartbeat(turn, group, member);
    }
}

bool GroupCoordinator::end_sync(const Turn& turn,
                                const GroupMetadata& group,
                                Member& member,
                                Error error) const {
    const auto caller = std::exchange(member.awaiting_sync, std::nullopt);
    if (!caller)
        return false;
    wire::SyncGroupResponse response = refused(error);
    if (error == Error::None) {
        response.protocol_type = group.protocol_type;
        response.protocol_name = group.protocol_name;
        response.assignment = member.assignment;
    }
    turn.add(Reply{caller->token, std::move(response)});
    return true;
}

void GroupCoordinator::received_sync(GroupMetadata& group, const std::string& member) {
    group.pending_sync.erase(member);
    if (group.pending_sync.empty())
        deadlines_.cancel(group.sync_deadline);
}

}  // namespace bsim::group
