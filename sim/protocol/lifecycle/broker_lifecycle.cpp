#include "sim/protocol/lifecycle/broker_lifecycle.h"

#include <algorithm>
#include <utility>

#include "sim/base/check.h"

namespace bsim::lifecycle {

const char* state_name(BrokerState state) {
    switch (state) {
        case BrokerState::NotRunning:
            return "NOT_RUNNING";
        case BrokerState::Starting:
            return "STARTING";
        case BrokerState::Recovery:
            return "RECOVERY";
        case BrokerState::Running:
            return "RUNNING";
        case BrokerState::PendingControlledShutdown:
            return "PENDING_CONTROLLED_SHUTDOWN";
        case BrokerState::ShuttingDown:
            return "SHUTTING_DOWN";
    }
    return "";
}

BrokerLifecycle::BrokerLifecycle(LifecycleConfig config)
    : config_(config), resend_backoff_{milliseconds(100), config.session_timeout, 20} {}

void BrokerLifecycle::step(const LifecycleContext& context,
                           const LifecycleInput& in,
                           LifecycleEffects& out) {
    if (state_ == BrokerState::ShuttingDown)
        return;
    BSIM_CHECK((state_ == BrokerState::NotRunning) == std::holds_alternative<Started>(in));
    const Step step{context, out};
    std::visit([&](const auto& input) { on(step, input); }, in);
    arm_timer(step);
}

void BrokerLifecycle::on(const Step& step, const Started& in) {
    incarnation_ = in.incarnation;
    previous_epoch_ = in.previous_epoch;
    change_state(step, BrokerState::Starting);
    registration_deadline_ = step.now() + config_.initial_registration_timeout;
    communicate(step);
}

void BrokerLifecycle::on(const Step& step, const RegistrationAnswered& in) {
    in_flight_ = false;
    if (in.error != wire::ErrorCode::None)
        return schedule_after_failure(step);
    failed_attempts_ = 0;
    broker_epoch_ = in.epoch;
    registered_ = true;
    registration_deadline_.reset();
    schedule(step, SimDuration{});
}

void BrokerLifecycle::on(const Step& step, const HeartbeatAnswered& in) {
    in_flight_ = false;
    const std::vector<Uuid> reported = std::exchange(offline_dirs_in_flight_, {});
    if (in.error != wire::ErrorCode::None)
        return schedule_after_failure(step);
    failed_attempts_ = 0;
    for (const Uuid& directory : reported)
        offline_dirs_.at(directory).reported = true;
    heartbeat_succeeded(step, in);
}

void BrokerLifecycle::heartbeat_succeeded(const Step& step, const HeartbeatAnswered& in) {
    switch (state_) {
        case BrokerState::Starting:
            if (in.is_caught_up) {
                change_state(step, BrokerState::Recovery);
                step.emit(CaughtUp{});
            }
            // A broker with nothing to recover starts up the quicker.
            return schedule(step, milliseconds(10));
        case BrokerState::Recovery:
            if (!in.is_fenced) {
                step.emit(Unfenced{});
                change_state(step, BrokerState::Running);
            }
            return schedule(step, config_.heartbeat_interval);
        case BrokerState::PendingControlledShutdown:
            if (in.should_shut_down)
                return end(step, EndReason::Approved);
            return schedule(step, std::exchange(got_shutdown_response_, true)
                                      ? config_.heartbeat_interval
                                      : milliseconds(50));
        case BrokerState::Running:
        case BrokerState::NotRunning:
        case BrokerState::ShuttingDown:
            return schedule(step, config_.heartbeat_interval);
    }
}

void BrokerLifecycle::on(const Step& step, const RequestTimedOut&) {
    in_flight_ = false;
    offline_dirs_in_flight_.clear();
    schedule_after_failure(step);
}

void BrokerLifecycle::on(const Step&, const MetadataApplied& in) {
    metadata_offset_ = in.last;
}

void BrokerLifecycle::on(const Step& step, const ReadyToUnfence&) {
    ready_to_unfence_ = true;
    schedule(step, SimDuration{});
}

void BrokerLifecycle::on(const Step& step, const ReregistrationRequested&) {
    registered_ = false;
    schedule(step, SimDuration{});
}

void BrokerLifecycle::on(const Step& step, const LogDirFailed& in) {
    offline_dirs_[in.directory] = OfflineDir{false, step.now() + in.timeout};
    if (registered_)
        schedule(step, SimDuration{});
}

void BrokerLifecycle::on(const Step& step, const ShutdownRequested&) {
    begin_shutdown(step);
}

void BrokerLifecycle::on(const Step& step, const Stopped&) {
    end(step, EndReason::Stopped);
}

void BrokerLifecycle::on(const Step& step, const TimerFired&) {
    armed_.reset();
    const SimTime now = step.now();
    if (registration_deadline_ && *registration_deadline_ <= now) {
        return end(step, EndReason::NotRegistered);
    }
    if (shutdown_deadline_ && *shutdown_deadline_ <= now)
        return end(step, EndReason::TimedOut);
    for (auto& [directory, dir] : offline_dirs_) {
        if (dir.reported || dir.deadline > now)
            continue;
        begin_shutdown(step);
        if (state_ == BrokerState::ShuttingDown)
            return;
    }
    if (communicate_at_ && *communicate_at_ <= now)
        communicate(step);
}

void BrokerLifecycle::begin_shutdown(const Step& step) {
    if (state_ == BrokerState::PendingControlledShutdown)
        return;
    if (!config_.controlled_shutdown)
        return end(step, EndReason::Stopped);
    if (state_ != BrokerState::Running)
        return end(step, EndReason::NotRunning);
    change_state(step, BrokerState::PendingControlledShutdown);
    shutdown_deadline_ = step.now() + config_.shutdown_timeout;
    schedule(step, SimDuration{});
}

void BrokerLifecycle::schedule(const Step& step, SimDuration delay) {
    const bool at_once = std::exchange(next_is_immediate_, false) || delay == SimDuration{};
    communicate_at_ = step.now() + (at_once ? SimDuration{} : delay);
    if (at_once)
        communicate(step);
}

void BrokerLifecycle::schedule_after_failure(const Step& step) {
    const SimDuration delay = resend_backoff_.after(failed_attempts_++, step.context.draw);
    // Whatever wanted to go out at once waits too.
    next_is_immediate_ = false;
    schedule(step, delay);
}

void BrokerLifecycle::communicate(const Step& step) {
    communicate_at_.reset();
    if (in_flight_) {
        next_is_immediate_ = true;
        return;
    }
    in_flight_ = true;
    if (!registered_) {
        step.emit(SendRegistration{incarnation_, previous_epoch_});
        return;
    }
    offline_dirs_in_flight_.clear();
    for (const auto& [directory, dir] : offline_dirs_)
        offline_dirs_in_flight_.push_back(directory);
    step.emit(SendHeartbeat{*broker_epoch_, metadata_offset_, !ready_to_unfence_,
                            state_ == BrokerState::PendingControlledShutdown,
                            offline_dirs_in_flight_});
}

void BrokerLifecycle::end(const Step& step, EndReason reason) {
    change_state(step, BrokerState::ShuttingDown);
    communicate_at_.reset();
    registration_deadline_.reset();
    shutdown_deadline_.reset();
    step.emit(Shutdown{reason});
}

void BrokerLifecycle::change_state(const Step& step, BrokerState to) {
    step.emit(StateChanged{std::exchange(state_, to), to});
}

void BrokerLifecycle::arm_timer(const Step& step) {
    std::optional<SimTime> at;
    const auto consider = [&at](std::optional<SimTime> deadline) {
        if (deadline && (!at || *deadline < *at))
            at = deadline;
    };
    consider(communicate_at_);
    consider(registration_deadline_);
    consider(shutdown_deadline_);
    if (state_ != BrokerState::ShuttingDown && state_ != BrokerState::PendingControlledShutdown) {
        for (const auto& [directory, dir] : offline_dirs_) {
            if (!dir.reported)
                consider(dir.deadline);
        }
    }
    if (at == armed_)
        return;
    armed_ = at;
    step.emit(ArmTimer{at});
}

}  // namespace bsim::lifecycle
