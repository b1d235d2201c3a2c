// What the node makes of others' answers.

#include <algorithm>

#include "sim/base/check.h"
#include "sim/protocol/kraft/raft_node.h"

namespace bsim::kraft {

using wire::ErrorCode;

// Absent: the answer is for the caller to handle.
std::optional<bool> RaftNode::handle_common(const Step& step, const AnswerHead& head) {
    if (head.epoch < epoch() || head.error == ErrorCode::UnknownLeaderEpoch)
        return true;
    if (head.epoch > epoch() || head.error == ErrorCode::FencedLeaderEpoch ||
        head.error == ErrorCode::NotLeaderOrFollower) {
        maybe_transition(step, head.epoch, head.leader);
        return true;
    }
    if (head.leader && !leader()) {
        // An observer that finds the leader may append what came with the same answer.
        to_follower(step, head.epoch, *head.leader);
        if (head.error == ErrorCode::None)
            return std::nullopt;
        return true;
    }
    if (head.error == ErrorCode::BrokerNotAvailable)
        return false;
    if (head.error == ErrorCode::InvalidVoterKey)
        return true;
    if (head.error == ErrorCode::InvalidRequest) {
        halt(step, "a request was invalid");
        return false;
    }
    return std::nullopt;
}

void RaftNode::maybe_transition(const Step& step,
                                LeaderEpoch to_epoch,
                                std::optional<BrokerId> to_leader) {
    const bool consistent = to_leader == config_.id ? role() == RoleKind::Leader
                                                    : to_epoch != epoch() || !to_leader ||
                                                          !leader() || to_leader == leader();
    if (!consistent)
        return halt(step, "two leaders in one epoch");
    if (to_epoch > epoch()) {
        if (to_leader) {
            to_follower(step, to_epoch, *to_leader);
        } else {
            to_unattached(step, to_epoch);
        }
    } else if (to_leader && !leader()) {
        to_follower(step, to_epoch, *to_leader);
    }
}

bool RaftNode::handle(const Step& step, BrokerId, const FetchResponse& response) {
    if (const std::optional<bool> handled = handle_common(step, response.head))
        return *handled;
    auto* follower = std::get_if<Follower>(&role_);
    BSIM_CHECK(follower != nullptr);
    if (response.head.error != ErrorCode::None)
        return false;

    follower->fetch_deadline = step.now() + config_.fetch_timeout;
    if (response.diverging) {
        truncate_to(step, *follower, *response.diverging);
    } else {
        fetched_hw_ = response.hw;
        if (response.records.empty()) {
            fetched_records_are_in_log(step);
        } else {
            step.emit(AppendFetched{response.records});
            awaiting_ = Awaiting::Appended;
        }
    }
    return true;
}

void RaftNode::truncate_to(const Step& step, const Follower& follower, OffsetAndEpoch diverging) {
    if (follower.hw && diverging.offset < *follower.hw) {
        return halt(step, "the leader asks to truncate below the high watermark");
    }
    const LogView& log = step.context.log;
    const OffsetAndEpoch ours = log.end_offset_for_epoch(diverging.epoch);
    Offset to = ours.offset;
    if (diverging.epoch == LeaderEpoch{0}) {
        to = std::min(diverging.offset, log.end_offset());
    } else if (ours.epoch == diverging.epoch) {
        to = std::min(ours.offset, diverging.offset);
    }
    if (follower.hw && to < *follower.hw) {
        return halt(step, "truncation would go below the high watermark");
    }
    step.emit(Truncate{to});
    awaiting_ = Awaiting::Truncated;
}

bool RaftNode::handle(const Step& step, BrokerId from, const VoteResponse& response) {
    if (const std::optional<bool> handled = handle_common(step, response.head))
        return *handled;
    if (response.head.error != ErrorCode::None)
        return false;
    auto* candidate = std::get_if<Candidate>(&role_);
    if (candidate == nullptr)
        return true;
    if (response.granted) {
        candidate->record_granted(from);
        if (candidate->is_vote_granted())
            to_leader(step);
        return true;
    }
    candidate->record_rejected(from);
    // Waiting for the election timeout would help nobody.
    if (candidate->is_vote_rejected() && !candidate->backoff_until) {
        candidate->backoff_until =
            step.now() + candidate_backoff(candidate->retries, step.context.draws.backoff,
                                           config_.election_backoff_max);
    }
    return true;
}

bool RaftNode::handle(const Step& step, BrokerId, const BeginQuorumEpochResponse& response) {
    if (const std::optional<bool> handled = handle_common(step, response.head))
        return *handled;
    return response.head.error == ErrorCode::None;
}

bool RaftNode::handle(const Step& step, BrokerId from, const EndQuorumEpochResponse& response) {
    if (const std::optional<bool> handled = handle_common(step, response.head))
        return *handled;
    if (response.head.error != ErrorCode::None)
        return false;
    auto* resigned = std::get_if<Resigned>(&role_);
    BSIM_CHECK(resigned != nullptr);
    resigned->unacknowledged.erase(from);
    return true;
}

}  // namespace bsim::kraft
