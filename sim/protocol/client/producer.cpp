#include "sim/protocol/client/producer.h"

#include <algorithm>
#include <utility>

#include "sim/base/check.h"

namespace bsim::client {

std::string_view error_name(FailureCause cause, wire::ErrorCode error) {
    switch (cause) {
        case FailureCause::DeliveryTimeout:
        case FailureCause::MaxBlock:
            return "TIMEOUT";
        case FailureCause::Closed:
            return error == wire::ErrorCode::None ? "CLOSED" : wire::name(error);
        case FailureCause::Broker:
        case FailureCause::Rejected:
            return wire::name(error);
    }
    return wire::name(error);
}

Producer::Producer(const ProducerSettings& settings) : settings_(settings), sender_(settings) {}

void Producer::step(SimTime now,
                    std::uint64_t drawn,
                    const ProducerInput& in,
                    ProducerEffects& out) {
    SenderTurn turn{now, DrawSequence(drawn), out};
    take(in, turn);
    run_calls(turn);
    // A record wakes the sender, which comes a moment later; all else is the sender's own business.
    const bool records_only = std::holds_alternative<RecordReady>(in);
    if (started_ && !closed_ && !records_only) {
        wake_sender_ = false;
        while (sender_.run(turn) || wake_sender_) {
            wake_sender_ = false;
            run_calls(turn);
        }
        maybe_finish_close(turn);
    }
    arm_timer(now, out);
}

void Producer::take(const ProducerInput& in, SenderTurn& turn) {
    if (std::holds_alternative<Started>(in)) {
        started_ = true;
    } else if (const auto* record = std::get_if<RecordReady>(&in)) {
        if (closing_) {
            fail_call(*record, FailureCause::Closed, wire::ErrorCode::None, turn);
        } else {
            calls_.push_back(*record);
        }
    } else if (const auto* opened = std::get_if<ConnectionOpened>(&in)) {
        sender_.connection_opened(turn, opened->connection);
    } else if (const auto* failed = std::get_if<ConnectionFailed>(&in)) {
        sender_.connection_lost(turn, failed->connection);
    } else if (const auto* lost = std::get_if<ConnectionClosed>(&in)) {
        sender_.connection_lost(turn, lost->connection);
    } else if (const auto* arrived = std::get_if<ResponseArrived>(&in)) {
        sender_.response_arrived(turn, arrived->connection, arrived->response);
    } else if (std::holds_alternative<TimerFired>(in)) {
        armed_.reset();
    } else if (std::holds_alternative<CloseRequested>(in)) {
        closing_ = true;
        sender_.close();
        // Calls that wait fail, as their threads find the producer closed.
        for (const RecordReady& call : std::exchange(calls_, {})) {
            fail_call(call, FailureCause::Closed, wire::ErrorCode::None, turn);
            wait_.reset();  // only the first of them had its turn
        }
        sender_.accumulator().memory().stop_waiting();
        announce_block(std::nullopt, turn.out);
    }
}

// --- The application's calls of send(), one after the other ----------------------------------

void Producer::run_calls(SenderTurn& turn) {
    if (!started_)
        return;
    while (!calls_.empty()) {
        if (run_call(calls_.front(), turn) == CallResult::Blocked) {
            announce_block(wait_->for_memory ? BlockedOn::Memory : BlockedOn::Metadata, turn.out);
            return;
        }
        calls_.pop_front();
        wait_.reset();
    }
    announce_block(std::nullopt, turn.out);
}

Producer::CallResult Producer::run_call(const RecordReady& call, SenderTurn& turn) {
    if (!wait_)
        wait_ = Wait{turn.now + settings_.max_block_ms, std::nullopt, false};
    if (!wait_->for_memory) {
        const CallResult metadata = await_metadata(call, turn);
        if (metadata != CallResult::Proceeds)
            return metadata;
    }
    return append(call, turn);
}

Producer::CallResult Producer::await_metadata(const RecordReady& call, SenderTurn& turn) {
    MetadataUpdater& metadata = sender_.metadata();
    const wire::ErrorCode error = metadata.topic_error(call.topic);
    if (wait_->metadata_version) {
        if (turn.now >= wait_->deadline) {
            fail_call(call, FailureCause::MaxBlock, error, turn);
            return CallResult::Done;
        }
        if (metadata.update_version() <= *wait_->metadata_version)
            return CallResult::Blocked;
    }
    if (error == wire::ErrorCode::InvalidTopicException ||
        error == wire::ErrorCode::TopicAuthorizationFailed) {
        fail_call(call, FailureCause::Rejected, error, turn);
        return CallResult::Done;
    }
    metadata.add_topic(turn.now, call.topic);
    const std::int32_t count = metadata.cluster().partition_count(call.topic);
    if (count > 0 && (!call.partition || call.partition->value() < count)) {
        return CallResult::Proceeds;
    }
    wait_->metadata_version = metadata.request_update_for(call.topic);
    wake_sender_ = true;
    return CallResult::Blocked;
}

Producer::CallResult Producer::append(const RecordReady& call, SenderTurn& turn) {
    const PendingRecord record{call.id, call.timestamp, call.key, call.value};
    const std::int32_t bound = single_record_bound(record);
    if (bound > settings_.max_request_size || bound > settings_.buffer_memory) {
        fail_call(call, FailureCause::Rejected, wire::ErrorCode::MessageTooLarge, turn);
        return CallResult::Done;
    }
    const ClusterMetadata& cluster = sender_.metadata().cluster();
    std::optional<PartitionIndex> partition = call.partition;
    if (!partition && call.key && !settings_.partitioner_ignore_keys) {
        partition = partition_for_key(call.key->view(), cluster.partition_count(call.topic));
    }
    switch (sender_.accumulator().append({turn.now, cluster, turn.draws}, call.topic, partition,
                                         record)) {
        case RecordAccumulator::Append::Joined:
            return CallResult::Done;
        case RecordAccumulator::Append::BeganOrFilled:
            wake_sender_ = true;
            return CallResult::Done;
        case RecordAccumulator::Append::NoMemory:
            break;
    }
    if (turn.now >= wait_->deadline) {
        sender_.accumulator().memory().stop_waiting();
        RecordReady placed = call;
        placed.partition = partition;
        fail_call(placed, FailureCause::MaxBlock, wire::ErrorCode::None, turn);
        return CallResult::Done;
    }
    // Batches that linger are sent now, to make room.
    if (!wait_->for_memory)
        wake_sender_ = true;
    wait_->for_memory = true;
    return CallResult::Blocked;
}

void Producer::fail_call(const RecordReady& call,
                         FailureCause cause,
                         wire::ErrorCode error,
                         SenderTurn& turn) {
    const SimDuration waited =
        wait_ ? turn.now - (wait_->deadline - settings_.max_block_ms) : SimDuration(0);
    turn.out.emplace_back(RecordFailed{call.id, call.topic, call.partition, cause, error, waited});
}

void Producer::announce_block(std::optional<BlockedOn> on, ProducerEffects& out) {
    if (announced_ == on)
        return;
    if (on) {
        out.emplace_back(Blocked{*on});
    } else {
        out.emplace_back(Unblocked{});
    }
    announced_ = on;
}

// --- Timer and end ---------------------------------------------------------------------------

void Producer::arm_timer(SimTime now, ProducerEffects& out) {
    if (!started_ || closed_)
        return;
    std::optional<SimTime> next = sender_.next_wake(now);
    if (wait_)
        next = next ? std::min(*next, wait_->deadline) : wait_->deadline;
    if (wake_sender_)
        next = now;
    // A timer that fires too early does no harm, and most deadlines only ever move away.
    if (!next || (armed_ && *armed_ <= *next))
        return;
    next = std::max(*next, now);
    armed_ = next;
    out.emplace_back(ArmTimer{*next});
}

void Producer::maybe_finish_close(SenderTurn& turn) {
    if (!closing_ || !sender_.is_drained())
        return;
    sender_.close_connections(turn);
    closed_ = true;
    turn.out.emplace_back(Closed{});
}

}  // namespace bsim::client
