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
    if (close_deadline_) {
        run_close(turn);
    } else if (poll_deadline_) {
        run_poll(turn);
    }
    arm_timer(turn);
}

void Consumer::take(ConsumerTurn& turn, const ConsumerInput& in) {
    if (std::holds_alternative<Started>(in)) {
        for (const auto& [tp, position] : positions_)
            network_.metadata().add_topic(turn.now, tp.topic);
    } else if (const auto* poll = std::get_if<PollCalled>(&in)) {
        BSIM_CHECK(!poll_deadline_);
        poll_deadline_ = turn.now + poll->timeout;
    } else if (const auto* sought = std::get_if<SeekCalled>(&in)) {
        seek(turn, *sought);
    } else if (std::holds_alternative<TimerFired>(in)) {
        armed_.reset();
    } else if (std::holds_alternative<CloseRequested>(in)) {
        begin_close(turn);
    } else {
        inbox_.push_back(in);
    }
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
    if (std::optional<PollFailed> failure = update_positions(turn)) {
        end_poll(turn, std::move(*failure));
        return false;
    }
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

std::optional<PollFailed> Consumer::update_positions(ConsumerTurn& turn) {
    if (auto failure = offsets_.validate(turn, positions_, network_))
        return failure;
    has_all_positions_ = std::all_of(positions_.begin(), positions_.end(),
                                     [](const auto& one) { return one.second.is_fetching(); });
    if (has_all_positions_)
        return std::nullopt;
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
    network_.send_queued(turn);
    heard = heard || !inbox_.empty();
    read_inbox(turn);
    network_.poll(turn);
    network_.send_queued(turn);
    return handle_outcomes(turn) || heard;
}

bool Consumer::handle_outcomes(ConsumerTurn& turn) {
    const std::vector<RequestOutcome> outcomes = network_.take_outcomes();
    for (const RequestOutcome& outcome : outcomes) {
        const bool known = fetcher_.handle(outcome, positions_, network_) ||
                           offsets_.handle(turn, outcome, positions_, network_);
        BSIM_CHECK(known);
    }
    return !outcomes.empty();
}

// --- close() ---------------------------------------------------------------------------------

void Consumer::begin_close(ConsumerTurn& turn) {
    if (close_deadline_)
        return;
    poll_deadline_.reset();
    close_deadline_ = turn.now + kCloseTimeout;
    fetcher_.close_sessions(turn, network_);
}

void Consumer::run_close(ConsumerTurn& turn) {
    while (poll_network(turn)) {
    }
    if (!fetcher_.closed() && turn.now < *close_deadline_)
        return;
    network_.close(turn);
    closed_ = true;
    turn.out.emplace_back(Closed{});
}

// --- Timer -----------------------------------------------------------------------------------

void Consumer::arm_timer(ConsumerTurn& turn) {
    if (closed_ || (!poll_deadline_ && !close_deadline_))
        return;
    SimTime next = close_deadline_.value_or(poll_deadline_.value_or(turn.now));
    // Kafka's consumer does not sleep longer while it has nothing to wait for, or misses a
    // position.
    if (!close_deadline_ && (!has_all_positions_ || network_.in_flight_count() == 0))
        next = std::min(next, turn.now + settings_.retry_backoff_ms);
    if (const auto wake = network_.next_wake(turn.now))
        next = std::min(next, *wake);
    next = std::max(next, turn.now);
    // A timer that fires too early does no harm.
    if (armed_ && *armed_ <= next)
        return;
    armed_ = next;
    turn.out.emplace_back(ArmTimer{next});
}

}  // namespace bsim::client
