#include "sim/protocol/client/group_membership.h"

#include <algorithm>
#include <utility>

#include "sim/protocol/rules/assignors/consumer_protocol.h"
#include "sim/wire/messages/heartbeat_request.h"
#include "sim/wire/messages/leave_group_request.h"

namespace bsim::client {

using wire::ErrorCode;

namespace {

// A JoinGroup that the coordinator holds back for the whole rebalance timeout is not late yet.
constexpr SimDuration kJoinTimeoutLapse = seconds(5);
constexpr std::string_view kProtocolType = group::kConsumerProtocolType;
constexpr std::int16_t kFirstLeaveOfMany = 3;

}  // namespace

GroupMembership::GroupMembership(const ConsumerSettings& settings)
    : settings_(*settings.group),
      join_timeout_(std::max(settings.request_timeout_ms,
                             settings.group->max_poll_interval_ms + kJoinTimeoutLapse)),
      heartbeat_(settings) {}

void GroupMembership::request_rejoin(std::string_view reason) {
    rejoin_reason_ = reason;
    rejoin_needed_ = true;
}

void GroupMembership::reset_generation(std::string_view reason, bool member_id_too) {
    state_ = MemberState::Unjoined;
    generation_.id = kNoGeneration;
    generation_.protocol.reset();
    if (member_id_too)
        generation_.member_id.clear();
    request_rejoin(reason);
    needs_join_prepare_ = true;
}

void GroupMembership::send(const GroupTurn& g,
                           NodeId node,
                           ConsumerNetwork::Outgoing request,
                           What what) {
    request.node = node;
    sent_[g.network.enqueue(g.now(), std::move(request))] = {what, generation_};
    g.network.send_queued(g.turn);
}

// --- Joining ---------------------------------------------------------------------------------

void GroupMembership::join(const GroupTurn& g, Protocols protocols) {
    if (join_)
        return;
    state_ = MemberState::PreparingRebalance;
    join_ = Join();  // clang 14 takes its emplace() for impossible
    const std::optional<NodeId> coordinator = g.coordinator();
    if (!coordinator)
        return fail_join({GroupFailure::Kind::Answered, ErrorCode::CoordinatorNotAvailable});
    wire::JoinGroupRequest request;
    request.group_id = settings_.group_id;
    request.session_timeout_ms = static_cast<std::int32_t>(settings_.session_timeout_ms.ms());
    request.rebalance_timeout_ms = static_cast<std::int32_t>(settings_.max_poll_interval_ms.ms());
    request.member_id = generation_.member_id;
    request.group_instance_id = settings_.group_instance_id;
    request.protocol_type = kProtocolType;
    request.protocols = std::move(protocols);
    request.reason = rejoin_reason_;
    ConsumerNetwork::Outgoing outgoing{*coordinator, std::move(request)};
    outgoing.timeout = join_timeout_;
    send(g, *coordinator, std::move(outgoing), What::Join);
}

const GroupMembership::JoinResult* GroupMembership::join_result() const {
    return join_ && join_->done ? &join_->result : nullptr;
}

void GroupMembership::fail_join(GroupFailure failure) {
    if (!join_)
        return;
    join_->done = true;
    join_->result.failure = std::move(failure);
}

void GroupMembership::sync(const GroupTurn& g, Assignments assignments) {
    const std::optional<NodeId> coordinator = g.coordinator();
    if (!coordinator)
        return fail_join({GroupFailure::Kind::Answered, ErrorCode::CoordinatorNotAvailable});
    wire::SyncGroupRequest request;
    request.group_id = settings_.group_id;
    request.generation_id = generation_.id.value();
    request.member_id = generation_.member_id;
    request.group_instance_id = settings_.group_instance_id;
    request.protocol_type = kProtocolType;
    request.protocol_name = generation_.protocol;
    request.assignments = std::move(assignments);
    send(g, *coordinator, {*coordinator, std::move(request)}, What::Sync);
}

// --- Being there, and leaving ----------------------------------------------------------------

void GroupMembership::send_heartbeat(const GroupTurn& g, NodeId coordinator) {
    heartbeat_.sent(g.now());
    wire::HeartbeatRequest request;
    request.group_id = settings_.group_id;
    request.generation_id = generation_.id.value();
    request.member_id = generation_.member_id;
    request.group_instance_id = settings_.group_instance_id;
    send(g, coordinator, {coordinator, std::move(request)}, What::Heartbeat);
}

void GroupMembership::leave(const GroupTurn& g, std::string_view reason) {
    const std::optional<NodeId> coordinator = g.coordinator();
    if (!settings_.group_instance_id && coordinator && state_ != MemberState::Unjoined &&
        !generation_.member_id.empty()) {
        wire::LeaveGroupRequest request;
        request.group_id = settings_.group_id;
        auto& member = request.members.emplace_back();
        member.member_id = generation_.member_id;
        member.reason = std::string(reason);
        send(g, *coordinator, {*coordinator, std::move(request), kFirstLeaveOfMany}, What::Leave);
    }
    reset_generation("consumer pro-actively leaving the group", true);
}

}  // namespace bsim::client
