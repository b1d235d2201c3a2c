// Heartbeat: a member is alive, and learns whether it must join again.

#include "sim/protocol/group/group_coordinator.h"

namespace bsim::group {

void GroupCoordinator::serve(const Turn& turn,
                             const RequestArrived& in,
                             wire::HeartbeatRequest& body) {
    wire::HeartbeatResponse response;
    response.error_code = number(heartbeat(turn, body));
    turn.add(Reply{in.caller.token, response});
}

wire::ErrorCode GroupCoordinator::heartbeat(const Turn& turn, const wire::HeartbeatRequest& body) {
    if (const auto error = admit(body.group_id, Naming::Required))
        return *error == Error::CoordinatorLoadInProgress ? Error::None : *error;
    GroupMetadata* group = known(body.group_id);
    if (group == nullptr)
        return Error::UnknownMemberId;
    if (const auto error = validate_member(*group, body.member_id, body.group_instance_id))
        return *error;
    if (body.generation_id != group->generation)
        return Error::IllegalGeneration;
    switch (group->state()) {
        case GroupState::Empty:
        case GroupState::Dead:
            return Error::UnknownMemberId;
        case GroupState::PreparingRebalance:
        case GroupState::CompletingRebalance:
        case GroupState::Stable:
            break;
    }
    expect_heartbeat(turn, *group, group->get(body.member_id));
    return group->is(GroupState::PreparingRebalance) ? Error::RebalanceInProgress : Error::None;
}

}  // namespace bsim::group
