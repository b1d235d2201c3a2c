// JoinGroup: a member wants to be in the next generation.

#include "sim/protocol/group/join.h"

namespace bsim::group {
namespace {

// A new member that waits longer than this has probably gone: its client knows no member id yet,
// and the broker cannot see that a parked request's connection is closed.
constexpr std::int32_t kNewMemberJoinTimeoutMs = 5 * 60 * 1000;

}  // namespace

// Before the group is full everybody is let in. While a generation is gathered those who wait
// count, so that a group that has grown too large loses those who come last.
bool GroupCoordinator::accepts(const GroupMetadata& group, const std::string& member) const {
    const auto room = static_cast<std::size_t>(config_.max_size);
    switch (group.state()) {
        case GroupState::Empty:
        case GroupState::Dead:
            return true;
        case GroupState::PreparingRebalance:
            return (group.has(member) && group.get(member).awaiting_join) ||
                   group.awaiting_join() < room;
        case GroupState::CompletingRebalance:
        case GroupState::Stable:
            return group.has(member) || group.size() < room;
    }
    return true;
}

void GroupCoordinator::serve(const Turn& turn,
                             const RequestArrived& in,
                             wire::JoinGroupRequest& body) {
    if (const auto error = admit(body.group_id, Naming::Required))
        return refuse_join(turn, in.caller, body.member_id, *error);
    if (body.session_timeout_ms < config_.min_session_timeout_ms ||
        body.session_timeout_ms > config_.max_session_timeout_ms)
        return refuse_join(turn, in.caller, body.member_id, Error::InvalidSessionTimeout);
    const bool unknown = body.member_id.empty();
    GroupMetadata* group = unknown ? &find_or_create(turn, body.group_id) : known(body.group_id);
    if (group == nullptr)
        return refuse_join(turn, in.caller, body.member_id, Error::UnknownMemberId);

    Join join{in.caller,
              body.member_id,
              body.group_instance_id,
              in.client_id,
              in.client_host,
              in.drawn,
              body.protocol_type,
              {},
              ""};
    for (auto& protocol : body.protocols)
        join.update.protocols.push_back({std::move(protocol.name), std::move(protocol.metadata)});
    join.update.session_timeout_ms = body.session_timeout_ms;
    join.update.rebalance_timeout_ms =
        in.caller.version == 0 ? body.session_timeout_ms : body.rebalance_timeout_ms;
    if (body.reason && !body.reason->empty())
        join.reason = " (client: " + *body.reason + ")";

    if (!accepts(*group, join.member_id)) {
        drop_member(turn, *group, join.member_id, Departure::GroupFull);
        refuse_join(turn, in.caller, "", Error::GroupMaxSizeReached);
    } else if (unknown) {
        join_new(turn, *group, join);
    } else {
        join_known(turn, *group, join);
    }
    check_joins(turn, *group);
}

void GroupCoordinator::join_new(const Turn& turn, GroupMetadata& group, const Join& join) {
    if (!group.supports(join.protocol_type, join.update.protocols))
        return refuse_join(turn, join.caller, "", Error::InconsistentGroupProtocol);
    const std::string id = new_member_id(join.client_id, join.instance, join.drawn);
    if (join.instance) {
        if (group.static_member(*join.instance) != nullptr)
            return rejoin_static(turn, group, join, id);
        return add_and_rebalance(turn, group, join, id);
    }
    if (!join.requires_known_id() || !config_.require_member_id)
        return add_and_rebalance(turn, group, join, id);
    group.pending[id] =
        deadlines_.add(turn.at.now + milliseconds(join.update.session_timeout_ms),
                       {DeadlineKind::PendingMember, partition_of(group.id()), group.id(), id});
    refuse_join(turn, join.caller, id, Error::MemberIdRequired);
}

void GroupCoordinator::join_known(const Turn& turn, GroupMetadata& group, const Join& join) {
    const std::string& id = join.member_id;
    if (!group.supports(join.protocol_type, join.update.protocols))
        return refuse_join(turn, join.caller, id, Error::InconsistentGroupProtocol);
    if (group.pending.contains(id)) {
        if (join.instance)
            return refuse_join(turn, join.caller, id, Error::UnknownServerError);
        return add_and_rebalance(turn, group, join, id);
    }
    if (const auto error = validate_member(group, id, join.instance))
        return refuse_join(turn, join.caller, id, *error);
    const bool leader = group.is_leader(id);
    const bool unchanged = group.get(id).protocols == join.update.protocols;
    switch (group.state()) {
        case GroupState::PreparingRebalance:
            return update_and_rebalance(turn, group, join, "member " + id + " joined again");
        case GroupState::CompletingRebalance:
            // It may have missed the answer, so it gets the same once more.
            if (unchanged)
                return answer_join(turn, join.caller, join_response(group, id, leader));
            return update_and_rebalance(turn, group, join,
                                        "member " + id + " changed its subscription");
        case GroupState::Stable:
            // Only the leader can see that topics changed.
            if (leader)
                return update_and_rebalance(turn, group, join, "leader " + id + " joined again");
            if (!unchanged)
                return update_and_rebalance(turn, group, join,
                                            "member " + id + " changed its subscription");
            return answer_join(turn, join.caller, join_response(group, id, false));
        case GroupState::Empty:
        case GroupState::Dead:
            break;
    }
    refuse_join(turn, join.caller, id, Error::UnknownMemberId);
}

void GroupCoordinator::add_and_rebalance(const Turn& turn,
                                         GroupMetadata& group,
                                         const Join& join,
                                         const std::string& member) {
    if (group.is(GroupState::PreparingRebalance) && group.generation == 0)
        group.new_member_added = true;
    if (const auto pending = group.pending.find(member); pending != group.pending.end())
        deadlines_.cancel(pending->second);
    Member made;
    made.id = member;
    made.instance = join.instance;
    made.client_id = join.client_id;
    made.client_host = join.client_host;
    made.rebalance_timeout_ms = join.update.rebalance_timeout_ms;
    made.session_timeout_ms = join.update.session_timeout_ms;
    made.protocol_type = join.protocol_type;
    made.protocols = join.update.protocols;
    made.awaiting_join = join.caller;
    made.is_new = true;
    Member& added = group.add(std::move(made));
    expect_heartbeat(turn, group, added, kNewMemberJoinTimeoutMs);
    turn.add(MemberAdmitted{group.id(), member, join.client_id, join.instance.value_or("")});
    maybe_rebalance(turn, group, "member " + member + " is new" + join.reason);
}

void GroupCoordinator::update_and_rebalance(const Turn& turn,
                                            GroupMetadata& group,
                                            const Join& join,
                                            const std::string& why) {
    group.update(group.get(join.member_id), join.update, join.caller);
    maybe_rebalance(turn, group, why + join.reason);
}

}  // namespace bsim::group
