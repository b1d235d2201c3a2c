#pragma once
// A consumer's membership in its group, as far as requests and answers go: joining, syncing,
// heartbeats, leaving.
//
//   Unjoined, Stable    -> PreparingRebalance:  JoinGroup is sent
//   PreparingRebalance  -> CompletingRebalance: JoinGroup is answered, SyncGroup is sent
//   CompletingRebalance -> Stable:              SyncGroup is answered
//   any                 -> Unjoined:            the member left, or an answer says that the group
//                                               goes on without it: the generation is reset; the
//                                               member id, too, unless it may still be valid
// A rejoin is wanted from the start, whenever the generation is reset, and when an answer says that
// a rebalance has begun. join_result() stays until taken: only poll() takes it.
// Source: AbstractCoordinator.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/protocol/client/coordinator_lookup.h"
#include "sim/protocol/client/group_failure.h"
#include "sim/protocol/client/heartbeat.h"
#include "sim/wire/messages/heartbeat_response.h"
#include "sim/wire/messages/join_group_request.h"
#include "sim/wire/messages/join_group_response.h"
#include "sim/wire/messages/leave_group_response.h"
#include "sim/wire/messages/sync_group_request.h"
#include "sim/wire/messages/sync_group_response.h"

namespace bsim::client {

// What the parts of a group's member work on.
struct GroupTurn {
    ConsumerTurn& turn;
    ConsumerNetwork& network;
    CoordinatorLookup& lookup;

    SimTime now() const { return turn.now; }
    std::optional<NodeId> coordinator() const { return lookup.coordinator(turn.now, network); }
};

inline constexpr GenerationId kNoGeneration{-1};

struct Generation {
    GenerationId id = kNoGeneration;
    std::string member_id{};
    std::optional<std::string> protocol{};

    bool was_reset() const { return id == kNoGeneration && !protocol; }
    bool operator==(const Generation&) const = default;
};

enum class MemberState : std::uint8_t { Unjoined, PreparingRebalance, CompletingRebalance, Stable };

class GroupMembership {
  public:
    explicit GroupMembership(const ConsumerSettings& settings);

    const Generation& generation() const { return generation_; }
    MemberState state() const { return state_; }
    bool not_joined() const {
        return state_ == MemberState::Unjoined || state_ == MemberState::PreparingRebalance;
    }
    bool rebalancing() const {
        return state_ == MemberState::PreparingRebalance ||
               state_ == MemberState::CompletingRebalance;
    }
    Heartbeat& heartbeat() { return heartbeat_; }
    const Heartbeat& heartbeat() const { return heartbeat_; }

    bool rejoin_needed_or_pending() const { return rejoin_needed_ || join_.has_value(); }
    // `reason` goes to the coordinator.
    void request_rejoin(std::string_view reason);
    void request_rejoin_if_unasked(std::string_view reason) {
        if (!rejoin_needed_)
            request_rejoin(reason);
    }
    // The group has gone on without this member.
    void reset_generation(std::string_view reason, bool member_id_too);
    // Set whenever what the member owns must be given up before it joins again.
    bool& needs_join_prepare() { return needs_join_prepare_; }

    // Sends JoinGroup, unless one is under way or its result waits.
    using Protocols = std::vector<wire::JoinGroupRequest::JoinGroupRequestProtocol>;
    bool join_pending() const { return join_.has_value(); }
    void join(const GroupTurn& g, Protocols protocols);
    struct JoinResult {
        std::optional<GroupFailure> failure;
        std::vector<std::uint8_t> assignment;
    };
    const JoinResult* join_result() const;
    void forget_join() { join_.reset(); }
    // The leader's answer to having been elected.
    using Assignments = std::vector<wire::SyncGroupRequest::SyncGroupRequestAssignment>;
    void sync(const GroupTurn& g, Assignments assignments);
    void fail_join(GroupFailure failure);

    void send_heartbeat(const GroupTurn& g, NodeId coordinator);
    // Dynamic members alone say that they leave; all forget their generation.
    void leave(const GroupTurn& g, std::string_view reason);

    // The heartbeat thread begins with the first generation and ends with the membership.
    bool heartbeats_wanted() const { return heartbeats_wanted_; }
    void stop_heartbeats() { heartbeats_wanted_ = false; }
    // What ends the heartbeat thread for good is thrown out of the next poll().
    std::optional<GroupFailure> take_heartbeat_failure() {
        return std::exchange(heartbeat_failure_, std::nullopt);
    }
    bool heartbeat_failed() const { return heartbeat_failure_.has_value(); }

    struct Handled {
        bool mine = false;
        // This member is to assign; sync() or fail_join() must follow.
        std::optional<wire::JoinGroupResponse> elected{};
        bool wake_heartbeats = false;
    };
    Handled handle(const GroupTurn& g, const RequestOutcome& outcome);

  private:
    enum class What { Join, Sync, Heartbeat, Leave };
    struct Sent {
        What what;
        Generation generation;
    };
    void send(const GroupTurn& g, NodeId node, ConsumerNetwork::Outgoing request, What what);
    // None if it was answered.
    static std::optional<GroupFailure> failure_of(const RequestOutcome& outcome);

    void handle_join(const GroupTurn& g,
                     const Sent& sent,
                     const wire::JoinGroupResponse& told,
                     Handled& out);
    void joined(const GroupTurn& g, const wire::JoinGroupResponse& told, Handled& out);
    void handle_join_error(const GroupTurn& g,
                           const Sent& sent,
                           const wire::JoinGroupResponse& told);
    void handle_sync(const GroupTurn& g, const Sent& sent, const wire::SyncGroupResponse& told);
    void handle_heartbeat(const GroupTurn& g,
                          const Sent& sent,
                          const wire::HeartbeatResponse& told,
                          Handled& out);
    void heartbeat_failed(const GroupTurn& g, Handled& out);

    GroupSettings settings_;
    SimDuration join_timeout_;
    Heartbeat heartbeat_;
    Generation generation_;
    MemberState state_ = MemberState::Unjoined;
    bool rejoin_needed_ = true;
    std::string rejoin_reason_;
    bool needs_join_prepare_ = true;
    bool heartbeats_wanted_ = false;
    std::optional<GroupFailure> heartbeat_failure_;
    struct Join {
        bool done = false;
        JoinResult result;
    };
    std::optional<Join> join_;
    std::map<ConsumerRequestId, Sent> sent_;
};

}  // namespace bsim::client
