#pragma once
// A broker's life as the controller sees it: register, catch up, be unfenced, beat, shut down.
//
// from                      -> to                        trigger
// NotRunning                -> Starting                  Started; sends the registration
// Starting                  -> Recovery                  a heartbeat says caught up (CaughtUp)
// Recovery                  -> Running                   a heartbeat says not fenced (Unfenced)
// Running                   -> PendingControlledShutdown ShutdownRequested, or the controller could
//                                                        not be told in time of a failed directory
// PendingControlledShutdown -> ShuttingDown              a heartbeat says shouldShutDown, or the
//                                                        time for controlled shutdown is over
// any                       -> ShuttingDown              ShutdownRequested when not Running,
// Stopped,
//                                                        or not registered in time
//
// One request is under way at a time. The next goes out: at once after a registration, on
// ReadyToUnfence, on ShutdownRequested and when a log directory fails (if one is under way, right
// after its success); 10 ms after a heartbeat while Starting; 50 ms after the first answer while
// shutting down; broker.heartbeat.interval.ms after any other success; after a failure 100 ms x 2^n
// +-2 %, at most the session timeout.
//
// Promises: ShuttingDown is final, and nothing is sent any more. Requires: requests go through a
// ControllerChannel (controller_channel.h) with a retry timeout of half the session timeout, which
// also tells when one is given up (RequestTimedOut).
// Absent: ZooKeeper migration.
// Source: BrokerLifecycleManager, BrokerServer.shutdown (3.9); KIP-631.

#include <cstdint>
#include <map>
#include <optional>
#include <variant>
#include <vector>

#include "sim/base/backoff.h"
#include "sim/base/time.h"
#include "sim/base/uuid.h"
#include "sim/model/ids.h"
#include "sim/wire/error_code.h"

namespace bsim::lifecycle {

enum class BrokerState : std::uint8_t {
    NotRunning,
    Starting,
    Recovery,
    Running,
    PendingControlledShutdown,
    ShuttingDown
};
const char* state_name(BrokerState state);  // Kafka's name, e.g. "RUNNING"

struct LifecycleConfig {
    SimDuration heartbeat_interval = milliseconds(2000);  // broker.heartbeat.interval.ms
    SimDuration session_timeout = milliseconds(9000);     // broker.session.timeout.ms
    // initial.broker.registration.timeout.ms
    SimDuration initial_registration_timeout = milliseconds(60000);
    // controlled.shutdown.enable; without it ShutdownRequested is like Stopped.
    bool controlled_shutdown = true;
    // Kafka's process asks for 5 minutes.
    SimDuration shutdown_timeout = seconds(300);
};

struct LifecycleContext {
    SimTime now;
    std::uint64_t draw = 0;  // uniform, drawn anew for every step
};

// ---- inputs ----
struct Started {
    Uuid incarnation;
    // From the clean-shutdown files; absent after an unclean end or on the first start.
    std::optional<BrokerEpoch> previous_epoch;
};
struct RegistrationAnswered {
    wire::ErrorCode error;
    BrokerEpoch epoch;
};
struct HeartbeatAnswered {
    wire::ErrorCode error;
    bool is_caught_up;
    bool is_fenced;
    bool should_shut_down;
};
// The channel gave the request under way up.
struct RequestTimedOut {};
// The broker has applied the metadata log up to and including this offset.
struct MetadataApplied {
    Offset last;
};
// Caught up and the first image published: logs are loaded, replicas assigned.
struct ReadyToUnfence {};
// The image shows a registration of this broker that lacks what it has: register again.
struct ReregistrationRequested {};
struct LogDirFailed {
    Uuid directory;
    SimDuration timeout;  // log.dir.failure.timeout.ms: by then the controller must know
};
struct ShutdownRequested {};
struct Stopped {};
struct TimerFired {};

using LifecycleInput = std::variant<Started,
                                    RegistrationAnswered,
                                    HeartbeatAnswered,
                                    RequestTimedOut,
                                    MetadataApplied,
                                    ReadyToUnfence,
                                    ReregistrationRequested,
                                    LogDirFailed,
                                    ShutdownRequested,
                                    Stopped,
                                    TimerFired>;

// ---- effects ----
// The caller adds broker id, cluster id, listeners, rack, features and log directories (sorted).
struct SendRegistration {
    Uuid incarnation;
    std::optional<BrokerEpoch> previous_epoch;
    bool operator==(const SendRegistration&) const = default;
};
struct SendHeartbeat {
    BrokerEpoch epoch;
    std::optional<Offset>
        metadata_offset;  // last applied; absent (-1 on the wire) before the first
    bool want_fence;
    bool want_shut_down;
    std::vector<Uuid> offline_log_dirs;
    bool operator==(const SendHeartbeat&) const = default;
};
struct StateChanged {
    BrokerState from;
    BrokerState to;
    bool operator==(const StateChanged&) const = default;
};
// For the first time, the controller holds this broker for caught up: load the logs now.
struct CaughtUp {
    bool operator==(const CaughtUp&) const = default;
};
// For the first time, the broker is unfenced: open the listeners to clients.
struct Unfenced {
    bool operator==(const Unfenced&) const = default;
};
enum class EndReason : std::uint8_t {
    Approved,       // the controller let it go: leaders have moved
    NotRunning,     // there was nothing to hand over
    TimedOut,       // controlled shutdown took too long
    NotRegistered,  // not registered within the initial registration timeout
    Stopped         // asked to stop without ceremony
};
// The manager is done: the process closes its logs and ends.
struct Shutdown {
    EndReason reason;
    bool operator==(const Shutdown&) const = default;
};
// Replaces the one timer; absent: none is needed.
struct ArmTimer {
    std::optional<SimTime> at;
    bool operator==(const ArmTimer&) const = default;
};

using LifecycleEffect = std::
    variant<SendRegistration, SendHeartbeat, StateChanged, CaughtUp, Unfenced, Shutdown, ArmTimer>;
using LifecycleEffects = std::vector<LifecycleEffect>;

class BrokerLifecycle {
  public:
    explicit BrokerLifecycle(LifecycleConfig config);

    // Appends to `out`; the caller carries the effects out, in order, before the next step.
    void step(const LifecycleContext& context, const LifecycleInput& in, LifecycleEffects& out);

    BrokerState state() const { return state_; }
    // Absent until registered; then the epoch of the latest registration.
    std::optional<BrokerEpoch> broker_epoch() const { return broker_epoch_; }

  private:
    struct Step {
        const LifecycleContext& context;
        LifecycleEffects& out;
        SimTime now() const { return context.now; }
        void emit(LifecycleEffect effect) const { out.push_back(std::move(effect)); }
    };
    struct OfflineDir {
        bool reported = false;
        SimTime deadline;
    };

    void on(const Step& step, const Started& in);
    void on(const Step& step, const RegistrationAnswered& in);
    void on(const Step& step, const HeartbeatAnswered& in);
    void on(const Step& step, const RequestTimedOut& in);
    void on(const Step& step, const MetadataApplied& in);
    void on(const Step& step, const ReadyToUnfence& in);
    void on(const Step& step, const ReregistrationRequested& in);
    void on(const Step& step, const LogDirFailed& in);
    void on(const Step& step, const ShutdownRequested& in);
    void on(const Step& step, const Stopped& in);
    void on(const Step& step, const TimerFired& in);
    void heartbeat_succeeded(const Step& step, const HeartbeatAnswered& in);

    void schedule(const Step& step, SimDuration delay);
    void schedule_after_failure(const Step& step);
    void communicate(const Step& step);
    void begin_shutdown(const Step& step);
    void end(const Step& step, EndReason reason);
    void change_state(const Step& step, BrokerState to);
    void arm_timer(const Step& step);

    LifecycleConfig config_;
    ExponentialBackoff resend_backoff_;
    BrokerState state_ = BrokerState::NotRunning;
    Uuid incarnation_;
    std::optional<BrokerEpoch> previous_epoch_;
    std::optional<BrokerEpoch> broker_epoch_;
    std::optional<Offset> metadata_offset_;
    std::map<Uuid, OfflineDir> offline_dirs_;
    std::vector<Uuid> offline_dirs_in_flight_;
    std::int64_t failed_attempts_ = 0;
    bool registered_ = false;
    bool in_flight_ = false;
    bool next_is_immediate_ = false;
    bool ready_to_unfence_ = false;
    bool got_shutdown_response_ = false;
    std::optional<SimTime> communicate_at_;
    std::optional<SimTime> registration_deadline_;
    std::optional<SimTime> shutdown_deadline_;
    std::optional<SimTime> armed_;
};

}  // namespace bsim::lifecycle
