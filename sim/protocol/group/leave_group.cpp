// LeaveGroup: members go of their own will, or an administrator removes static ones.

#include "sim/protocol/group/group_coordinator.h"

namespace bsim::group {
namespace {

// Up to here a request names one member, and its error stands at the top of the answer.
constexpr std::int16_t kLastSingleVersion = 2;

// What Kafka's own client gives as its reason when the application polls too seldom.
constexpr std::string_view kPollTimeoutReason = "consumer poll timeout has expired.";

}  // namespace

void GroupCoordinator::serve(const Turn& turn,
                             const RequestArrived& in,
                             wire::LeaveGroupRequest& body) {
    const bool single = in.caller.version <= kLastSingleVersion;
    wire::LeaveGroupResponse response;
    std::vector<wire::LeaveGroupRequest::MemberIdentity> leaving = std::move(body.members);
    if (single)
        leaving = {{body.member_id, std::nullopt, std::nullopt}};
    if (const auto error = admit(body.group_id, Naming::Required)) {
        response.error_code = number(*error);
        return turn.add(Reply{in.caller.token, std::move(response)});
    }
    GroupMetadata* group = known(body.group_id);
    for (const auto& who : leaving) {
        auto& out = response.members.emplace_back();
        out.member_id = who.member_id;
        out.group_instance_id = who.group_instance_id;
        out.error_code =
            number(group == nullptr ? Error::UnknownMemberId : leave(turn, *group, who));
    }
    if (single) {
        response.error_code = response.members.front().error_code;
        response.members.clear();
    }
    turn.add(Reply{in.caller.token, std::move(response)});
}

wire::ErrorCode GroupCoordinator::leave(const Turn& turn,
                                        GroupMetadata& group,
                                        const wire::LeaveGroupRequest::MemberIdentity& who) {
    const auto& reason = who.reason;
    const Departure why = reason && reason->starts_with(kPollTimeoutReason) ? Departure::PollTimeout
                                                                            : Departure::Leave;
    if (who.member_id.empty()) {
        const std::string* current =
            who.group_instance_id ? group.static_member(*who.group_instance_id) : nullptr;
        if (current == nullptr)
            return Error::UnknownMemberId;
        remove_and_rebalance(turn, group, std::string(*current), why);
        return Error::None;
    }
    if (group.pending.contains(who.member_id)) {
        drop_pending(turn, group, who.member_id);
        return Error::None;
    }
    if (const auto error = validate_member(group, who.member_id, who.group_instance_id))
        return *error;
    remove_and_rebalance(turn, group, who.member_id, why);
    return Error::None;
}

}  // namespace bsim::group
