// How a member joins its group, again and again: ConsumerCoordinator's part of it.
#include <algorithm>
#include <utility>

#include "sim/base/check.h"
#include "sim/protocol/client/consumer_coordinator.h"

namespace bsim::client {

using wire::ErrorCode;

namespace {

GroupFailure bad_assignment() {
    return {GroupFailure::Kind::Unexpected, ErrorCode::UnknownServerError, "bad assignment"};
}

}  // namespace

bool ConsumerCoordinator::rejoin_needed_or_pending() {
    if (const auto reason = subscription_.rejoin_reason()) {
        membership_.request_rejoin_if_unasked(*reason);
        return true;
    }
    return membership_.rejoin_needed_or_pending();
}

// True once the member is in a stable generation. It never waits: poll() goes on meanwhile, with
// what the member still owns.
bool ConsumerCoordinator::join_if_needed(const Use& use) {
    const GroupTurn g = group(use);
    while (rejoin_needed_or_pending()) {
        if (!g.coordinator() &&
            lookup_.ensure_known(use.turn, use.network, use.turn.now) != Progress::Done) {
            if (const auto failed = lookup_.take_failure())
                fail(*failed);
            return false;
        }
        if (membership_.needs_join_prepare()) {
            if (!on_join_prepare(use))
                return false;
            membership_.needs_join_prepare() = false;
        }
        if (!membership_.join_pending()) {
            membership_.join(g,
                             subscription_.join_protocols(owned(use), membership_.generation().id));
        }
        if (membership_.join_result() == nullptr)
            return false;
        if (const std::optional<bool> end = take_join_result(use))
            return *end;
    }
    return true;
}

std::optional<bool> ConsumerCoordinator::take_join_result(const Use& use) {
    const GroupMembership::JoinResult result = *membership_.join_result();
    membership_.forget_join();
    if (!result.failure) {
        const bool valid =
            !membership_.generation().was_reset() && membership_.state() == MemberState::Stable;
        if (!valid) {
            membership_.reset_generation(
                "rebalance failed since the generation/state was modified by heartbeat thread",
                true);
            return std::nullopt;
        }
        if (!on_join_complete(use, result.assignment))
            return false;
        membership_.needs_join_prepare() = true;
        return std::nullopt;
    }
    const GroupFailure& failure = *result.failure;
    if (!failure.is(ErrorCode::MemberIdRequired)) {
        membership_.request_rejoin("rebalance failed due to " + std::string(failure_name(failure)));
    }
    const bool at_once =
        failure.is(ErrorCode::UnknownMemberId) || failure.is(ErrorCode::IllegalGeneration) ||
        failure.is(ErrorCode::RebalanceInProgress) || failure.is(ErrorCode::MemberIdRequired);
    if (at_once)
        return std::nullopt;
    if (!failure.retriable())
        fail(failure);
    return false;
}

// --- Before ----------------------------------------------------------------------------------

// The last commit before partitions may go to others; true if there is nothing to wait for any
// more.
bool ConsumerCoordinator::commit_before_join(const Use& use) {
    const SimTime now = use.turn.now;
    if (!join_prepare_deadline_)
        join_prepare_deadline_ = now + max_poll_interval_;
    if (commits_.auto_commit() && !join_prepare_commit_) {
        if (subscription_.protocol() == group::RebalanceProtocol::Eager) {
            for (auto& [tp, position] : use.positions)
                position.mark_pending_revocation();
        }
        join_prepare_commit_ = commits_.begin_awaited(group(use), membership_, consumed(use));
    }
    if (!join_prepare_commit_)
        return true;
    const auto result = commits_.take_result(*join_prepare_commit_);
    if (result)
        join_prepare_commit_.reset();
    if (now >= *join_prepare_deadline_)
        return true;
    return result && !(result->failure && result->failure->retriable());
}

bool ConsumerCoordinator::on_join_prepare(const Use& use) {
    const Generation generation = membership_.generation();
    if (!commit_before_join(use))
        return false;
    // What the commit brought to light is not looked at before the next join.
    if (generation.id == kNoGeneration || generation.member_id.empty()) {
        if (!use.positions.empty()) {
            use.positions.clear();
            tell_owned(use, AssignmentCause::Lost);
        }
    } else if (subscription_.protocol() == group::RebalanceProtocol::Eager) {
        if (!use.positions.empty()) {
            use.positions.clear();
            tell_owned(use, AssignmentCause::Revoked);
        }
    } else {
        const std::size_t dropped = std::erase_if(use.positions, [&](const auto& entry) {
            return !subscription_.topics().contains(entry.first.topic);
        });
        if (dropped > 0)
            tell_owned(use, AssignmentCause::Revoked);
    }
    subscription_.stop_leading(use.network.metadata());
    join_prepare_deadline_.reset();
    join_prepare_commit_.reset();
    return true;
}

// --- After -----------------------------------------------------------------------------------

bool ConsumerCoordinator::on_join_complete(const Use& use, const std::vector<std::uint8_t>& bytes) {
    subscription_.synced();
    const auto assigned = subscription_.read_assignment(bytes);
    if (!assigned) {
        fail(bad_assignment());
        return false;
    }
    if (!subscription_.matches(*assigned)) {
        membership_.request_rejoin("received assignment does not match the current subscription");
        return true;
    }
    const std::set<TopicPartition> wanted(assigned->begin(), assigned->end());
    const std::size_t revoked = std::erase_if(
        use.positions, [&](const auto& entry) { return !wanted.contains(entry.first); });
    if (revoked > 0) {
        // Whoever gets them next waits for this member to join without them.
        tell_owned(use, AssignmentCause::Revoked);
        membership_.request_rejoin("need to revoke partitions and re-join");
    }
    subscription_.on_assignment(*assigned, membership_.generation());
    if (commits_.auto_commit())
        commits_.restart_auto_clock(use.turn.now);
    for (const TopicPartition& tp : wanted)
        use.positions.try_emplace(tp);
    tell_owned(use, AssignmentCause::Assigned);
    return true;
}

}  // namespace bsim::client
