// Who becomes what. The state goes to disk before it counts.

#include <algorithm>
#include <utility>

#include "sim/base/check.h"
#include "sim/protocol/kraft/raft_node.h"

namespace bsim::kraft {

ElectionState RaftNode::election() const {
    return std::visit([](const auto& role) { return role.election(); }, role_);
}

SimTime RaftNode::drawn_election_timeout(const Step& step) const {
    const std::int64_t timeout_ms = config_.election_timeout.ms();
    if (timeout_ms == 0)
        return step.now();
    const auto jitter = static_cast<std::int64_t>(step.context.draws.election %
                                                  static_cast<std::uint64_t>(timeout_ms));
    return step.now() + milliseconds(timeout_ms + jitter);
}

RaftNode::Role RaftNode::initial_role(const Step& step, const ElectionState& stored) const {
    const SimTime drawn = drawn_election_timeout(step);
    const std::optional<SimTime> timeout = config_.is_voter() ? std::optional(drawn) : std::nullopt;
    const LeaderEpoch log_epoch = step.context.log.last_epoch();

    if (stored.epoch < log_epoch) {
        return Unattached{log_epoch, std::nullopt, std::nullopt, std::nullopt, timeout};
    }
    if (stored.leader == config_.id) {
        // Never the same epoch again: what it wrote may not have been flushed, and an offset and
        // epoch must stand for one record only.
        std::set<BrokerId> others(config_.voters.begin(), config_.voters.end());
        others.erase(config_.id);
        return Resigned{stored.epoch, config_.id, drawn, std::move(others), {}};
    }
    if (stored.voted && stored.voted->id == config_.id &&
        (stored.voted->directory.is_zero() || stored.voted->directory == config_.directory)) {
        return Candidate(config_, stored.epoch, 1, drawn);
    }
    if (stored.leader && config_.has_voter(*stored.leader)) {
        return Follower{stored.epoch, *stored.leader, std::nullopt,
                        step.now() + config_.fetch_timeout};
    }
    return Unattached{stored.epoch, stored.leader, stored.voted, std::nullopt, timeout};
}

void RaftNode::durable_transition(const Step& step, Role to) {
    const ElectionState state = std::visit([](const auto& role) { return role.election(); }, to);
    step.emit(PersistQuorumState{state});
    memory_transition(step, std::move(to));
}

void RaftNode::memory_transition(const Step& step, Role to) {
    role_ = std::move(to);
    step.emit(RoleChanged{role(), epoch(), leader()});
}

void RaftNode::to_unattached(const Step& step, LeaderEpoch to_epoch) {
    BSIM_CHECK(to_epoch > epoch());
    std::optional<SimTime> timeout;
    if (!config_.is_voter()) {
        timeout = std::nullopt;
    } else if (const auto* candidate = std::get_if<Candidate>(&role_)) {
        timeout = candidate->election_timeout;
    } else if (const auto* unattached = std::get_if<Unattached>(&role_)) {
        timeout = unattached->election_timeout;
    } else {
        timeout = drawn_election_timeout(step);
    }
    const std::optional<Offset> hw = high_watermark();
    durable_transition(step, Unattached{to_epoch, std::nullopt, std::nullopt, hw, timeout});
    announce(step);
    requests_.reset_all();
}

void RaftNode::to_voted(const Step& step, LeaderEpoch to_epoch, const ReplicaKey& candidate) {
    BSIM_CHECK(candidate.id != config_.id && to_epoch >= epoch());
    // The election timeout starts anew: the candidate has as good a chance to win as this node.
    durable_transition(step, Unattached{to_epoch, std::nullopt, candidate, high_watermark(),
                                        drawn_election_timeout(step)});
}

void RaftNode::to_follower(const Step& step, LeaderEpoch to_epoch, BrokerId to_leader) {
    BSIM_CHECK(to_leader != config_.id && to_epoch >= epoch());
    BSIM_CHECK(to_epoch > epoch() || (role() != RoleKind::Leader && role() != RoleKind::Follower));
    const std::optional<Offset> hw = high_watermark();
    durable_transition(step, Follower{to_epoch, to_leader, hw, step.now() + config_.fetch_timeout});
    announce(step);
    after_becoming_follower(step);
}

void RaftNode::to_candidate(const Step& step) {
    BSIM_CHECK(config_.is_voter() && role() != RoleKind::Leader);
    const auto* before = std::get_if<Candidate>(&role_);
    Candidate candidate(config_, LeaderEpoch(epoch().value() + 1),
                        before == nullptr ? 1 : before->retries + 1, drawn_election_timeout(step));
    candidate.hw = high_watermark();
    durable_transition(step, std::move(candidate));
    announce(step);
    after_becoming_candidate(step);
}

void RaftNode::to_leader(const Step& step) {
    const auto& candidate = std::get<Candidate>(role_);
    BSIM_CHECK(candidate.is_vote_granted());
    // The high watermark is forgotten: a new leader cannot know yet how far the old one's had got.
    const Offset start = step.context.log.end_offset();
    Leader leader(config_, candidate.epoch, start, candidate.granting(), step.now());
    leader.accumulator.append_leader_change(
        LeaderChangeBatch{start, candidate.epoch, step.context.wall, config_.id, config_.voters,
                          candidate.granting()});
    durable_transition(step, std::move(leader));
    step.emit(AssignLeaderEpoch{epoch()});
    requests_.reset_all();
}

void RaftNode::to_resigned(const Step& step) {
    fail_parked_fetches(step);
    const auto& leader = std::get<Leader>(role_);
    std::set<BrokerId> others(config_.voters.begin(), config_.voters.end());
    others.erase(config_.id);
    memory_transition(step, Resigned{leader.epoch, config_.id, drawn_election_timeout(step),
                                     std::move(others), leader.other_voters_by_descending_end()});
    requests_.reset_all();
}

void RaftNode::after_becoming_candidate(const Step& step) {
    if (std::get<Candidate>(role_).is_vote_granted()) {
        to_leader(step);
    } else {
        requests_.reset_all();
    }
}

void RaftNode::after_becoming_follower(const Step& step) {
    requests_.reset_all();
    fail_parked_fetches(step);
}

void RaftNode::announce(const Step& step) {
    // A resigned node knows itself as leader, which would mislead.
    if (role() == RoleKind::Resigned)
        return;
    if (const auto* leader = std::get_if<Leader>(&role_); leader != nullptr && !leader->hw)
        return;
    const AnnounceLeader news{epoch(), leader()};
    const bool is_news = news.epoch > announced_.epoch || (news.leader && !announced_.leader);
    if (!is_news)
        return;
    announced_ = news;
    step.emit(news);
}

}  // namespace bsim::kraft
