#include "sim/protocol/client/offset_commits.h"

#include <algorithm>
#include <utility>

#include "sim/wire/messages/offset_commit_request.h"

namespace bsim::client {

using wire::ErrorCode;

namespace {

GroupFailure answered(ErrorCode error) {
    return {GroupFailure::Kind::Answered, error};
}

// Of an answer: the coordinator may have appended the offsets before it knew that it must say this,
// as when it resigns or its followers lag; who loads its log puts them in force.
bool may_be_in_force(const std::optional<GroupFailure>& failure) {
    return failure &&
           (failure->is(ErrorCode::RequestTimedOut) || failure->is(ErrorCode::NotCoordinator) ||
            failure->is(ErrorCode::CoordinatorNotAvailable));
}

}  // namespace

OffsetCommits::OffsetCommits(const ConsumerSettings& settings)
    : settings_(*settings.group),
      auto_commit_(settings.group->enable_auto_commit),
      auto_interval_(settings.group->auto_commit_interval_ms),
      retry_backoff_(settings.retry_backoff_ms),
      backoff_(client_backoff(settings.retry_backoff_ms, settings.retry_backoff_max_ms)) {}

// --- Attempts --------------------------------------------------------------------------------

void OffsetCommits::send(const GroupTurn& g, GroupMembership& membership, Attempt attempt) {
    if (attempt.offsets.empty())
        return finish(attempt, std::nullopt);
    const std::optional<NodeId> coordinator = g.coordinator();
    if (!coordinator)
        return finish(attempt, answered(ErrorCode::CoordinatorNotAvailable));
    if (membership.state() != MemberState::Stable) {
        return finish(attempt, membership.rebalancing()
                                   ? answered(ErrorCode::RebalanceInProgress)
                                   : GroupFailure{GroupFailure::Kind::NotMember});
    }
    attempt.sent_in = membership.generation();
    wire::OffsetCommitRequest request;
    request.group_id = settings_.group_id;
    request.generation_id_or_member_epoch = attempt.sent_in.id.value();
    request.member_id = attempt.sent_in.member_id;
    request.group_instance_id = settings_.group_instance_id;
    for (const auto& [tp, committed] : attempt.offsets) {
        if (request.topics.empty() || request.topics.back().name != tp.topic)
            request.topics.emplace_back().name = tp.topic;
        auto& partition = request.topics.back().partitions.emplace_back();
        partition.partition_index = tp.partition.value();
        partition.committed_offset = committed.offset.value();
        if (committed.epoch)
            partition.committed_leader_epoch = committed.epoch->value();
        partition.committed_metadata = "";
    }
    in_flight_[g.network.enqueue(g.now(), {*coordinator, std::move(request)})] = std::move(attempt);
    g.network.send_queued(g.turn);
}

void OffsetCommits::finish(const Attempt& attempt,
                           std::optional<GroupFailure> failure,
                           bool in_doubt) {
    if (attempt.awaited)
        results_[attempt.id] = {failure, in_doubt};
    if (!attempt.told_later)
        return;
    --async_in_flight_;
    if (attempt.offsets.empty())
        return;
    if (failure && failure->is(ErrorCode::FencedInstanceId))
        fenced_ = failure;
    completed_.push_back(
        {attempt.id, *attempt.told_later, std::move(failure), attempt.sent_in.id, in_doubt});
}

std::optional<OffsetCommits::Result> OffsetCommits::take_result(CommitId id) {
    const auto node = results_.extract(id);
    if (node.empty())
        return std::nullopt;
    return std::move(node.mapped());
}

// --- Without waiting -------------------------------------------------------------------------

std::optional<CommitId> OffsetCommits::start_async(const GroupTurn& g,
                                                   GroupMembership& membership,
                                                   Attempt attempt) {
    attempt.id = CommitId(next_id_++);
    const CommitId id = attempt.id;
    if (!attempt.offsets.empty())
        g.turn.out.emplace_back(CommitBegun{id, *attempt.told_later, attempt.offsets});
    const bool ready = attempt.offsets.empty() || g.coordinator() ||
                       g.lookup.ensure_known(g.turn, g.network, g.now()) == Progress::Done;
    if (!ready) {
        attempt.awaited = false;
        waiting_.push_back(std::move(attempt));
        if (!g.lookup.ask(g.turn, g.network))
            lookup_failed();
        return std::nullopt;
    }
    ++async_in_flight_;
    send(g, membership, std::move(attempt));
    return id;
}

void OffsetCommits::coordinator_found(const GroupTurn& g, GroupMembership& membership) {
    for (Attempt& one : std::exchange(waiting_, {})) {
        ++async_in_flight_;
        send(g, membership, std::move(one));
    }
}

void OffsetCommits::lookup_failed() {
    for (const Attempt& one : std::exchange(waiting_, {})) {
        completed_.push_back(
            {one.id, *one.told_later, answered(ErrorCode::CoordinatorNotAvailable), kNoGeneration});
    }
}

std::optional<GroupFailure> OffsetCommits::tell_completed(ConsumerTurn& turn) {
    for (const Completion& one : std::exchange(completed_, {})) {
        CommitEnded ended{one.id, one.kind, {}, false, one.generation};
        if (one.failure) {
            ended.error = failure_name(*one.failure);
            ended.may_be_in_force = one.in_doubt;
            if (one.kind == CommitKind::Auto && one.failure->retriable())
                next_auto_ = turn.now + retry_backoff_;
        }
        turn.out.emplace_back(std::move(ended));
    }
    return fenced_;
}

// --- Waiting ---------------------------------------------------------------------------------

void OffsetCommits::begin_sync(const GroupTurn& g,
                               CommitKind kind,
                               CommittableOffsets offsets,
                               SimTime end) {
    const CommitId id(next_id_++);
    if (!offsets.empty())
        g.turn.out.emplace_back(CommitBegun{id, kind, offsets});
    sync_ = Sync{id, kind, std::move(offsets), end, kNoGeneration};
}

Progress OffsetCommits::run_sync(const GroupTurn& g, GroupMembership& membership) {
    if (std::optional<GroupFailure> fenced = tell_completed(g.turn))
        return end_sync(g.turn, std::move(fenced));
    while (true) {
        if (const std::optional<Progress> end = advance_sync(g, membership))
            return *end;
    }
}

std::optional<Progress> OffsetCommits::advance_sync(const GroupTurn& g,
                                                    GroupMembership& membership) {
    const GroupFailure late{GroupFailure::Kind::TimedOut};
    Sync& sync = *sync_;
    if (sync.offsets.empty()) {
        // It still waits for the asynchronous ones before it.
        const bool over = async_in_flight_ == 0 || g.now() >= sync.deadline;
        return over ? end_sync(g.turn, std::nullopt) : Progress::Waits;
    }
    if (sync.sleep_until) {
        if (g.now() < *sync.sleep_until)
            return Progress::Sleeps;
        sync.sleep_until.reset();
        if (g.now() >= sync.deadline)
            return end_sync(g.turn, late);
    }
    if (!sync.attempt) {
        const Progress known = g.lookup.ensure_known(g.turn, g.network, sync.deadline);
        if (known == Progress::Waits || known == Progress::Sleeps)
            return known;
        if (known == Progress::GaveUp)
            return end_sync(g.turn, g.lookup.take_failure().value_or(late));
        sync.attempt = CommitId(next_id_++);
        sync.generation = membership.generation().id;
        send(g, membership, {*sync.attempt, sync.offsets});
    }
    const std::optional<Result> result = take_result(*sync.attempt);
    if (!result) {
        if (g.now() < sync.deadline)
            return Progress::Waits;
        sync.in_doubt = true;
        return end_sync(g.turn, late);
    }
    sync.in_doubt = sync.in_doubt || result->in_doubt;
    if (!result->failure || !result->failure->retriable())
        return end_sync(g.turn, result->failure);
    if (result->in_doubt)
        g.turn.out.emplace_back(
            CommitRetried{std::string(failure_name(*result->failure)), sync.generation});
    sync.attempt.reset();
    const SimDuration backoff = backoff_.after(sync.attempts++, g.turn.draws.next());
    sync.sleep_until = std::min(g.now() + backoff, std::max(g.now(), sync.deadline));
    return std::nullopt;
}

Progress OffsetCommits::end_sync(ConsumerTurn& turn, std::optional<GroupFailure> failure) {
    CommitEnded ended{sync_->id, sync_->kind, {}, false, sync_->generation};
    if (failure) {
        ended.error = failure_name(*failure);
        ended.may_be_in_force = sync_->in_doubt;
    }
    if (sync_->kind == CommitKind::Sync || !sync_->offsets.empty())
        turn.out.emplace_back(std::move(ended));
    sync_.reset();
    return Progress::Done;
}

// --- Answers ---------------------------------------------------------------------------------

bool OffsetCommits::handle(const GroupTurn& g,
                           const RequestOutcome& outcome,
                           GroupMembership& membership) {
    const auto node = in_flight_.extract(outcome.id);
    if (node.empty())
        return false;
    const Attempt& attempt = node.mapped();
    switch (outcome.outcome) {
        case ClientResponse::Outcome::Answered: {
            const auto& told = std::get<wire::OffsetCommitResponse>(outcome.response->body);
            const std::optional<GroupFailure> failure = read(g, attempt, told, membership);
            finish(attempt, failure, may_be_in_force(failure));
            break;
        }
        case ClientResponse::Outcome::TimedOut:
            finish(attempt, GroupFailure{GroupFailure::Kind::TimedOut});
            break;
        case ClientResponse::Outcome::VersionUnsupported:
            finish(attempt, answered(ErrorCode::UnsupportedVersion));
            break;
        case ClientResponse::Outcome::Sent:
        case ClientResponse::Outcome::Disconnected:
            g.lookup.mark_unknown(g.network, true);
            finish(attempt, GroupFailure{GroupFailure::Kind::Disconnected}, true);
            break;
    }
    return true;
}

std::optional<GroupFailure> OffsetCommits::read(const GroupTurn& g,
                                                const Attempt& attempt,
                                                const wire::OffsetCommitResponse& told,
                                                GroupMembership& membership) const {
    std::optional<GroupFailure> unauthorized;
    for (const auto& topic : told.topics) {
        for (const auto& partition : topic.partitions) {
            const ErrorCode error = wire::error_code(partition.error_code);
            if (error == ErrorCode::TopicAuthorizationFailed) {
                unauthorized = answered(error);
            } else if (error != ErrorCode::None) {
                return read_error(g, attempt, error, membership);
            }
        }
    }
    return unauthorized;
}

std::optional<GroupFailure> OffsetCommits::read_error(const GroupTurn& g,
                                                      const Attempt& attempt,
                                                      ErrorCode error,
                                                      GroupMembership& membership) const {
    const bool unchanged = membership.generation() == attempt.sent_in;
    const bool joining = membership.state() == MemberState::PreparingRebalance;
    switch (error) {
        case ErrorCode::GroupAuthorizationFailed:
        case ErrorCode::OffsetMetadataTooLarge:
        case ErrorCode::InvalidCommitOffsetSize:
        case ErrorCode::CoordinatorLoadInProgress:
        case ErrorCode::UnknownTopicOrPartition:
            return answered(error);
        case ErrorCode::CoordinatorNotAvailable:
        case ErrorCode::NotCoordinator:
        case ErrorCode::RequestTimedOut:
            g.lookup.mark_unknown(g.network, false);
            return answered(error);
        case ErrorCode::FencedInstanceId:
            if (unchanged)
                return answered(error);
            return joining ? answered(ErrorCode::RebalanceInProgress)
                           : GroupFailure{GroupFailure::Kind::NotMember, error};
        case ErrorCode::RebalanceInProgress:
            membership.request_rejoin("offset commit failed since group is already rebalancing");
            return answered(error);
        case ErrorCode::UnknownMemberId:
        case ErrorCode::IllegalGeneration:
            if (!unchanged && joining)
                return answered(ErrorCode::RebalanceInProgress);
            membership.reset_generation(
                "encountered " + std::string(wire::name(error)) + " from OFFSET_COMMIT response",
                error != ErrorCode::IllegalGeneration);
            return GroupFailure{GroupFailure::Kind::NotMember, error};
        default:
            return GroupFailure{GroupFailure::Kind::Unexpected, error};
    }
}

}  // namespace bsim::client
