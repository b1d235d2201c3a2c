// What the node answers to others.

#include "sim/base/check.h"
#include "sim/protocol/kraft/raft_node.h"

namespace bsim::kraft {

using wire::ErrorCode;

AnswerHead RaftNode::head(ErrorCode error) const {
    return {error, epoch(), leader()};
}

ErrorCode RaftNode::check_leader_only(LeaderEpoch request_epoch) const {
    if (request_epoch < epoch())
        return ErrorCode::FencedLeaderEpoch;
    if (request_epoch > epoch())
        return ErrorCode::UnknownLeaderEpoch;
    if (role() != RoleKind::Leader)
        return ErrorCode::NotLeaderOrFollower;
    if (shutdown_deadline_)
        return ErrorCode::BrokerNotAvailable;
    return ErrorCode::None;
}

bool RaftNode::is_for_us(const std::optional<ReplicaKey>& voter) const {
    if (!voter)
        return true;
    return voter->id == config_.id &&
           (voter->directory.is_zero() || voter->directory == config_.directory);
}

void RaftNode::receive(const Step& step, RequestId id, const FetchRequest& request) {
    if (request.last_fetched_epoch > request.current_epoch || request.fetch_offset < Offset{} ||
        request.max_wait < SimDuration{}) {
        step.emit(
            Reply{id, FetchAnswer{head(ErrorCode::InvalidRequest), step.context.log.start_offset(),
                                  std::nullopt, std::nullopt, std::nullopt}});
        return;
    }
    FetchAnswer answer = answer_fetch(step, request);
    const bool has_records = answer.read_from && *answer.read_from < step.context.log.end_offset();
    if (answer.head.error != ErrorCode::None || has_records || answer.diverging ||
        request.max_wait == SimDuration{}) {
        step.emit(Reply{id, std::move(answer)});
        return;
    }
    parked_.park({id, request, std::move(answer), step.now() + request.max_wait});
}

FetchAnswer RaftNode::answer_fetch(const Step& step, const FetchRequest& request) {
    const LogView& log = step.context.log;
    const ErrorCode error = check_leader_only(request.current_epoch);
    FetchAnswer answer{head(error), log.start_offset(), std::nullopt, std::nullopt, std::nullopt};
    if (error != ErrorCode::None)
        return answer;

    auto& leader = std::get<Leader>(role_);
    const bool from_the_start = log.start_offset() == Offset{} && request.fetch_offset == Offset{};
    const OffsetAndEpoch ours = log.end_offset_for_epoch(request.last_fetched_epoch);
    if (!from_the_start &&
        (ours.epoch != request.last_fetched_epoch || ours.offset < request.fetch_offset)) {
        answer.diverging = ours;
    } else {
        // The fetch says how far the replica has got, before the answer says what is committed.
        if (leader.update_replica(request.replica, request.fetch_offset, step.now())) {
            raise_leader_hw(step, leader);
        }
        answer.read_from = request.fetch_offset;
    }
    answer.hw = leader.hw;
    return answer;
}

void RaftNode::fail_parked_fetches(const Step& step) {
    for (const FetchPurgatory::Parked& fetch : parked_.take_all()) {
        step.emit(Reply{fetch.id, FetchAnswer{head(ErrorCode::NotLeaderOrFollower),
                                              step.context.log.start_offset(), std::nullopt,
                                              std::nullopt, std::nullopt}});
    }
}

void RaftNode::receive(const Step& step, RequestId id, const VoteRequest& request) {
    const auto answer = [&](ErrorCode error, bool granted) {
        step.emit(Reply{id, VoteResponse{head(error), granted}});
    };
    if (request.log_end.epoch >= request.epoch)
        return answer(ErrorCode::InvalidRequest, false);
    if (request.epoch < epoch())
        return answer(ErrorCode::FencedLeaderEpoch, false);
    // Even a candidate that gets no vote moves the epoch.
    if (request.epoch > epoch())
        to_unattached(step, request.epoch);
    if (!is_for_us(request.voter))
        return answer(ErrorCode::InvalidVoterKey, false);

    const auto* unattached = std::get_if<Unattached>(&role_);
    const bool granted =
        unattached != nullptr &&
        unattached->can_grant_vote(request.candidate, request.log_end >= step.log_end());
    if (granted && !unattached->voted)
        to_voted(step, request.epoch, request.candidate);
    step.emit(VoteCast{request.candidate.id, request.epoch, granted});
    answer(ErrorCode::None, granted);
}

void RaftNode::receive(const Step& step, RequestId id, const BeginQuorumEpochRequest& request) {
    if (request.epoch < epoch()) {
        step.emit(Reply{id, BeginQuorumEpochResponse{head(ErrorCode::FencedLeaderEpoch)}});
        return;
    }
    maybe_transition(step, request.epoch, request.leader);
    if (ended_)
        return;
    const ErrorCode error = is_for_us(request.voter) ? ErrorCode::None : ErrorCode::InvalidVoterKey;
    step.emit(Reply{id, BeginQuorumEpochResponse{head(error)}});
}

void RaftNode::receive(const Step& step, RequestId id, const EndQuorumEpochRequest& request) {
    if (request.epoch < epoch()) {
        step.emit(Reply{id, EndQuorumEpochResponse{head(ErrorCode::FencedLeaderEpoch)}});
        return;
    }
    maybe_transition(step, request.epoch, request.leader);
    if (ended_)
        return;
    auto* follower = std::get_if<Follower>(&role_);
    if (follower != nullptr && follower->leader == request.leader) {
        std::size_t position = 0;
        while (position < request.preferred.size() && !is_for_us(request.preferred[position])) {
            ++position;
        }
        follower->fetch_deadline =
            step.now() +
            successor_backoff(position, request.preferred.size(), config_.election_backoff_max);
    }
    step.emit(Reply{id, EndQuorumEpochResponse{head(ErrorCode::None)}});
}

}  // namespace bsim::kraft
