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
    // With pre-vote the epoch may have a leader beside the own vote: then the election is over.
    if (!stored.leader && stored.voted && stored.voted->id == config_.id &&
        (stored.voted->directory.is_zero() || stored.voted->directory == config_.directory)) {
        return Candidate{
            stored.epoch, {config_.id, config_.directory}, 1, drawn, VoteTally(config_)};
    }
    if (stored.leader && config_.has_voter(*stored.leader)) {
        return Follower{stored.epoch, *stored.leader, std::nullopt,
                        step.now() + config_.fetch_timeout, stored.voted};
    }
    return Unattached{stored.epoch, stored.leader, stored.voted, std::nullopt, timeout};
}

void RaftNode::durable_transition(const Step& step, Role to) {
    ElectionState state = std::visit([](const auto& role) { return role.election(); }, to);
    if (!config_.persist_vote)
        state.voted.reset();
    step.emit(PersistQuorumState{state});
    memory_transition(step, std::move(to));
}

void RaftNode::memory_transition(const Step& step, Role to) {
    if (const auto* follower = std::get_if<Follower>(&role_); follower && follower->fetching)
        step.emit(DropFetchedSnapshot{follower->fetching->id});
    role_ = std::move(to);
    step.emit(RoleChanged{role(), epoch(), leader()});
}

// An election under way is not put off by the news of a later epoch.
std::optional<SimTime> RaftNode::unattached_timeout(const Step& step) const {
    if (!config_.is_voter())
        return std::nullopt;
    if (const auto* candidate = std::get_if<Candidate>(&role_))
        return candidate->election_timeout;
    if (const auto* unattached = std::get_if<Unattached>(&role_))
        return unattached->election_timeout;
    if (const auto* prospective = std::get_if<Prospective>(&role_);
        prospective != nullptr && !prospective->votes.is_lost()) {
        return prospective->election_timeout;
    }
    if (const auto* resigned = std::get_if<Resigned>(&role_); resigned && config_.pre_vote)
        return resigned->election_timeout;
    return drawn_election_timeout(step);
}

void RaftNode::to_unattached(const Step& step, LeaderEpoch to_epoch) {
    const bool same_epoch = to_epoch == epoch();
    BSIM_CHECK(to_epoch > epoch() || role() == RoleKind::Prospective);
    const std::optional<ReplicaKey> voted = same_epoch ? election().voted : std::nullopt;
    durable_transition(step, Unattached{to_epoch, std::nullopt, voted, high_watermark(),
                                        unattached_timeout(step)});
    announce(step);
    requests_.reset_all();
}

void RaftNode::to_voted(const Step& step, const ReplicaKey& candidate) {
    BSIM_CHECK(candidate.id != config_.id);
    // The election timeout starts anew: the candidate has as good a chance to win as this node.
    const SimTime timeout = drawn_election_timeout(step);
    if (const auto* role = std::get_if<Prospective>(&role_)) {
        durable_transition(step, Prospective{role->epoch, role->leader, candidate, role->retries,
                                             timeout, VoteTally(config_), role->hw});
        return;
    }
    durable_transition(
        step, Unattached{epoch(), election().leader, candidate, high_watermark(), timeout});
}

void RaftNode::to_follower(const Step& step, LeaderEpoch to_epoch, BrokerId to_leader) {
    BSIM_CHECK(to_leader != config_.id && to_epoch >= epoch());
    BSIM_CHECK(to_epoch > epoch() || (role() != RoleKind::Leader && role() != RoleKind::Follower));
    // 3.9 forgets the vote once the epoch has a leader; with pre-vote the way may lead back from
    // here to a role that votes.
    const bool keeps_vote = config_.pre_vote && to_epoch == epoch();
    durable_transition(
        step, Follower{to_epoch, to_leader, high_watermark(), step.now() + config_.fetch_timeout,
                       keeps_vote ? election().voted : std::nullopt});
    announce(step);
    requests_.reset_all();
    fail_parked_fetches(step);
}

void RaftNode::stand_for_election(const Step& step) {
    // The only voter has nobody to ask.
    if (config_.pre_vote && !config_.is_only_voter()) {
        to_prospective(step);
    } else {
        to_candidate(step);
    }
}

void RaftNode::to_prospective(const Step& step) {
    BSIM_CHECK(config_.is_voter() && role() != RoleKind::Leader);
    const auto* before = std::get_if<Candidate>(&role_);
    const ElectionState now = election();
    memory_transition(
        step,
        Prospective{now.epoch, now.leader, now.voted, before == nullptr ? 1 : before->retries + 1,
                    drawn_election_timeout(step), VoteTally(config_), high_watermark()});
    announce(step);
    requests_.reset_all();
}

void RaftNode::lose_pre_vote(const Step& step) {
    const ElectionState now = election();
    if (now.leader && config_.has_voter(*now.leader)) {
        to_follower(step, now.epoch, *now.leader);
    } else {
        to_unattached(step, now.epoch);
    }
}

void RaftNode::to_candidate(const Step& step) {
    BSIM_CHECK(config_.is_voter() && role() != RoleKind::Leader);
    std::int32_t retries = 1;
    if (const auto* before = std::get_if<Candidate>(&role_))
        retries = before->retries + 1;
    if (const auto* before = std::get_if<Prospective>(&role_))
        retries = before->retries;
    durable_transition(step, Candidate{LeaderEpoch(epoch().value() + 1),
                                       {config_.id, config_.directory},
                                       retries,
                                       drawn_election_timeout(step),
                                       VoteTally(config_),
                                       high_watermark()});
    announce(step);
    after_becoming_candidate(step);
}

void RaftNode::to_leader(const Step& step) {
    const auto& candidate = std::get<Candidate>(role_);
    BSIM_CHECK(candidate.votes.is_won());
    // The high watermark is forgotten: a new leader cannot know yet how far the old one's had got.
    const Offset start = step.context.log.end_offset();
    Leader leader(config_, candidate.epoch, start, candidate.votes.granting(), step.now());
    leader.accumulator.append_leader_change(
        LeaderChangeBatch{start, candidate.epoch, step.context.wall, config_.id, config_.voters,
                          candidate.votes.granting()});
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
    if (std::get<Candidate>(role_).votes.is_won()) {
        to_leader(step);
    } else {
        requests_.reset_all();
    }
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
