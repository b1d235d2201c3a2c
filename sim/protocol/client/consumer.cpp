#include "sim/protocol/client/consumer.h"

#include <algorithm>
#include <utility>

#include "sim/base/check.h"

namespace bsim::client {

namespace {

// KafkaConsumer.close() waits that long at most.
constexpr SimDuration kCloseTimeout = seconds(30);

}  // namespace

std::string_view failure_name(const PollFailed& failure) {
    switch (failure.why) {
        case PollFailure::NoOffset:
            return "NO_OFFSET_FOR_PARTITION";
        case PollFailure::LogTruncation:
            return "LOG_TRUNCATION";
        case PollFailure::Assignor:
            return "ASSIGNOR_FAILED";
        case PollFailure::OffsetOutOfRange:
        case PollFailure::CorruptRecords:
        case PollFailure::Refused:
            return wire::name(failure.error);
    }
    return wire::name(failure.error);
}

std::string_view name(ResetReason why) {
    switch (why) {
        case ResetReason::Initial:
            return "initial";
        case ResetReason::Committed:
            return "committed";
        case ResetReason::Sought:
            return "seek";
        case ResetReason::OutOfRange:
            return "out_of_range";
        case ResetReason::Truncated:
            return "truncated";
        case ResetReason::NoEpoch:
            return "no_epoch";
    }
    return "";
}

Consumer::Consumer(const ConsumerSettings& settings, const std::vector<TopicPartition>& assigned)
    : settings_(settings), network_(settings), offsets_(settings), fetcher_(settings) {
    BSIM_CHECK(!settings.group || assigned.empty());
    if (settings.group)
        member_.emplace(settings);
    for (const TopicPartition& tp : assigned)
        positions_[tp];
}

std::optional<Offset> Consumer::position(const TopicPartition& tp) const {
    const ConsumerPosition& state = positions_.at(tp);
    return state.value() ? std::optional(state.value()->offset) : std::nullopt;
}

void Consumer::step(SimTime now,
                    std::uint64_t drawn,
                    const ConsumerInput& in,
                    ConsumerEffects& out) {
    if (closed_)
        return;
    ConsumerTurn turn{now, DrawSequence(drawn), out};
    take(turn, in);
    do {
        run_heartbeat_thread(turn);
        run_call(turn);
    } while (!closed_ && member_ && member_->heartbeat_thread_due(now));
    arm_timer(turn);
}

void Consumer::run_heartbeat_thread(ConsumerTurn& turn) {
    if (!member_)
        return;
    while (member_->heartbeat_thread_due(turn.now) && !member_->rests_heartbeats()) {
        poll_network(turn);
        member_->run_heartbeat_thread(use(turn));
    }
    if (member_->awaits_metadata())
        poll_network(turn);
}

void Consumer::run_call(ConsumerTurn& turn) {
    if (close_deadline_) {
        run_close(turn);
    } else if (poll_deadline_) {
        run_poll(turn);
    } else if (member_ && member_->committing()) {
        run_commit(turn);
    }
}

void Consumer::take(ConsumerTurn& turn, const ConsumerInput& in) {
    if (take_call(turn, in))
        return;
    if (std::holds_alternative<Started>(in)) {
        for (const auto& [tp, position] : positions_)
            network_.metadata().add_topic(turn.now, tp.topic);
    } else if (std::holds_alternative<TimerFired>(in)) {
        armed_.reset();
    } else {
        inbox_.push_back(in);
    }
}

bool Consumer::take_call(ConsumerTurn& turn, const ConsumerInput& in) {
    if (const auto* poll = std::get_if<PollCalled>(&in)) {
        BSIM_CHECK(!in_call());
        poll_deadline_ = turn.now + poll->timeout;
    } else if (const auto* subscribed = std::get_if<SubscribeCalled>(&in)) {
        BSIM_CHECK(!in_call() && member_);
        member_->subscribe(use(turn), subscribed->topics);
    } else if (const auto* commit = std::get_if<CommitCalled>(&in)) {
        BSIM_CHECK(!in_call() && member_);
        member_->commit(use(turn), *commit);
        // Whatever comes of it, the network is polled once.
        if (member_->committing())
            call_ = member_->run_commit(use(turn));
        poll_network(turn);
    } else if (const auto* sought = std::get_if<SeekCalled>(&in)) {
        seek(turn, *sought);
    } else if (std::holds_alternative<CloseRequested>(in)) {
        begin_close(turn);
    } else {
        return false;
    }
    return true;
}

void Consumer::seek(ConsumerTurn& turn, const SeekCalled& call) {
    BSIM_CHECK(!poll_deadline_);
    ConsumerPosition& position = positions_.at(call.partition);
    const auto before = position.value();
    position.seek_validated(
        {call.offset, std::nullopt, network_.cluster().current_leader(call.partition)});
    turn.out.emplace_back(PositionReset{call.partition,
                                        before ? std::optional(before->offset) : std::nullopt,
                                        call.offset, ResetReason::Sought});
}

void Consumer::read_inbox(ConsumerTurn& turn) {
    std::vector<ConsumerInput> news = std::exchange(inbox_, {});
    for (ConsumerInput& in : news) {
        if (const auto* opened = std::get_if<ConnectionOpened>(&in)) {
            network_.connection_opened(turn, opened->connection);
        } else if (const auto* failed = std::get_if<ConnectionFailed>(&in)) {
            network_.connection_lost(turn, failed->connection);
        } else if (const auto* lost = std::get_if<ConnectionClosed>(&in)) {
            network_.connection_lost(turn, lost->connection);
        } else if (auto* arrived = std::get_if<ResponseArrived>(&in)) {
            network_.response_arrived(turn, arrived->connection, std::move(arrived->response));
        }
    }
}

// --- poll() ----------------------------------------------------------------------------------

void Consumer::run_poll(ConsumerTurn& turn) {
    while (poll_round(turn)) {
    }
}

template <class End>
void Consumer::end_poll(ConsumerTurn& turn, End&& end) {
    poll_deadline_.reset();
    turn.out.emplace_back(std::forward<End>(end));
}

// One pass of poll()'s loop. True if another is worth while; it ends where Kafka's thread sleeps.
bool Consumer::poll_round(ConsumerTurn& turn) {
    const std::size_t effects_before = turn.out.size();
    if (!prepare_poll(turn) || call_ == Progress::Sleeps)
        return false;
    if (call_ == Progress::Waits)
        return poll_network(turn);
    if (hand_out(turn))
        return false;
    send_fetches(turn);
    const bool heard = poll_network(turn);
    if (hand_out(turn))
        return false;
    if (turn.now >= *poll_deadline_) {
        end_poll(turn, PollTimedOut{});
        return false;
    }
    return heard || turn.out.size() != effects_before;
}

bool Consumer::prepare_poll(ConsumerTurn& turn) {
    std::optional<PollFailed> failure;
    call_ = Progress::Done;
    if (member_) {
        call_ = member_->poll(use(turn), *poll_deadline_);
        // It does not wait for the group, but looks once whether there is an answer.
        if (member_->join_pending() && poll_network(turn))
            call_ = member_->poll(use(turn), *poll_deadline_);
        failure = member_->take_failure();
    }
    if (!failure && call_ == Progress::Done)
        failure = update_positions(turn);
    if (!failure)
        return true;
    end_poll(turn, std::move(*failure));
    return false;
}

std::optional<PollFailed> Consumer::update_positions(ConsumerTurn& turn) {
    if (auto failure = offsets_.validate(turn, positions_, network_))
        return failure;
    has_all_positions_ = std::all_of(positions_.begin(), positions_.end(),
                                     [](const auto& one) { return one.second.is_fetching(); });
    if (has_all_positions_)
        return std::nullopt;
    if (member_) {
        call_ = member_->find_positions(use(turn), *poll_deadline_);
        if (auto failure = member_->take_failure())
            return failure;
        if (call_ != Progress::Done)
            return std::nullopt;
    }
    if (auto failure = begin_resets())
        return failure;
    return offsets_.reset(turn, positions_, network_);
}

std::optional<PollFailed> Consumer::begin_resets() {
    PollFailed missing{PollFailure::NoOffset, wire::ErrorCode::None, {}};
    for (auto& [tp, position] : positions_) {
        if (position.state() != ConsumerPosition::State::Initializing)
            continue;
        if (settings_.auto_offset_reset == OffsetReset::None) {
            missing.partitions.push_back({tp, std::nullopt, std::nullopt});
        } else {
            position.request_reset(ResetReason::Initial);
        }
    }
    if (missing.partitions.empty())
        return std::nullopt;
    return missing;
}

// Ends the poll if there is something to end it with.
bool Consumer::hand_out(ConsumerTurn& turn) {
    ConsumerFetcher::Collected got = fetcher_.collect(positions_, network_.metadata());
    if (got.empty())
        return false;
    if (got.failure) {
        end_poll(turn, std::move(*got.failure));
        return true;
    }
    // What the answers mean is looked at in the next poll().
    send_fetches(turn);
    if (network_.anything_pending()) {
        network_.send_queued(turn);
        read_inbox(turn);
        network_.poll(turn);
    }
    end_poll(turn, RecordsReady{std::move(got.partitions)});
    return true;
}

void Consumer::send_fetches(ConsumerTurn& turn) {
    offsets_.look_at_metadata(positions_, network_.metadata());
    fetcher_.send_fetches(turn, positions_, network_);
}

// True if news came in or requests got their outcome.
bool Consumer::poll_network(ConsumerTurn& turn) {
    bool heard = handle_outcomes(turn);
    network_.drop_disconnected(turn);
    network_.send_queued(turn);
    heard = heard || !inbox_.empty();
    read_inbox(turn);
    network_.poll(turn);
    network_.send_queued(turn);
    heard = handle_outcomes(turn) || heard;
    if (member_)
        member_->look_at_metadata(use(turn));
    return heard;
}

bool Consumer::handle_outcomes(ConsumerTurn& turn) {
    const std::vector<RequestOutcome> outcomes = network_.take_outcomes();
    for (const RequestOutcome& outcome : outcomes) {
        const bool known = fetcher_.handle(outcome, positions_, network_) ||
                           offsets_.handle(turn, outcome, positions_, network_) ||
                           (member_ && member_->handle(use(turn), outcome));
        BSIM_CHECK(known);
    }
    return !outcomes.empty();
}

// --- commitSync() ----------------------------------------------------------------------------

void Consumer::run_commit(ConsumerTurn& turn) {
    do {
        call_ = member_->run_commit(use(turn));
    } while (call_ == Progress::Waits && poll_network(turn));
}

// --- close() ---------------------------------------------------------------------------------

void Consumer::begin_close(ConsumerTurn& turn) {
    if (close_deadline_)
        return;
    poll_deadline_.reset();
    close_deadline_ = turn.now + kCloseTimeout;
    if (member_) {
        member_->begin_close();
    } else {
        fetcher_.close_sessions(turn, network_);
    }
}

// True when the group has been left, or the time for it is over.
bool Consumer::run_group_close(ConsumerTurn& turn) {
    const SimTime deadline =
        *close_deadline_ - kCloseTimeout + std::min(kCloseTimeout, settings_.request_timeout_ms);
    do {
        call_ = member_->close(use(turn), deadline);
    } while (call_ == Progress::Waits && poll_network(turn));
    return call_ == Progress::Done;
}

void Consumer::run_close(ConsumerTurn& turn) {
    if (member_ && !group_closed_) {
        if (!run_group_close(turn))
            return;
        group_closed_ = true;
        fetcher_.close_sessions(turn, network_);
    }
    while (poll_network(turn)) {
    }
    if (!fetcher_.closed() && turn.now < *close_deadline_)
        return;
    network_.close(turn);
    closed_ = true;
    turn.out.emplace_back(Closed{});
}

// --- Timer -----------------------------------------------------------------------------------

// When the call that the application is in goes on, if nothing happens before.
std::optional<SimTime> Consumer::call_wake(SimTime now) const {
    const bool committing = member_ && member_->committing();
    if (!poll_deadline_ && !close_deadline_ && !committing)
        return std::nullopt;
    if (call_ == Progress::Sleeps)
        return member_->sleeps_until();
    SimTime next = poll_deadline_    ? *poll_deadline_
                   : close_deadline_ ? *close_deadline_
                                     : member_->commit_deadline();
    // An elected leader's wait for fresh metadata knows no deadline.
    if (call_ == Progress::Waits && poll_deadline_ && next <= now)
        next = now + settings_.retry_backoff_ms;
    // Kafka's consumer does not sleep longer while it has nothing to wait for, or misses a
    // position.
    const bool misses_position = poll_deadline_ && !has_all_positions_;
    const bool idle = network_.in_flight_count() == 0 && (!close_deadline_ || !group_closed_);
    if ((misses_position || idle) && (!close_deadline_ || (member_ && !group_closed_)))
        next = std::min(next, now + settings_.retry_backoff_ms);
    if (const auto wake = network_.next_wake(now))
        next = std::min(next, *wake);
    if (poll_deadline_ && member_) {
        // What is due already waits for something else.
        if (const auto wake = member_->next_poll(); wake && *wake > now)
            next = std::min(next, *wake);
    }
    return next;
}

void Consumer::arm_timer(ConsumerTurn& turn) {
    if (closed_)
        return;
    std::optional<SimTime> wake = call_wake(turn.now);
    const auto consider = [&](std::optional<SimTime> at) {
        if (at)
            wake = wake ? std::min(*wake, *at) : *at;
    };
    if (member_) {
        consider(member_->heartbeat_thread_wake(wake && call_ != Progress::Sleeps));
        if (member_->awaits_metadata())
            consider(network_.next_wake(turn.now));
    }
    if (!wake)
        return;
    SimTime next = *wake;
    next = std::max(next, turn.now);
    // A timer that fires too early does no harm, but for a member: it would try again too soon.
    if (armed_ && (member_ ? *armed_ == next : *armed_ <= next))
        return;
    armed_ = next;
    turn.out.emplace_back(ArmTimer{next});
}

}  // namespace bsim::client
