#include "sim/protocol/client/consumer_coordinator.h"

#include <algorithm>
#include <utility>

#include "sim/base/check.h"

namespace bsim::client {

using wire::ErrorCode;

std::string_view name(AssignmentCause why) {
    switch (why) {
        case AssignmentCause::Assigned:
            return "assigned";
        case AssignmentCause::Revoked:
            return "revoked";
        case AssignmentCause::Lost:
            return "lost";
        case AssignmentCause::Closed:
            return "closed";
    }
    return "";
}

ConsumerCoordinator::ConsumerCoordinator(const ConsumerSettings& settings)
    : retry_backoff_(settings.retry_backoff_ms),
      max_poll_interval_(settings.group->max_poll_interval_ms),
      default_api_timeout_(settings.group->default_api_timeout_ms),
      truncation_check_(settings.truncation_check),
      lookup_(settings),
      membership_(settings),
      subscription_(*settings.group),
      commits_(settings),
      committed_(settings) {}

void ConsumerCoordinator::subscribe(const Use& use, std::set<std::string> topics) {
    subscription_.subscribe(use.turn.now, std::move(topics), use.network.metadata());
}

std::vector<TopicPartition> ConsumerCoordinator::owned(const Use& use) {
    std::vector<TopicPartition> all;
    for (const auto& [tp, position] : use.positions)
        all.push_back(tp);
    return all;
}

CommittableOffsets ConsumerCoordinator::consumed(const Use& use) const {
    CommittableOffsets all;
    for (const auto& [tp, position] : use.positions) {
        if (!position.is_fetching())
            continue;
        all[tp].offset = position.value()->offset;
        if (truncation_check_)
            all[tp].epoch = position.value()->offset_epoch;
    }
    return all;
}

void ConsumerCoordinator::tell_owned(const Use& use, AssignmentCause why) const {
    const Generation& generation = membership_.generation();
    use.turn.out.emplace_back(
        AssignmentUpdated{why, owned(use), generation.id, generation.member_id});
}

void ConsumerCoordinator::fail(const GroupFailure& failure) {
    const bool assignor = failure.kind == GroupFailure::Kind::Assignor;
    failure_ =
        PollFailed{assignor ? PollFailure::Assignor : PollFailure::Refused, failure.error, {}};
}

std::optional<SimTime> ConsumerCoordinator::sleeps_until() const {
    if (lookup_.sleeps_until())
        return lookup_.sleeps_until();
    return commits_.syncing() ? commits_.sleeps_until() : committed_.sleeps_until();
}

// --- poll() ----------------------------------------------------------------------------------

Progress ConsumerCoordinator::poll(const Use& use, SimTime deadline) {
    if (elected_)
        return Progress::Waits;
    subscription_.look_at_metadata(use.network.metadata());
    if (const auto fenced = commits_.tell_completed(use.turn)) {
        fail(*fenced);
        return Progress::GaveUp;
    }
    if (const auto failed = membership_.take_heartbeat_failure()) {
        fail(*failed);
        return Progress::GaveUp;
    }
    if (membership_.heartbeats_wanted() && membership_.heartbeat().due(use.turn.now))
        heartbeat_wake_ = std::min(heartbeat_wake_, use.turn.now);
    membership_.heartbeat().polled(use.turn.now);

    const Progress known = lookup_.ensure_known(use.turn, use.network, deadline);
    if (known != Progress::Done) {
        if (const auto failed = lookup_.take_failure())
            fail(*failed);
        return known;
    }
    if (rejoin_needed_or_pending() && !join_if_needed(use))
        return elected_ ? Progress::Waits : Progress::GaveUp;
    maybe_auto_commit(use);
    return Progress::Done;
}

void ConsumerCoordinator::maybe_auto_commit(const Use& use) {
    const std::optional<SimTime> due = commits_.next_auto();
    if (!due || use.turn.now < *due)
        return;
    commits_.restart_auto_clock(use.turn.now);
    commits_.begin_async(group(use), membership_, CommitKind::Auto, consumed(use));
}

std::optional<SimTime> ConsumerCoordinator::next_poll() const {
    std::optional<SimTime> next = commits_.next_auto();
    if (!membership_.not_joined()) {
        const SimTime due = membership_.heartbeat().due_at();
        next = next ? std::min(*next, due) : due;
    }
    return next;
}

Progress ConsumerCoordinator::find_positions(const Use& use, SimTime deadline) {
    CommittedOffsets::Question question;
    for (const auto& [tp, position] : use.positions) {
        if (position.state() == ConsumerPosition::State::Initializing)
            question.partitions.insert(tp);
    }
    if (question.partitions.empty()) {
        committed_.abandon();
        return Progress::Done;
    }
    if (membership_.state() == MemberState::Stable)
        question.generation = membership_.generation();
    const Progress progress = committed_.fetch(group(use), question, deadline);
    if (const auto failed = committed_.take_failure())
        fail(*failed);
    if (progress != Progress::Done)
        return progress;
    for (const auto& [tp, offset] : committed_.take_offsets()) {
        const auto position = use.positions.find(tp);
        if (!offset || position == use.positions.end())
            continue;
        if (offset->epoch)
            use.network.metadata().note_epoch(tp, *offset->epoch);
        const FetchPosition at{offset->offset, offset->epoch,
                               use.network.cluster().current_leader(tp)};
        if (truncation_check_) {
            position->second.seek_unvalidated(at);
        } else {
            position->second.seek_validated(at);
        }
        use.turn.out.emplace_back(
            PositionReset{tp, std::nullopt, offset->offset, ResetReason::Committed});
    }
    return Progress::Done;
}

// --- Commits ---------------------------------------------------------------------------------

void ConsumerCoordinator::commit(const Use& use, const CommitCalled& call) {
    const GroupTurn g = group(use);
    CommittableOffsets offsets = call.offsets ? *call.offsets : consumed(use);
    for (const auto& [tp, offset] : offsets) {
        if (offset.epoch)
            use.network.metadata().note_epoch(tp, *offset.epoch);
    }
    if (call.sync) {
        commits_.begin_sync(g, CommitKind::Sync, std::move(offsets),
                            use.turn.now + default_api_timeout_);
    } else {
        commits_.tell_completed(use.turn);
        commits_.begin_async(g, membership_, CommitKind::Async, std::move(offsets));
    }
}

// --- close() ---------------------------------------------------------------------------------

void ConsumerCoordinator::begin_close() {
    lookup_.abandon();
    committed_.abandon();
    commits_.abandon_sync();
    elected_.reset();
    close_stage_ = CloseStage::Commit;
}

Progress ConsumerCoordinator::close(const Use& use, SimTime deadline) {
    const GroupTurn g = group(use);
    if (close_stage_ == CloseStage::Commit) {
        if (commits_.auto_commit() && !commits_.syncing())
            commits_.begin_sync(g, CommitKind::Auto, consumed(use), deadline);
        close_stage_ = CloseStage::PendingCommits;
    }
    if (close_stage_ == CloseStage::PendingCommits) {
        if (commits_.syncing()) {
            const Progress progress = commits_.run_sync(g, membership_);
            if (progress != Progress::Done)
                return progress;
        }
        if (commits_.waiting_for_coordinator() && use.turn.now < deadline) {
            const Progress progress = lookup_.ensure_known(use.turn, use.network, deadline);
            return progress == Progress::Sleeps ? progress : Progress::Waits;
        }
        commits_.tell_completed(use.turn);
        close_stage_ = CloseStage::Leave;
    }
    if (close_stage_ == CloseStage::Leave) {
        lookup_.abandon();
        membership_.stop_heartbeats();
        on_leave_prepare(use);
        membership_.leave(g, "the consumer is being closed");
        left_coordinator_ = g.coordinator();
        close_stage_ = CloseStage::AwaitRequests;
    }
    const bool pending = left_coordinator_ && use.network.anything_pending(*left_coordinator_);
    if (pending && use.turn.now < deadline)
        return Progress::Waits;
    commits_.tell_completed(use.turn);
    close_stage_ = CloseStage::Closed;
    return Progress::Done;
}

void ConsumerCoordinator::on_leave_prepare(const Use& use) {
    if (use.positions.empty())
        return;
    const Generation& generation = membership_.generation();
    const bool lost =
        generation.id == kNoGeneration || generation.member_id.empty() || membership_.rebalancing();
    use.positions.clear();
    tell_owned(use, lost ? AssignmentCause::Lost : AssignmentCause::Closed);
}

// --- The heartbeat thread --------------------------------------------------------------------

bool ConsumerCoordinator::heartbeat_thread_due(SimTime now) const {
    // The lookup holds the lock that the thread needs.
    return membership_.heartbeats_wanted() && !lookup_.waiting() && !elected_ &&
           heartbeat_wake_ <= now;
}

std::optional<SimTime> ConsumerCoordinator::heartbeat_thread_wake(bool in_call) const {
    if (!membership_.heartbeats_wanted() || lookup_.waiting() || elected_)
        return std::nullopt;
    if (!in_call || membership_.not_joined())
        return heartbeat_wake_;
    return std::max(heartbeat_wake_, membership_.heartbeat().next_at());
}

bool ConsumerCoordinator::rests_heartbeats() {
    if (!membership_.not_joined() && !membership_.heartbeat_failed())
        return false;
    membership_.stop_heartbeats();
    return true;
}

void ConsumerCoordinator::run_heartbeat_thread(const Use& use) {
    if (rests_heartbeats())
        return;
    const GroupTurn g = group(use);
    const SimTime now = use.turn.now;
    const std::optional<NodeId> coordinator = g.coordinator();
    if (!coordinator) {
        if (lookup_.asking()) {
            lookup_.forget_question();
        } else {
            lookup_.ask(use.turn, use.network);
        }
        heartbeat_wake_ = now + retry_backoff_;
    } else if (membership_.heartbeat().session_expired(now)) {
        lookup_.mark_unknown(use.network, false);
    } else if (membership_.heartbeat().poll_expired(now)) {
        membership_.leave(g, "consumer poll timeout has expired.");
    } else if (!membership_.heartbeat().due(now)) {
        heartbeat_wake_ = now + retry_backoff_;
    } else {
        membership_.send_heartbeat(g, *coordinator);
    }
}

// --- Answers ---------------------------------------------------------------------------------

bool ConsumerCoordinator::handle(const Use& use, const RequestOutcome& outcome) {
    const GroupTurn g = group(use);
    switch (lookup_.handle(use.turn, outcome, use.network)) {
        case CoordinatorLookup::News::Found:
            membership_.heartbeat().reset_session(use.turn.now);
            commits_.coordinator_found(g, membership_);
            return true;
        case CoordinatorLookup::News::Failed:
            commits_.lookup_failed();
            return true;
        case CoordinatorLookup::News::NotMine:
            break;
    }
    GroupMembership::Handled handled = membership_.handle(g, outcome);
    if (handled.wake_heartbeats)
        heartbeat_wake_ = use.turn.now;
    if (handled.elected && close_stage_ == CloseStage::Open) {
        subscription_.begin_leading(use.turn.now, *handled.elected, use.network.metadata());
        elected_ = Elected{std::move(*handled.elected), 0};
        MetadataUpdater& metadata = use.network.metadata();
        if (metadata.update_requested() || metadata.is_due(use.turn.now)) {
            metadata.request_update();
            elected_->metadata_version = metadata.update_version();
        }
        look_at_metadata(use);
    }
    return handled.mine || commits_.handle(g, outcome, membership_) ||
           committed_.handle(g, outcome);
}

void ConsumerCoordinator::look_at_metadata(const Use& use) {
    if (!elected_ || elected_->metadata_version == use.network.metadata().update_version())
        return;
    const Elected elected = std::move(*std::exchange(elected_, std::nullopt));
    auto assignments = subscription_.assign(elected.told, use.network.metadata());
    if (assignments) {
        membership_.sync(group(use), std::move(*assignments));
    } else {
        membership_.fail_join(assignments.error());
    }
}

}  // namespace bsim::client
