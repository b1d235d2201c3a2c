#include "sim/node/process.h"

#include <algorithm>

#include "sim/base/check.h"

namespace bsim {

Process::Process(const NodeEnv& env, NodeName name, HostId host)
    : env_(env), name_(std::move(name)), host_(host) {
    env_.network.attach(host_, *this, life_);
}

Process::~Process() = default;

EventNumber Process::start(EventNumber cause) {
    BSIM_CHECK(!life_.alive());
    CauseScope scope(env_.tracer, cause);
    life_.start();
    const EventNumber started = emit(NodeStarted{Incarnation(life_.incarnation())});
    boot();
    return started;
}

EventNumber Process::kill(EventNumber cause) {
    BSIM_CHECK(life_.alive());
    CauseScope scope(env_.tracer, cause);
    return end(StopMode::Kill);
}

EventNumber Process::lose_power(EventNumber cause) {
    BSIM_CHECK(life_.alive());
    CauseScope scope(env_.tracer, cause);
    return end(StopMode::Power);
}

void Process::stop_gracefully(EventNumber cause) {
    BSIM_CHECK(life_.alive());
    run(DueKind::Other, [this, cause] {
        CauseScope scope(env_.tracer, cause);
        begin_shutdown();
    });
}

void Process::exit_gracefully() {
    // Ended by an event of its own: the caller's objects go away with the volatile part.
    after(SimDuration(0), [this] { end(StopMode::Graceful); });
}

EventNumber Process::end(StopMode how) {
    const EventNumber stopped = emit(NodeStopped{how});
    env_.outages.note(name_, stopped);
    halt();
    life_.stop();
    users_.clear();
    if (how == StopMode::Power)
        power_lost();
    leave_network(how, stopped);
    if (ended_)
        ended_(stopped);
    return stopped;
}

// What the peers of its connections get to see.
void Process::leave_network(StopMode how, EventNumber stopped) {
    if (how == StopMode::Power)
        env_.network.host_lost_power(host_);
    else
        env_.network.process_ended(host_, stopped);
}

EventNumber Process::pause(EventNumber cause) {
    BSIM_CHECK(life_.alive() && !life_.paused());
    CauseScope scope(env_.tracer, cause);
    life_.pause();
    paused_at_ = now();
    const EventNumber paused = emit(NodePaused{});
    env_.outages.note(name_, paused);
    return paused;
}

EventNumber Process::resume(EventNumber cause, WakeOrder order) {
    BSIM_CHECK(life_.alive() && life_.paused());
    CauseScope scope(env_.tracer, cause);
    const EventNumber resumed = emit(NodeResumed{});
    const SimDuration thaw =
        order == WakeOrder::TimersFirst ? cpu_.thaw(now() - paused_at_) : SimDuration(0);
    if (thaw == SimDuration(0)) {
        wake(order);
    } else {
        env_.scheduler.after(thaw, [this, order, incarnation = life_.incarnation()] {
            if (life_.alive() && life_.incarnation() == incarnation && life_.paused())
                wake(order);
        });
    }
    return resumed;
}

void Process::wake(WakeOrder order) {
    for (Lifeline::Due& due : life_.resume(order))
        run(due.kind, std::move(due.action));
}

ConnectionId Process::connect(Address to, ConnectionUser& user) {
    const ConnectionId connection = env_.network.connect(host_, to);
    users_[connection] = &user;
    return connection;
}

void Process::close(ConnectionId connection) {
    users_.erase(connection);
    env_.network.close(connection, cause());
}

void Process::send(ConnectionId connection, std::unique_ptr<Frame> frame) {
    frame->cause = cause();
    env_.network.send(connection, std::move(frame));
}

ConnectionUser* Process::user_of(ConnectionId connection) {
    const auto it = users_.find(connection);
    return it == users_.end() ? nullptr : it->second;
}

void Process::on_connected(ConnectionId connection) {
    if (ConnectionUser* user = user_of(connection))
        user->connected(connection);
}

void Process::on_refused(ConnectionId connection) {
    ConnectionUser* user = user_of(connection);
    users_.erase(connection);
    if (user != nullptr)
        user->refused(connection);
}

void Process::on_accepted(ConnectionId connection, Port port) {
    if (ConnectionUser* user = server(port)) {
        users_[connection] = user;
        user->connected(connection);
    }
}

void Process::on_frame(ConnectionId connection, std::unique_ptr<Frame> frame) {
    CauseScope scope(env_.tracer, frame->cause);
    if (ConnectionUser* user = user_of(connection))
        user->received(connection, std::move(frame));
}

void Process::on_closed(ConnectionId connection, CloseReason why, EventNumber cause) {
    CauseScope scope(env_.tracer, cause);
    ConnectionUser* user = user_of(connection);
    users_.erase(connection);
    if (user != nullptr)
        user->closed(connection, why);
}

Alarm::Alarm(Process& process, std::function<void()> action)
    : state_(std::make_shared<State>(State{process, std::move(action), EventNumber{}})),
      timer_(process.env().scheduler, [weak = std::weak_ptr<State>(state_)] {
          if (const auto state = weak.lock()) {
              state->process.run(DueKind::Timer, [weak] { fire(weak); });
          }
      }) {}

void Alarm::fire(const std::weak_ptr<State>& weak) {
    const auto state = weak.lock();
    if (state == nullptr || !state->armed)
        return;
    // Due during a pause, and put off by what was caught up with before it.
    if (state->process.now() < state->deadline)
        return;
    state->armed = false;
    CauseScope scope(state->process.env().tracer, state->cause);
    state->action();
}

void Alarm::arm(SimTime at) {
    state_->armed = true;
    state_->cause = state_->process.cause();
    state_->deadline = std::max(at, state_->process.now());
    timer_.arm(state_->deadline);
}

void Alarm::set(std::optional<SimTime> at) {
    if (at) {
        arm(*at);
    } else {
        cancel();
    }
}

void Alarm::cancel() {
    state_->armed = false;
    timer_.cancel();
}

}  // namespace bsim
