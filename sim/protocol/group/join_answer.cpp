// What a JoinGroup is answered with.

#include "sim/protocol/group/group_coordinator.h"

namespace bsim::group {
namespace {

// Older versions cannot say that there is no protocol.
constexpr std::int16_t kNullableProtocolName = 7;

}  // namespace

void GroupCoordinator::answer_join(const Turn& turn,
                                   const Caller& caller,
                                   wire::JoinGroupResponse response) {
    if (caller.version < kNullableProtocolName && !response.protocol_name)
        response.protocol_name = "";
    static_joins_.erase(caller.token);
    turn.add(Reply{caller.token, std::move(response)});
}

void GroupCoordinator::refuse_join(const Turn& turn,
                                   const Caller& caller,
                                   const std::string& member,
                                   Error error) {
    wire::JoinGroupResponse response;
    response.error_code = number(error);
    response.protocol_name.reset();
    response.member_id = member;
    answer_join(turn, caller, std::move(response));
}

wire::JoinGroupResponse GroupCoordinator::join_response(const GroupMetadata& group,
                                                        const std::string& member,
                                                        bool with_members) {
    wire::JoinGroupResponse response;
    response.generation_id = group.generation;
    response.protocol_type = group.protocol_type;
    response.protocol_name = group.protocol_name;
    response.leader = group.leader().value_or("");
    response.member_id = member;
    if (!with_members)
        return response;
    for (const std::string& id : group.members_in_order()) {
        const Member& listed = group.get(id);
        auto& out = response.members.emplace_back();
        out.member_id = id;
        out.group_instance_id = listed.instance;
        out.metadata = listed.metadata(*group.protocol_name);
    }
    return response;
}

void GroupCoordinator::end_join(const Turn& turn,
                                GroupMetadata& group,
                                Member& member,
                                wire::JoinGroupResponse response) {
    if (const auto caller = group.take_awaiting_join(member))
        answer_join(turn, *caller, std::move(response));
}

void GroupCoordinator::fail_join(const Turn& turn,
                                 GroupMetadata& group,
                                 Member& member,
                                 const std::string& shown_id,
                                 Error error) {
    if (const auto caller = group.take_awaiting_join(member))
        refuse_join(turn, *caller, shown_id, error);
}

}  // namespace bsim::group
