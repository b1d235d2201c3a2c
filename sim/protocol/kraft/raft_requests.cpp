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
                                  std::nullopt, std::nullopt, std::nullopt, std::nullopt}});
        return;
    }
    FetchAnswer answer = answer_fetch(step, request);
    const bool has_records = answer.read_from && *answer.read_from < step.context.log.end_offset();
    if (answer.head.error != ErrorCode::None || has_records || answer.diverging ||
        answer.snapshot || request.max_wait == SimDuration{}) {
        step.emit(Reply{id, std::move(answer)});
        return;
    }
    parked_.park({id, request, std::move(answer), step.now() + request.max_wait});
}

FetchAnswer RaftNode::answer_fetch(const Step& step, const FetchRequest& request) {
    const LogView& log = step.context.log;
    ErrorCode error = check_leader_only(request.current_epoch);
    if (error == ErrorCode::None && request.replica.id == config_.id)
        error = ErrorCode::UnknownServerError;
    FetchAnswer answer{head(error),  log.start_offset(), std::nullopt,
                       std::nullopt, std::nullopt,       std::nullopt};
    if (error != ErrorCode::None)
        return answer;

    auto& leader = std::get<Leader>(role_);
    ValidatedEnd valid = validate_end(log, {request.last_fetched_epoch, request.fetch_offset});
    // Who has nothing is served faster by a snapshot, even while the log goes back to its start.
    const std::optional<OffsetAndEpoch> latest = latest_snapshot(log);
    if (request.fetch_offset == Offset{} && latest && *latest != kBootstrapSnapshot)
        valid = {Standing::Snapshot, *latest};
    switch (valid.standing) {
        case Standing::Diverging:
            answer.diverging = valid.at;
            break;
        case Standing::Snapshot:
            answer.snapshot = valid.at;
            break;
        case Standing::Valid:
            // The fetch says how far the replica has got, before the answer says what is committed.
            if (leader.update_replica(request.replica, request.fetch_offset, step.now()))
                raise_leader_hw(step, leader);
            answer.read_from = request.fetch_offset;
    }
    answer.hw = leader.hw;
    return answer;
}

void RaftNode::fail_parked_fetches(const Step& step) {
    for (const FetchPurgatory::Parked& fetch : parked_.take_all()) {
        step.emit(Reply{fetch.id, FetchAnswer{head(ErrorCode::NotLeaderOrFollower),
                                              step.context.log.start_offset(), std::nullopt,
                                              std::nullopt, std::nullopt, std::nullopt}});
    }
}

void RaftNode::receive(const Step& step, RequestId id, const FetchSnapshotRequest& request) {
    ErrorCode error = check_leader_only(request.current_epoch);
    const SnapshotInfo* snapshot = find_snapshot(step.context.log, request.snapshot);
    if (error == ErrorCode::None && (snapshot == nullptr || snapshot->id == kBootstrapSnapshot))
        error = ErrorCode::SnapshotNotFound;
    if (error == ErrorCode::None && (request.position < 0 || request.position >= snapshot->bytes))
        error = ErrorCode::PositionOutOfRange;
    if (error != ErrorCode::None) {
        step.emit(Reply{id, FetchSnapshotAnswer{head(error), std::nullopt, 0, 0, 0}});
        return;
    }
    std::get<Leader>(role_).snapshot_fetched(request.replica.id, step.now());
    step.emit(Reply{id, FetchSnapshotAnswer{head(error), snapshot->id, snapshot->bytes,
                                            request.position, request.max_bytes}});
}

void RaftNode::receive(const Step& step, RequestId id, const VoteRequest& request) {
    const auto answer = [&](ErrorCode error, bool granted) {
        step.emit(Reply{id, VoteResponse{head(error), granted}});
    };
    if (request.pre_vote && !config_.pre_vote)
        return answer(ErrorCode::UnsupportedVersion, false);
    const OffsetAndEpoch end = request.log_end;
    // A candidate's epoch is new; who only asks may have written in its epoch.
    const bool epochs_fit =
        end.epoch < request.epoch || (request.pre_vote && end.epoch == request.epoch);
    if (end.offset < Offset{} || end.epoch < LeaderEpoch{} || !epochs_fit)
        return answer(ErrorCode::InvalidRequest, false);
    if (request.epoch < epoch())
        return answer(ErrorCode::FencedLeaderEpoch, false);
    if (request.candidate.id.value() < 0)
        return answer(ErrorCode::InvalidRequest, false);
    // Even a candidate that gets no vote moves the epoch.
    if (request.epoch > epoch())
        to_unattached(step, request.epoch);
    if (!is_for_us(request.voter))
        return answer(ErrorCode::InvalidVoterKey, false);

    const bool granted = grants(request, end >= step.log_end());
    if (granted && !request.pre_vote && !election().voted)
        to_voted(step, request.candidate);
    step.emit(VoteCast{request.candidate.id, request.epoch, granted, request.pre_vote});
    answer(ErrorCode::None, granted);
}

bool RaftNode::grants(const VoteRequest& request, bool log_up_to_date) const {
    if (!request.pre_vote) {
        const bool may_vote = role() == RoleKind::Unattached || role() == RoleKind::Prospective;
        return may_vote && can_grant_vote(election(), request.candidate, log_up_to_date);
    }
    // A pre-vote binds nobody; it is refused by who has reason to believe in the leader.
    if (const auto* follower = std::get_if<Follower>(&role_); follower && follower->has_fetched)
        return false;
    return role() != RoleKind::Leader && log_up_to_date;
}

void RaftNode::receive(const Step& step, RequestId id, const BeginQuorumEpochRequest& request) {
    if (request.epoch < epoch()) {
        step.emit(Reply{id, BeginQuorumEpochResponse{head(ErrorCode::FencedLeaderEpoch)}});
        return;
    }
    if (request.leader.value() < 0) {
        step.emit(Reply{id, BeginQuorumEpochResponse{head(ErrorCode::InvalidRequest)}});
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
    if (request.leader.value() < 0) {
        step.emit(Reply{id, EndQuorumEpochResponse{head(ErrorCode::InvalidRequest)}});
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

void RaftNode::receive(const Step& step, RequestId id, const DescribeQuorumRequest&) {
    auto* leader = std::get_if<Leader>(&role_);
    if (leader == nullptr) {
        step.emit(Reply{
            id, DescribeQuorumAnswer{head(ErrorCode::NotLeaderOrFollower), std::nullopt, {}, {}}});
        return;
    }
    const auto wall = [&step](std::optional<SimTime> at) -> std::optional<WallMs> {
        if (!at)
            return std::nullopt;
        return WallMs(step.context.wall.value() - (step.now() - *at).ms());
    };
    DescribeQuorumAnswer answer{head(ErrorCode::None), leader->hw, {}, {}};
    for (const auto& [voter, progress] : leader->voters()) {
        ReplicaStanding& standing = answer.voters.emplace_back(
            ReplicaStanding{ReplicaKey{voter, Uuid{}}, progress.end, wall(progress.last_fetch),
                            wall(progress.last_caught_up)});
        if (voter == config_.id)
            standing.last_fetch = standing.last_caught_up = step.context.wall;
    }
    for (const auto& [replica, progress] : leader->observers(step.now())) {
        answer.observers.push_back(
            {replica, progress.end, wall(progress.last_fetch), wall(progress.last_caught_up)});
    }
    step.emit(Reply{id, std::move(answer)});
}

}  // namespace bsim::kraft
