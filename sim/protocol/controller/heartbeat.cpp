// A broker's heartbeat, and what happens when none comes.
// Source: ReplicationControlManager.processBrokerHeartbeat, maybeFenceOneStaleBroker;
// QuorumController.processBrokerHeartbeat.

#include <utility>

#include "sim/protocol/controller/leader_and_isr.h"
#include "sim/protocol/controller/operation.h"

namespace bsim::controller {

OperationResult heartbeat(const OperationContext& context,
                          ControllerState& state,
                          const wire::BrokerHeartbeatRequest& request) {
    using enum BrokerControlState;
    if (const auto error = check_broker_epoch(state, request.broker_id, request.broker_epoch)) {
        return OperationResult::refusal(*error);
    }
    const BrokerId id(request.broker_id);
    const std::int64_t register_offset = state.image().broker(id)->register_offset.value();
    const auto [current, next] =
        state.heartbeats().next_state(request, register_offset, !state.isrs().led_by(id).empty());

    OperationResult result;
    if (current != next) {
        switch (next) {
            case Fenced:
                broker_fenced(state, id, FenceReason::Requested, result);
                break;
            case ShutdownNow:
                broker_fenced(state, id, FenceReason::ShutDown, result);
                break;
            case Unfenced:
                broker_unfenced(state, id, result);
                break;
            case ControlledShutdown:
                broker_in_controlled_shutdown(state, id, result);
                break;
        }
    }
    state.heartbeats().touch(context.now, id, is_fenced(next), request.current_metadata_offset);
    directories_offline(state, id, request.offline_log_dirs, result);

    wire::BrokerHeartbeatResponse response;
    response.is_caught_up = request.current_metadata_offset >= register_offset;
    response.is_fenced = is_fenced(next);
    response.should_shut_down = next == ShutdownNow;
    result.response = response;
    result.sessions_changed = true;
    if (next == ControlledShutdown)
        result.shutting_down = id;
    return result;
}

OperationResult fence_one_stale_broker(SimTime now, ControllerState& state) {
    OperationResult result;
    if (const auto broker = state.heartbeats().stale_broker(now)) {
        broker_fenced(state, *broker, FenceReason::SessionExpired, result);
        state.heartbeats().fence(*broker);
    }
    return result;
}

}  // namespace bsim::controller
