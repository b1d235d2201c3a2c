// What the node does on its own: requests that are due, timeouts, appends.

#include <algorithm>
#include <utility>

#include "sim/base/check.h"
#include "sim/protocol/kraft/log_cleaner.h"
#include "sim/protocol/kraft/raft_node.h"

namespace bsim::kraft {

namespace {

std::optional<SimTime> earlier(std::optional<SimTime> a, std::optional<SimTime> b) {
    if (!a || !b)
        return a ? a : b;
    return std::min(*a, *b);
}

}  // namespace

void RaftNode::poll(const Step& step) {
    expire_parked_fetches(step);
    // A role may hand over to another within one step, but never endlessly.
    for (int round = 0; !ended_ && awaiting_ == Awaiting::Nothing; ++round) {
        BSIM_CHECK(round < 10);
        if (maybe_complete_shutdown(step))
            return;
        wakeup_ = poll_role(step);
        if (!wakeup_ || *wakeup_ > step.now())
            break;
    }
    if (ended_)
        return;
    maybe_clean_log(step);
    announce(step);
    arm_timer(step);
}

void RaftNode::maybe_clean_log(const Step& step) {
    if (awaiting_ != Awaiting::Nothing)
        return;
    while (next_clean_ <= step.now()) {
        next_clean_ = next_clean_ + config_.clean_interval;
        cleaning_ = true;
    }
    if (!cleaning_)
        return;
    const auto start = next_log_start(config_, step.context.log, step.context.wall, log_hw_);
    cleaning_ = start.has_value();
    if (!start)
        return;
    step.emit(DeleteBeforeSnapshot{*start});
    awaiting_ = Awaiting::PrefixDeleted;
}

void RaftNode::expire_parked_fetches(const Step& step) {
    for (FetchPurgatory::Parked& fetch : parked_.take_expired(step.now())) {
        step.emit(Reply{fetch.id, std::move(fetch.answer)});
    }
}

void RaftNode::arm_timer(const Step& step) {
    // While the log is busy the wakeup is out of date; the log's answer brings a new one.
    if (awaiting_ != Awaiting::Nothing)
        return;
    std::optional<SimTime> at = earlier(wakeup_, parked_.next_deadline());
    // Without a snapshot there is nothing to clean. (It takes two, but the second may come at any
    // time.)
    if (!step.context.log.snapshots().empty())
        at = earlier(at, next_clean_);
    if (at == armed_)
        return;
    armed_ = at;
    step.emit(ArmTimer{at});
}

bool RaftNode::maybe_complete_shutdown(const Step& step) {
    if (!shutdown_deadline_)
        return false;
    const bool timed_out = *shutdown_deadline_ <= step.now();
    const bool has_remote_leader = leader() && *leader() != config_.id;
    if (!timed_out && config_.is_voter() && !config_.is_only_voter() && !has_remote_leader) {
        return false;
    }
    ended_ = true;
    step.emit(ShutdownCompleted{timed_out});
    return true;
}

std::optional<SimTime> RaftNode::poll_role(const Step& step) {
    if (auto* role = std::get_if<Leader>(&role_))
        return poll_leader(step, *role);
    if (auto* role = std::get_if<Candidate>(&role_))
        return poll_candidate(step, *role);
    if (auto* role = std::get_if<Follower>(&role_))
        return poll_follower(step, *role);
    if (auto* role = std::get_if<Unattached>(&role_))
        return poll_unattached(step, *role);
    if (auto* role = std::get_if<Prospective>(&role_))
        return poll_prospective(step, *role);
    return poll_resigned(step, std::get<Resigned>(role_));
}

std::optional<SimTime> RaftNode::poll_unattached(const Step& step, const Unattached& role) {
    if (!config_.is_voter())
        return send_fetch_to_any_voter(step);
    if (shutdown_deadline_)
        return shutdown_deadline_;
    if (*role.election_timeout <= step.now()) {
        stand_for_election(step);
        return step.now();
    }
    // Refused pre-votes leave the epoch as it is, so that a leader may be there to be found.
    if (config_.pre_vote)
        return std::min(*role.election_timeout, send_fetch_to_any_voter(step));
    return role.election_timeout;
}

std::optional<SimTime> RaftNode::poll_prospective(const Step& step, const Prospective& role) {
    if (shutdown_deadline_)
        return earlier(shutdown_deadline_, send_votes(step, role.votes, true));
    if (role.election_timeout <= step.now()) {
        lose_pre_vote(step);
        return step.now();
    }
    return earlier(send_votes(step, role.votes, true), role.election_timeout);
}

std::optional<SimTime> RaftNode::poll_candidate(const Step& step, Candidate& role) {
    // An election under way is still finished: who wins it can resign properly.
    if (shutdown_deadline_)
        return earlier(shutdown_deadline_, send_votes(step, role.votes, false));
    if (role.backoff_until) {
        if (*role.backoff_until > step.now())
            return role.backoff_until;
        stand_for_election(step);
        return step.now();
    }
    if (role.election_timeout <= step.now()) {
        start_backoff(step, role);
        return role.backoff_until;
    }
    return earlier(send_votes(step, role.votes, false), role.election_timeout);
}

void RaftNode::start_backoff(const Step& step, Candidate& role) const {
    role.backoff_until = step.now() + candidate_backoff(role.retries, step.context.draws.backoff,
                                                        config_.election_backoff_max);
}

std::optional<SimTime> RaftNode::send_votes(const Step& step,
                                            const VoteTally& votes,
                                            bool pre_vote) {
    if (votes.is_lost())
        return std::nullopt;
    std::optional<SimTime> next;
    for (const BrokerId voter : votes.unrecorded()) {
        const VoteRequest vote{{config_.id, config_.directory},
                               epoch(),
                               step.log_end(),
                               ReplicaKey{voter, Uuid{}},
                               pre_vote};
        next = earlier(next, maybe_send(step, voter, vote));
    }
    return next;
}

std::optional<SimTime> RaftNode::poll_leader(const Step& step, Leader& role) {
    const std::optional<SimTime> quorum_lost = role.check_quorum_deadline();
    if (shutdown_deadline_ || role.resign_requested ||
        (quorum_lost && *quorum_lost <= step.now())) {
        to_resigned(step);
        return step.now();
    }
    const std::optional<SimTime> drain_at = role.accumulator.drain_at();
    if (drain_at && *drain_at <= step.now()) {
        step.emit(AppendBatches{role.accumulator.drain()});
        awaiting_ = Awaiting::Appended;
    }
    if (config_.is_only_voter())
        return role.accumulator.drain_at();
    if (role.next_begin_quorum <= step.now())
        send_begin_quorum_epoch(step, role);
    return earlier(role.accumulator.drain_at(), earlier(quorum_lost, role.next_begin_quorum));
}

void RaftNode::send_begin_quorum_epoch(const Step& step, Leader& role) {
    for (const BrokerId voter : config_.voters) {
        if (voter == config_.id)
            continue;
        maybe_send(step, voter,
                   BeginQuorumEpochRequest{config_.id, role.epoch, ReplicaKey{voter, Uuid{}}});
    }
    role.next_begin_quorum = step.now() + config_.fetch_timeout / 2;
}

std::optional<SimTime> RaftNode::poll_follower(const Step& step, const Follower& role) {
    if (!config_.is_voter())
        return follow_as_observer(step, role);
    if (role.fetch_deadline <= step.now()) {
        stand_for_election(step);
        return step.now();
    }
    const SimTime next = maybe_send(step, role.leader, next_fetch(step, role));
    return std::min(next, role.fetch_deadline);
}

SimTime RaftNode::follow_as_observer(const Step& step, const Follower& role) {
    const SimTime now = step.now();
    if (role.fetch_deadline <= now)
        return send_fetch_to_any_voter(step);
    SimTime next;
    // With a leader that does not answer, another voter may know of a new one.
    if (requests_.has_timed_out(role.leader, now)) {
        requests_.reset(role.leader);
        next = send_fetch_to_any_voter(step);
    } else if (requests_.is_backing_off(role.leader, now)) {
        next = send_fetch_to_any_voter(step);
    } else if (!requests_.has_any_in_flight(now)) {
        next = maybe_send(step, role.leader, next_fetch(step, role));
    } else {
        next = requests_.bootstrap_ready_at(now);
    }
    return std::min(next, role.fetch_deadline);
}

std::optional<SimTime> RaftNode::poll_resigned(const Step& step, const Resigned& role) {
    std::optional<SimTime> next;
    const EndQuorumEpochRequest end{config_.id, role.epoch, role.preferred_successors};
    for (const BrokerId voter : role.unacknowledged) {
        next = earlier(next, maybe_send(step, voter, end));
    }
    // A node that stops stays here until the others have elected a leader or its time is up.
    if (shutdown_deadline_)
        return earlier(next, shutdown_deadline_);
    if (role.election_timeout <= step.now()) {
        // With pre-vote the epoch moves first: asking in the epoch that it led, it would seem to be
        // its leader still.
        if (config_.pre_vote) {
            to_unattached(step, LeaderEpoch(role.epoch.value() + 1));
        } else {
            to_candidate(step);
        }
        return step.now();
    }
    return earlier(next, role.election_timeout);
}

SimTime RaftNode::send_fetch_to_any_voter(const Step& step) {
    const auto voter = requests_.find_ready_bootstrap(step.now(), step.context.draws.bootstrap);
    if (voter)
        return maybe_send(step, *voter, fetch_request(step));
    return requests_.bootstrap_ready_at(step.now());
}

SimTime RaftNode::maybe_send(const Step& step, BrokerId to, const RaftRequest& body) {
    if (requests_.is_ready(to, step.now())) {
        const CorrelationId correlation = requests_.on_sent(to, step.now());
        step.emit(SendRequest{to, correlation, body});
    }
    return requests_.ready_at(to, step.now());
}

FetchRequest RaftNode::fetch_request(const Step& step) const {
    const OffsetAndEpoch end = step.log_end();
    return {
        {config_.id, config_.directory}, epoch(), end.offset, end.epoch, config_.fetch_max_wait};
}

RaftRequest RaftNode::next_fetch(const Step& step, const Follower& role) const {
    if (!role.fetching)
        return fetch_request(step);
    return FetchSnapshotRequest{{config_.id, config_.directory},
                                epoch(),
                                role.fetching->id,
                                role.fetching->position,
                                config_.snapshot_chunk_bytes};
}

}  // namespace bsim::kraft
