#pragma once
// A simulated operating-system process on a host of its own: starts, boots, is paused, ends, starts
// again. What must survive its end (its directory, its identity) lives in the derived class; what
// dies with it lives in the object that boot() makes and halt() drops.
//
//   start -> (pause -> resume)* -> graceful stop | kill | power loss -> start ...
//
// Everything that a process schedules belongs to its incarnation: once it has ended, nothing of it
// runs any more. Emits NodeStarted, NodeStopped, NodePaused and NodeResumed.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <boost/container/flat_map.hpp>

#include "sim/kernel/rng.h"
#include "sim/kernel/scheduler.h"
#include "sim/network/network.h"
#include "sim/node/cpu.h"
#include "sim/node/wall_clock.h"
#include "sim/trace/tracer.h"

namespace bsim {

// The event that explains why a node has fallen silent: its end, its pause, its being cut off.
// Known to the simulator alone; what others do because they hear nothing has it as its cause.
class Outages {
  public:
    void note(const NodeName& node, EventNumber why) { why_[node] = why; }
    EventNumber of(const NodeName& node) const {
        const auto it = why_.find(node);
        return it == why_.end() ? EventNumber{} : it->second;
    }

  private:
    std::map<NodeName, EventNumber> why_;
};

// The simulator's services, shared by all nodes.
struct NodeEnv {
    Scheduler& scheduler;
    const Rng& rng;
    Network& network;
    Tracer& tracer;
    Outages& outages;
};

// Part of a process that owns connections. A connection's owner is who opened it; accepted ones
// belong to the process's server.
class ConnectionUser {
  public:
    virtual ~ConnectionUser() = default;
    virtual void connected(ConnectionId connection) = 0;
    virtual void refused(ConnectionId connection) = 0;
    virtual void received(ConnectionId connection, std::unique_ptr<Frame> frame) = 0;
    virtual void closed(ConnectionId connection, CloseReason why) = 0;
};

class Process : public SocketOwner {
  public:
    Process(const NodeEnv& env, NodeName name, HostId host);
    ~Process() override;

    const NodeName& name() const { return name_; }
    HostId host() const { return host_; }
    const NodeEnv& env() const { return env_; }
    const Lifeline& life() const { return life_; }
    SimTime now() const { return env_.scheduler.now(); }
    bool alive() const { return life_.alive(); }
    bool paused() const { return life_.paused(); }

    // Each returns the event that it emitted.
    EventNumber start(EventNumber cause);
    EventNumber kill(EventNumber cause);
    // The host goes dark, and the process with it: its peers' connections stay half-open, and its
    // disk keeps only what it had got. The host is back with the next start.
    EventNumber lose_power(EventNumber cause);
    EventNumber pause(EventNumber cause);
    // The process goes on when it has thawed (Cpu); until then it counts as paused.
    EventNumber resume(EventNumber cause, WakeOrder order);
    // Asks the process to stop; it ends when it is ready, which may take long.
    void stop_gracefully(EventNumber cause);

    // What work costs here; faults change it while the process runs.
    Cpu& cpu() { return cpu_; }
    // The machine's wall clock; faults set it wrong.
    WallClock& wall() { return wall_; }
    WallMs wall_now() const { return wall_.at(now()); }

    // Draws of this life alone: another one does not repeat them.
    RngStream life_stream(const std::string& name) const {
        return env_.rng.stream(name + "/life-" + std::to_string(life_.incarnation()));
    }

    // Told after each end, with the NodeStopped event; replaces the former listener.
    void on_ended(std::function<void(EventNumber)> listener) { ended_ = std::move(listener); }

    // Runs `action` in this incarnation after `delay`, with the current cause as its cause.
    template <class F>
    void after(SimDuration delay, F action);
    // Runs `action` now or, while paused, on resuming.
    void run(DueKind kind, InlineFunction action) {
        life_.run_or_keep(life_.incarnation(), kind, std::move(action));
    }

    template <class Body>
    EventNumber emit(Body body) {
        return env_.tracer.emit(now(), name_, std::move(body));
    }
    // What happens now is due to this event.
    EventNumber cause() const { return env_.tracer.context(); }

    ConnectionId connect(Address to, ConnectionUser& user);
    // The user hears no more of this connection.
    void close(ConnectionId connection);
    void send(ConnectionId connection, std::unique_ptr<Frame> frame);

    // SocketOwner
    void on_connected(ConnectionId connection) override;
    void on_refused(ConnectionId connection) override;
    void on_accepted(ConnectionId connection, Port port) override;
    void on_frame(ConnectionId connection, std::unique_ptr<Frame> frame) override;
    void on_closed(ConnectionId connection, CloseReason why, EventNumber cause) override;

  protected:
    // Makes the volatile part; the process has just started.
    virtual void boot() = 0;
    // Drops the volatile part; nothing may be sent or written any more.
    virtual void halt() = 0;
    virtual void begin_shutdown() = 0;
    // The host has lost power; halt() was called.
    virtual void power_lost() {}
    // Who serves connections that others open to a port on which this process listens.
    virtual ConnectionUser* server(Port /*port*/) { return nullptr; }
    void listen(Port port) { env_.network.listen({host_, port}); }
    void set_cpu(Cpu cpu) { cpu_ = std::move(cpu); }
    void set_wall(WallClock wall) { wall_ = std::move(wall); }
    // Ends the process as the last act of a graceful stop.
    void exit_gracefully();

  private:
    // What fits into an event beside the incarnation and the cause, in bytes; the rest is owned by
    // pointer.
    static constexpr std::size_t kInPlace = 24;

    EventNumber end(StopMode how);
    void wake(WakeOrder order);
    void leave_network(StopMode how, EventNumber stopped);
    ConnectionUser* user_of(ConnectionId connection);

    NodeEnv env_;
    NodeName name_;
    HostId host_;
    Cpu cpu_;
    WallClock wall_;
    SimTime paused_at_;
    Lifeline life_;
    std::function<void(EventNumber)> ended_;
    boost::container::flat_map<ConnectionId, ConnectionUser*> users_;
};

// A timer of a process: it waits while the process is paused, and its action runs with the cause
// that was current when it was armed.
class Alarm {
  public:
    Alarm(Process& process, std::function<void()> action);

    void arm(SimTime at);
    // Arms for `at`, or disarms.
    void set(std::optional<SimTime> at);
    void cancel();
    bool armed() const { return state_->armed; }

  private:
    struct State {
        Process& process;
        std::function<void()> action;
        EventNumber cause;
        SimTime deadline{};
        bool armed = false;
    };
    static void fire(const std::weak_ptr<State>& weak);

    std::shared_ptr<State> state_;
    Timer timer_;
};

template <class F>
void Process::after(SimDuration delay, F action) {
    if constexpr (sizeof(F) > kInPlace) {
        after(delay, [body = std::make_unique<F>(std::move(action))] { (*body)(); });
    } else {
        env_.scheduler.after(delay, [this, incarnation = life_.incarnation(), why = cause(),
                                     act = std::move(action)]() mutable {
            life_.run_or_keep(incarnation, DueKind::Other,
                              [this, why, inner = std::move(act)]() mutable {
                                  CauseScope scope(env_.tracer, why);
                                  inner();
                              });
        });
    }
}

}  // namespace bsim
