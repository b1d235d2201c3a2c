#include <utility>

#include "sim/protocol/client/group_membership.h"
#include "sim/protocol/rules/assignors/consumer_protocol.h"

namespace bsim::client {

using wire::ErrorCode;

namespace {

bool other_protocol_type(const std::optional<std::string>& told) {
    return told && *told != group::kConsumerProtocolType;
}

GroupFailure answered(ErrorCode error) {
    return {GroupFailure::Kind::Answered, error};
}

GroupFailure unexpected(ErrorCode error) {
    return {GroupFailure::Kind::Unexpected, error};
}

std::string reset_reason(ErrorCode error, std::string_view request) {
    return "encountered " + std::string(wire::name(error)) + " from " + std::string(request) +
           " response";
}

}  // namespace

std::optional<GroupFailure> GroupMembership::failure_of(const RequestOutcome& outcome) {
    switch (outcome.outcome) {
        case ClientResponse::Outcome::Answered:
        case ClientResponse::Outcome::Sent:
            return std::nullopt;
        case ClientResponse::Outcome::Disconnected:
            return GroupFailure{GroupFailure::Kind::Disconnected};
        case ClientResponse::Outcome::TimedOut:
            return GroupFailure{GroupFailure::Kind::TimedOut};
        case ClientResponse::Outcome::VersionUnsupported:
            return answered(ErrorCode::UnsupportedVersion);
    }
    return std::nullopt;
}

GroupMembership::Handled GroupMembership::handle(const GroupTurn& g,
                                                 const RequestOutcome& outcome) {
    const auto node = sent_.extract(outcome.id);
    if (node.empty())
        return {};
    const Sent& sent = node.mapped();
    Handled out;
    out.mine = true;
    if (std::optional<GroupFailure> failure = failure_of(outcome)) {
        if (failure->kind == GroupFailure::Kind::Disconnected)
            g.lookup.mark_unknown(g.network, true);
        if (sent.what == What::Heartbeat)
            heartbeat_failed(g, out);
        if (sent.what == What::Join || sent.what == What::Sync)
            fail_join(std::move(*failure));
        return out;
    }
    const wire::ResponseBody& body = outcome.response->body;
    switch (sent.what) {
        case What::Join:
            handle_join(g, sent, std::get<wire::JoinGroupResponse>(body), out);
            break;
        case What::Sync:
            handle_sync(g, sent, std::get<wire::SyncGroupResponse>(body));
            break;
        case What::Heartbeat:
            handle_heartbeat(g, sent, std::get<wire::HeartbeatResponse>(body), out);
            break;
        case What::Leave:
            break;  // the generation is forgotten already, whatever the answer
    }
    return out;
}

// --- JoinGroup -------------------------------------------------------------------------------

void GroupMembership::handle_join(const GroupTurn& g,
                                  const Sent& sent,
                                  const wire::JoinGroupResponse& told,
                                  Handled& out) {
    if (wire::error_code(told.error_code) != ErrorCode::None) {
        handle_join_error(g, sent, told);
    } else if (other_protocol_type(told.protocol_type)) {
        fail_join(answered(ErrorCode::InconsistentGroupProtocol));
    } else if (state_ != MemberState::PreparingRebalance) {
        fail_join({GroupFailure::Kind::Unjoined});
    } else {
        joined(g, told, out);
    }
}

void GroupMembership::joined(const GroupTurn& g,
                             const wire::JoinGroupResponse& told,
                             Handled& out) {
    state_ = MemberState::CompletingRebalance;
    heartbeats_wanted_ = true;
    heartbeat_.reset_all(g.now());
    out.wake_heartbeats = true;
    generation_ = {GenerationId(told.generation_id), told.member_id, told.protocol_name};
    if (told.leader == told.member_id) {
        out.elected = told;
    } else {
        sync(g, {});
    }
}

void GroupMembership::handle_join_error(const GroupTurn& g,
                                        const Sent& sent,
                                        const wire::JoinGroupResponse& told) {
    const ErrorCode error = wire::error_code(told.error_code);
    switch (error) {
        case ErrorCode::UnknownMemberId:
            if (generation_ == sent.generation)
                reset_generation(reset_reason(error, "JOIN_GROUP"), true);
            return fail_join(answered(error));
        case ErrorCode::CoordinatorNotAvailable:
        case ErrorCode::NotCoordinator:
            g.lookup.mark_unknown(g.network, false);
            return fail_join(answered(error));
        case ErrorCode::MemberIdRequired:
            generation_ = {kNoGeneration, told.member_id, std::nullopt};
            request_rejoin("need to re-join with the given member-id: " + told.member_id);
            return fail_join(answered(error));
        case ErrorCode::CoordinatorLoadInProgress:
        case ErrorCode::RebalanceInProgress:
        case ErrorCode::FencedInstanceId:
        case ErrorCode::InconsistentGroupProtocol:
        case ErrorCode::InvalidSessionTimeout:
        case ErrorCode::InvalidGroupId:
        case ErrorCode::GroupAuthorizationFailed:
        case ErrorCode::GroupMaxSizeReached:
        case ErrorCode::UnsupportedVersion:
            return fail_join(answered(error));
        default:
            return fail_join(unexpected(error));
    }
}

// --- SyncGroup -------------------------------------------------------------------------------

void GroupMembership::handle_sync(const GroupTurn& g,
                                  const Sent& sent,
                                  const wire::SyncGroupResponse& told) {
    const ErrorCode error = wire::error_code(told.error_code);
    switch (error) {
        case ErrorCode::None:
            break;
        case ErrorCode::UnknownMemberId:
        case ErrorCode::IllegalGeneration:
            if (generation_ == sent.generation) {
                reset_generation(reset_reason(error, "SYNC_GROUP"),
                                 error != ErrorCode::IllegalGeneration);
            }
            return fail_join(answered(error));
        case ErrorCode::CoordinatorNotAvailable:
        case ErrorCode::NotCoordinator:
            g.lookup.mark_unknown(g.network, false);
            return fail_join(answered(error));
        case ErrorCode::RebalanceInProgress:
        case ErrorCode::FencedInstanceId:
        case ErrorCode::GroupAuthorizationFailed:
            return fail_join(answered(error));
        default:
            return fail_join(unexpected(error));
    }
    if (other_protocol_type(told.protocol_type))
        return fail_join(answered(ErrorCode::InconsistentGroupProtocol));
    // The heartbeat thread found out meanwhile that the generation is over.
    if (generation_.was_reset() || state_ != MemberState::CompletingRebalance)
        return fail_join(answered(ErrorCode::IllegalGeneration));
    if (told.protocol_name && told.protocol_name != generation_.protocol)
        return fail_join(answered(ErrorCode::InconsistentGroupProtocol));
    state_ = MemberState::Stable;
    rejoin_reason_.clear();
    rejoin_needed_ = false;
    if (!join_)
        return;
    join_->done = true;
    join_->result.assignment = told.assignment;
}

// --- Heartbeat -------------------------------------------------------------------------------

void GroupMembership::heartbeat_failed(const GroupTurn& g, Handled& out) {
    heartbeat_.failed(g.now(), g.turn.draws);
    out.wake_heartbeats = true;
}

void GroupMembership::handle_heartbeat(const GroupTurn& g,
                                       const Sent& sent,
                                       const wire::HeartbeatResponse& told,
                                       Handled& out) {
    const ErrorCode error = wire::error_code(told.error_code);
    switch (error) {
        case ErrorCode::None:
            return heartbeat_.received(g.now());
        case ErrorCode::CoordinatorNotAvailable:
        case ErrorCode::NotCoordinator:
            g.lookup.mark_unknown(g.network, false);
            return heartbeat_failed(g, out);
        case ErrorCode::RebalanceInProgress:
            // The coordinator has heard from the member all the same.
            heartbeat_.received(g.now());
            if (state_ == MemberState::Stable)
                request_rejoin("group is already rebalancing");
            return;
        case ErrorCode::IllegalGeneration:
        case ErrorCode::UnknownMemberId:
        case ErrorCode::FencedInstanceId:
            if (generation_ != sent.generation)
                return heartbeat_.received(g.now());
            reset_generation(reset_reason(error, "HEARTBEAT"),
                             error != ErrorCode::IllegalGeneration);
            if (error != ErrorCode::FencedInstanceId)
                return heartbeat_failed(g, out);
            heartbeat_failure_ = answered(error);
            return;
        default:
            return heartbeat_failed(g, out);
    }
}

}  // namespace bsim::client
