#include "sim/protocol/controller/quorum_controller.h"

#include <algorithm>
#include <utility>

#include "sim/base/check.h"
#include "sim/protocol/controller/commit_notices.h"

namespace bsim::controller {
namespace {

// Kafka keeps work that is to run "at once" back a little, so that requests get their turn.
constexpr SimDuration kImmediately = milliseconds(10);

// Requests that ask for nothing are answered before they get to the controller's queue.
std::optional<ControllerResponse> answer_to_nothing(const ControllerRequest& request) {
    if (const auto* alter = std::get_if<wire::AlterPartitionRequest>(&request)) {
        if (alter->topics.empty())
            return wire::AlterPartitionResponse{};
    } else if (const auto* create = std::get_if<wire::CreateTopicsRequest>(&request)) {
        if (create->topics.empty())
            return wire::CreateTopicsResponse{};
    } else if (const auto* grow = std::get_if<wire::CreatePartitionsRequest>(&request)) {
        if (grow->topics.empty())
            return wire::CreatePartitionsResponse{};
    } else if (const auto* remove = std::get_if<wire::DeleteTopicsRequest>(&request)) {
        if (remove->topics.empty() && remove->topic_names.empty()) {
            return wire::DeleteTopicsResponse{};
        }
    } else if (const auto* elect = std::get_if<wire::ElectLeadersRequest>(&request)) {
        if (elect->topic_partitions && elect->topic_partitions->empty()) {
            return wire::ElectLeadersResponse{};
        }
    } else if (const auto* move = std::get_if<wire::AlterPartitionReassignmentsRequest>(&request)) {
        if (move->topics.empty())
            return wire::AlterPartitionReassignmentsResponse{};
    } else if (const auto* set = std::get_if<wire::IncrementalAlterConfigsRequest>(&request)) {
        if (set->resources.empty())
            return wire::IncrementalAlterConfigsResponse{};
    }
    return std::nullopt;
}

struct CarryOut {
    const OperationContext& context;
    ControllerState& state;

    OperationResult operator()(const wire::BrokerRegistrationRequest& r) const {
        return register_broker(context, state, r);
    }
    OperationResult operator()(const wire::BrokerHeartbeatRequest& r) const {
        return heartbeat(context, state, r);
    }
    OperationResult operator()(const wire::ControllerRegistrationRequest& r) const {
        return register_controller(r);
    }
    OperationResult operator()(const wire::AlterPartitionRequest& r) const {
        return alter_partition(context, state, r);
    }
    OperationResult operator()(const wire::CreateTopicsRequest& r) const {
        return create_topics(context, state, r);
    }
    OperationResult operator()(const wire::CreatePartitionsRequest& r) const {
        return create_partitions(context, state, r);
    }
    OperationResult operator()(const wire::DeleteTopicsRequest& r) const {
        return delete_topics(state, r);
    }
    OperationResult operator()(const wire::ElectLeadersRequest& r) const {
        return elect_leaders(state, r);
    }
    OperationResult operator()(const wire::AllocateProducerIdsRequest& r) const {
        return allocate_producer_ids(state, r);
    }
    OperationResult operator()(const wire::UnregisterBrokerRequest& r) const {
        return unregister_broker(state, r);
    }
    OperationResult operator()(const wire::AlterPartitionReassignmentsRequest& r) const {
        return alter_reassignments(state, r);
    }
    OperationResult operator()(const wire::IncrementalAlterConfigsRequest& r) const {
        return alter_configs(state, r);
    }
    OperationResult operator()(const wire::AssignReplicasToDirsRequest& r) const {
        return assign_replicas_to_dirs(state, r);
    }
};

}  // namespace

QuorumController::QuorumController(ControllerConfig config) : state_(std::move(config)) {}

void QuorumController::became_active(const StepContext& context,
                                     LeaderEpoch epoch,
                                     ControllerEffects& out) {
    if (epoch_) {  // still the leader, in a newer epoch
        epoch_ = epoch;
        return;
    }
    epoch_ = epoch;
    next_offset_ = context.next_offset;
    state_.activate(context.now, committed_);
    const bool log_is_empty = !committed_.last_offset().has_value();
    finish(context, activation_records(log_is_empty), nullptr, out);
    const auto& interval = state_.config().max_idle_interval;
    if (interval)
        next_no_op_ = context.now + *interval;
}

void QuorumController::resigned(ControllerEffects& out) {
    if (!epoch_)
        return;
    epoch_.reset();
    for (Waiting& each : waiting_) {
        if (each.token)
            out.push_back(Reply{*each.token, std::move(each.refusal)});
    }
    waiting_.clear();
    noted_.clear();
    next_no_op_.reset();
    fencing_armed_ = false;
    balance_ = {};
    unclean_ = {};
}

void QuorumController::request_arrived(const StepContext& context,
                                       const RequestArrived& request,
                                       ControllerEffects& out) {
    if (auto answer = answer_to_nothing(request.body)) {
        out.push_back(Reply{request.token, std::move(*answer)});
        return;
    }
    if (!epoch_) {
        out.push_back(
            Reply{request.token, error_response(request.body, wire::ErrorCode::NotController)});
        return;
    }
    run_overdue(context, out);
    next_offset_ = std::max(next_offset_, context.next_offset);
    const OperationContext operation{context.now, next_offset_, request.version, context.draws};
    OperationResult result = std::visit(CarryOut{operation, state_}, request.body);
    if (result.refused) {
        out.push_back(Reply{request.token, error_response(request.body, *result.refused)});
        return;
    }
    finish(context, std::move(result), &request, out);
}

// Appends what the operation wrote and puts its answer where it waits for the commit. An operation
// that wrote nothing may have read what is not committed yet, so it waits for the newest of those
// that do.
void QuorumController::finish(const StepContext& context,
                              OperationResult result,
                              const RequestArrived* request,
                              ControllerEffects& out) {
    next_offset_ = std::max(next_offset_, context.next_offset);
    const bool wrote = !result.records.empty();
    if (wrote)
        append(context.now, result, out);
    const Offset last_offset = Offset(next_offset_.value() - 1);
    if (result.sessions_changed)
        fencing_armed_ = true;
    if (result.shutting_down) {
        state_.heartbeats().set_controlled_shutdown_offset(*result.shutting_down,
                                                           last_offset.value());
    }
    schedule_periodic(context.now);

    if (!wrote && request == nullptr)
        return;
    if (!wrote && waiting_.empty()) {
        out.push_back(Reply{request->token, std::move(result.response)});
        return;
    }
    Waiting waiting;
    waiting.last_offset = wrote ? last_offset : waiting_.back().last_offset;
    waiting.response = std::move(result.response);
    if (request != nullptr) {
        waiting.token = request->token;
        waiting.refusal = error_response(request->body, wire::ErrorCode::NotController);
    }
    waiting_.push_back(std::move(waiting));
}

void QuorumController::append(SimTime now, OperationResult& result, ControllerEffects& out) {
    const std::size_t all = result.records.size();
    const auto limit = static_cast<std::size_t>(state_.config().max_records_per_batch);
    BSIM_CHECK(!result.atomic || all <= limit);
    for (std::size_t from = 0; from < all; from += limit) {
        const std::size_t to = std::min(all, from + limit);
        AppendRecords batch;
        batch.base_offset = next_offset_;
        for (std::size_t i = from; i < to; ++i) {
            state_.apply(now, result.records[i].record, next_offset_);
            if (result.notes[i] != RecordNote{})
                noted_.push_back({next_offset_, result.notes[i]});
            batch.records.push_back(std::move(result.records[i]));
            next_offset_ = next_offset_ + 1;
        }
        out.push_back(std::move(batch));
    }
}

// Leaders are balanced, and unclean leaders elected, an interval after there is reason to; at once
// if the last round stopped at its limit.
void QuorumController::schedule_periodic(SimTime now) {
    const auto schedule = [&](Periodic& periodic, SimDuration interval) {
        if (periodic.schedule == Schedule::Scheduled)
            return;
        periodic.due = now + (periodic.schedule == Schedule::Immediately ? kImmediately : interval);
        periodic.schedule = Schedule::Scheduled;
    };
    const ControllerConfig& config = state_.config();
    if (config.imbalance_check_interval && !state_.imbalanced().empty()) {
        schedule(balance_, *config.imbalance_check_interval);
    }
    if (!state_.isrs().leaderless().empty())
        schedule(unclean_, config.unclean_check_interval);
}

void QuorumController::run_periodic(const StepContext& context,
                                    Periodic& periodic,
                                    OperationResult result,
                                    ControllerEffects& out) {
    const auto limit = static_cast<std::size_t>(state_.config().max_elections_per_imbalance);
    periodic.schedule = result.records.size() >= limit ? Schedule::Immediately : Schedule::Deferred;
    finish(context, std::move(result), nullptr, out);
}

void QuorumController::time_passed(const StepContext& context, ControllerEffects& out) {
    if (!epoch_)
        return;
    const SimTime now = context.now;
    const auto due = [&](const Periodic& periodic) {
        return periodic.schedule == Schedule::Scheduled && periodic.due <= now;
    };
    if (fencing_armed_ && state_.heartbeats().stale_broker(now)) {
        finish(context, fence_one_stale_broker(now, state_), nullptr, out);
    }
    if (due(balance_))
        run_periodic(context, balance_, balance_leaders(state_), out);
    if (due(unclean_))
        run_periodic(context, unclean_, elect_unclean_leaders(state_), out);
    if (next_no_op_ && *next_no_op_ <= now) {
        next_no_op_ = now + *state_.config().max_idle_interval;
        finish(context, no_op_record(), nullptr, out);
    }
}

// Kafka's event queue takes what has come due before what waits in it: a broker whose session is
// over is fenced, and out of its ISRs, before its next incarnation may register.
void QuorumController::run_overdue(const StepContext& context, ControllerEffects& out) {
    for (auto due = next_wakeup(); due && *due <= context.now; due = next_wakeup())
        time_passed(context, out);
}

std::optional<SimTime> QuorumController::next_wakeup() const {
    if (!epoch_)
        return std::nullopt;
    std::optional<SimTime> next = next_no_op_;
    const auto consider = [&](std::optional<SimTime> due) {
        if (due && (!next || *due < *next))
            next = due;
    };
    if (fencing_armed_)
        consider(state_.heartbeats().next_check());
    if (balance_.schedule == Schedule::Scheduled)
        consider(balance_.due);
    if (unclean_.schedule == Schedule::Scheduled)
        consider(unclean_.due);
    return next;
}

RecordNote QuorumController::take_note(Offset offset,
                                       std::span<const wire::VersionedRecord> batch,
                                       std::size_t index) {
    if (!epoch_)
        return infer_note(batch, index);
    while (!noted_.empty() && noted_.front().offset < offset)
        noted_.pop_front();
    if (noted_.empty() || noted_.front().offset != offset)
        return RecordNote{};
    return noted_.front().note;
}

void QuorumController::batch_committed(const CommittedBatch& batch, ControllerEffects& out) {
    Offset offset = batch.base_offset;
    for (std::size_t i = 0; i < batch.records.size(); ++i, offset = offset + 1) {
        const RecordNote note = take_note(offset, batch.records, i);
        if (batch.announce) {
            apply_and_notice({batch.records, i, offset, note}, committed_, out);
        } else {
            committed_.apply(batch.records[i].record, offset);
        }
    }
}

void QuorumController::commits_handled(Offset end, ControllerEffects& out) {
    while (!waiting_.empty() && waiting_.front().last_offset < end) {
        Waiting& done = waiting_.front();
        if (done.token)
            out.push_back(Reply{*done.token, std::move(done.response)});
        waiting_.pop_front();
    }
}

void QuorumController::snapshot_loaded(MetadataImage image) {
    committed_ = std::move(image);
}

}  // namespace bsim::controller
