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

    follower->fetched(step.now() + config_.fetch_timeout);
    if (response.diverging) {
        truncate_to(step, *follower, *response.diverging);
    } else if (response.snapshot) {
        fetch_snapshot(step, *follower, *response.snapshot);
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

void RaftNode::fetch_snapshot(const Step& step, Follower& follower, const OffsetAndEpoch& id) {
    if (follower.fetching)
        step.emit(DropFetchedSnapshot{follower.fetching->id});
    follower.fetching.reset();
    // One that is here already is not fetched again; the next fetch is answered as this one was.
    if (find_snapshot(step.context.log, id) != nullptr)
        return;
    follower.fetching = FetchingSnapshot{id, 0};
    step.emit(StartFetchedSnapshot{id});
}

bool RaftNode::handle(const Step& step, BrokerId, const FetchSnapshotResponse& response) {
    if (const std::optional<bool> handled = handle_common(step, response.head))
        return *handled;
    auto* follower = std::get_if<Follower>(&role_);
    BSIM_CHECK(follower != nullptr);
    if (response.head.error == ErrorCode::SnapshotNotFound || !response.snapshot) {
        // The leader has deleted it meanwhile: the next fetch names a later one.
        if (follower->fetching)
            step.emit(DropFetchedSnapshot{follower->fetching->id});
        follower->fetching.reset();
        follower->fetched(step.now() + config_.fetch_timeout);
        return true;
    }
    take_chunk(step, *follower, response);
    return true;
}

// Other errors (POSITION_OUT_OF_RANGE) name no snapshot, and so end up as a wrong one, as in Kafka.
void RaftNode::take_chunk(const Step& step,
                          Follower& follower,
                          const FetchSnapshotResponse& response) {
    if (!follower.fetching || follower.fetching->id != *response.snapshot)
        return halt(step, "a chunk of a snapshot that was not asked for");
    FetchingSnapshot& fetching = *follower.fetching;
    if (fetching.position != response.position)
        return halt(step, "a chunk of a snapshot from a wrong position");
    const OffsetAndEpoch id = fetching.id;
    step.emit(AppendFetchedSnapshot{id, response.bytes});
    fetching.position += static_cast<std::int64_t>(response.bytes.size());
    follower.fetched(step.now() + config_.fetch_timeout);
    if (fetching.position != response.size)
        return;
    follower.fetching.reset();
    if (id <= OffsetAndEpoch{step.context.log.last_epoch(), step.context.log.end_offset()})
        return halt(step, "the snapshot is not ahead of the log");
    step.emit(InstallSnapshot{id});
    installing_ = id;
    awaiting_ = Awaiting::SnapshotInstalled;
}

void RaftNode::truncate_to(const Step& step, const Follower& follower, OffsetAndEpoch diverging) {
    if (follower.hw && diverging.offset < *follower.hw) {
        return halt(step, "the leader asks to truncate below the high watermark");
    }
    const LogView& log = step.context.log;
    const OffsetAndEpoch ours = epoch_end(log, diverging.epoch);
    Offset to = ours.offset;
    if (diverging.epoch == LeaderEpoch{0}) {
        to = std::min(diverging.offset, log.end_offset());
    } else if (ours.epoch == diverging.epoch) {
        to = std::min(ours.offset, diverging.offset);
    }
    if (to < log_hw_)
        return halt(step, "truncation would go below the high watermark");
    step.emit(Truncate{to});
    awaiting_ = Awaiting::Truncated;
}

bool RaftNode::handle(const Step& step, BrokerId from, const VoteResponse& response) {
    if (response.head.error == ErrorCode::UnsupportedVersion && role() == RoleKind::Prospective) {
        // The other knows no pre-vote. The quorum is being upgraded: elect as before.
        to_candidate(step);
        return true;
    }
    if (const std::optional<bool> handled = handle_common(step, response.head))
        return *handled;
    if (response.head.error != ErrorCode::None)
        return false;
    count_vote(step, from, response.granted);
    return true;
}

void RaftNode::count_vote(const Step& step, BrokerId from, bool granted) {
    if (auto* prospective = std::get_if<Prospective>(&role_)) {
        prospective->votes.record(from, granted);
        if (prospective->votes.is_won()) {
            to_candidate(step);
        } else if (prospective->votes.is_lost()) {
            lose_pre_vote(step);
        }
    } else if (auto* candidate = std::get_if<Candidate>(&role_)) {
        candidate->votes.record(from, granted);
        if (granted && candidate->votes.is_won()) {
            to_leader(step);
        } else if (candidate->votes.is_lost() && !candidate->backoff_until) {
            // Waiting for the election timeout would help nobody.
            start_backoff(step, *candidate);
        }
    }
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
