// Members of a group and the deadlines that they live by.

#include "sim/protocol/group/group_coordinator.h"

namespace bsim::group {

// First whether the instance id is taken by this member id, then whether the member is one.
GroupCoordinator::OptionalError GroupCoordinator::validate_member(
    const GroupMetadata& group,
    const std::string& member,
    const std::optional<std::string>& instance) {
    if (instance) {
        const std::string* current = group.static_member(*instance);
        if (current == nullptr)
            return Error::UnknownMemberId;
        if (*current != member)
            return Error::FencedInstanceId;
    }
    if (!group.has(member))
        return Error::UnknownMemberId;
    return std::nullopt;
}

void GroupCoordinator::expect_heartbeat(const Turn& turn, GroupMetadata& group, Member& member) {
    expect_heartbeat(turn, group, member, member.session_timeout_ms);
}

void GroupCoordinator::expect_heartbeat(const Turn& turn,
                                        GroupMetadata& group,
                                        Member& member,
                                        std::int32_t timeout_ms) {
    deadlines_.cancel(member.heartbeat);
    if (member.excused())
        return;
    member.heartbeat =
        deadlines_.add(turn.at.now + milliseconds(timeout_ms),
                       {DeadlineKind::Heartbeat, partition_of(group.id()), group.id(), member.id});
}

void GroupCoordinator::heartbeat_missed(const Turn& turn, const Deadline& deadline) {
    GroupMetadata* group = known(deadline.group);
    if (group == nullptr || !group->has(deadline.member))
        return;
    Member& member = group->get(deadline.member);
    member.heartbeat.reset();
    // A deadline from before it began to wait.
    if (member.excused())
        return;
    remove_and_rebalance(turn, *group, deadline.member, Departure::SessionTimeout);
}

void GroupCoordinator::drop_member(const Turn& turn,
                                   GroupMetadata& group,
                                   const std::string& member,
                                   Departure why) {
    if (group.has(member)) {
        Member& gone = group.get(member);
        deadlines_.cancel(gone.heartbeat);
        turn.add(MemberRemoved{group.id(), gone.id, gone.client_id, why});
    }
    if (const auto pending = group.pending.find(member); pending != group.pending.end())
        deadlines_.cancel(pending->second);
    group.remove(member);
}

void GroupCoordinator::drop_pending(const Turn& turn,
                                    GroupMetadata& group,
                                    const std::string& member) {
    if (const auto pending = group.pending.find(member); pending != group.pending.end())
        deadlines_.cancel(pending->second);
    group.remove(member);
    check_joins(turn, group);
}

void GroupCoordinator::remove_and_rebalance(const Turn& turn,
                                            GroupMetadata& group,
                                            const std::string& member,
                                            Departure why) {
    // A client that still waits tries again as somebody new.
    Member& gone = group.get(member);
    fail_join(turn, group, gone, "", Error::UnknownMemberId);
    const std::string told = why == Departure::SessionTimeout
                                 ? "member " + member + " was not heard of in time"
                                 : "member " + member + " left";
    drop_member(turn, group, member, why);
    maybe_rebalance(turn, group, told);
    check_joins(turn, group);
}

}  // namespace bsim::group
