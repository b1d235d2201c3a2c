#pragma once
// Kafka's admin client: whom a call goes to, and when it is tried again.
//
// It first asks one of the bootstrap brokers for metadata (ids of the live brokers, and the
// "controller", which in KRaft is any live broker); then each call goes to that controller, to the
// least loaded broker, or to the broker that it names, once the metadata lists it. A call
// whose connection breaks is tried again after 100 ms x 2^n +-20 %, at most 1 s; so is one answered
// NOT_CONTROLLER, after new metadata. A call whose connection could not be made goes to the next
// node without counting as tried; every broken or failed connection makes the client ask for
// metadata, and is made again 50 ms x 2^n +-20 % later, at most 1 s. All other errors are the
// caller's to read: the client retries none of them. A call not answered within
// default.api.timeout.ms fails; one attempt may take at most request.timeout.ms.
//
// One request per broker is under way at a time, in order of submission. Metadata is asked for at
// most every 100 ms. DEVIATION: Kafka's client asks for metadata when it is made and every 5
// minutes; this one when a call needs it and the last is older than that, as nobody can tell while
// no call is made. Absent: quota violations, closing, bootstrap.controllers. Source:
// KafkaAdminClient, AdminMetadataManager (3.9).

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <variant>
#include <vector>

#include "sim/base/backoff.h"
#include "sim/base/strong.h"
#include "sim/base/time.h"
#include "sim/model/ids.h"

namespace bsim::admin {

// Names a call; its content stays with the caller.
using CallId = Strong<struct AdminCallIdTag, std::uint64_t>;

struct AdminConfig {
    std::vector<BrokerId> bootstrap;  // bootstrap.servers, not empty
    SimDuration default_api_timeout = milliseconds(60000);
    SimDuration request_timeout = milliseconds(30000);
    SimDuration retry_backoff = milliseconds(100);
    SimDuration retry_backoff_max = milliseconds(1000);
    SimDuration metadata_max_age = milliseconds(300000);
    SimDuration reconnect_backoff = milliseconds(50);
    SimDuration reconnect_backoff_max = milliseconds(1000);
};

struct AdminContext {
    SimTime now;
    std::uint64_t draw = 0;  // uniform, drawn anew for every step
};

// Most calls go to the "controller", which forwards them.
struct ToController {};
struct ToAnyBroker {};
using CallTarget = std::variant<ToController, ToAnyBroker, BrokerId>;

// ---- inputs ----
struct CallSubmitted {
    CallId call;
    CallTarget target = ToController{};
};
struct CallAnswered {
    CallId call;
    bool not_controller;  // the answer holds NOT_CONTROLLER
};
// brokers: the live ones, ascending; controller: as the answer names it.
struct MetadataAnswered {
    std::vector<BrokerId> brokers;
    std::optional<BrokerId> controller;
};
// The connection broke, and what was under way on it is lost; or it could not be made, so that
// nothing was sent.
struct Disconnected {
    BrokerId broker;
    bool connect_failed = false;
};
struct TimerFired {};

using AdminInput =
    std::variant<CallSubmitted, CallAnswered, MetadataAnswered, Disconnected, TimerFired>;

// ---- effects ----
struct SendMetadataRequest {
    BrokerId broker;
    bool operator==(const SendMetadataRequest&) const = default;
};
struct SendCall {
    BrokerId broker;
    CallId call;
    SimDuration timeout;  // goes into the request's timeoutMs
    bool operator==(const SendCall&) const = default;
};
// Close the connection; what is under way on it is lost and must not be reported any more.
struct CloseConnection {
    BrokerId broker;
    bool operator==(const CloseConnection&) const = default;
};
// The answer given last for this call is final.
struct CompleteCall {
    CallId call;
    bool operator==(const CompleteCall&) const = default;
};
// The call failed with a timeout.
struct FailCall {
    CallId call;
    bool operator==(const FailCall&) const = default;
};
// Replaces the one timer; absent: none is needed.
struct ArmTimer {
    std::optional<SimTime> at;
    bool operator==(const ArmTimer&) const = default;
};

using AdminEffect =
    std::variant<SendMetadataRequest, SendCall, CloseConnection, CompleteCall, FailCall, ArmTimer>;
using AdminEffects = std::vector<AdminEffect>;

class AdminClient {
  public:
    explicit AdminClient(AdminConfig config);

    // Appends to `out`; the caller carries the effects out, in order, before the next step.
    void step(const AdminContext& context, const AdminInput& in, AdminEffects& out);

  private:
    struct Step {
        const AdminContext& context;
        AdminEffects& out;
        SimTime now() const { return context.now; }
        void emit(AdminEffect effect) const { out.push_back(std::move(effect)); }
    };
    struct Call {
        std::optional<CallId> id;  // absent: the client's own request for metadata
        CallTarget target;
        SimTime deadline;
        SimTime not_before;  // backoff
        std::int64_t tries = 0;
        std::optional<BrokerId> on;  // whom it is for
        bool sent = false;
        SimTime attempt_deadline;  // when sent
    };
    struct Connection {
        bool is_open = false;
        std::int64_t failures = 0;  // in a row
        SimTime not_before;
    };

    void on(const Step& step, const CallSubmitted& in);
    void on(const Step& step, const CallAnswered& in);
    void on(const Step& step, const MetadataAnswered& in);
    void on(const Step& step, const Disconnected& in);
    void on(const Step& step, const TimerFired& in);

    void disconnected(const Step& step, BrokerId broker, bool connect_failed);
    void fail_attempt(const Step& step, std::size_t index);
    void give_up(const Step& step, std::size_t index);
    void expire(const Step& step);
    void assign(const Step& step);
    void send(const Step& step);
    void arm_timer(const Step& step);
    std::optional<BrokerId> least_loaded(const Step& step) const;
    std::optional<BrokerId> target_of(const Step& step, const Call& call) const;
    bool is_busy(BrokerId broker) const;
    bool may_connect(BrokerId broker, SimTime now) const;
    SimTime metadata_due() const;

    AdminConfig config_;
    ExponentialBackoff retry_backoff_;
    ExponentialBackoff reconnect_backoff_;
    std::vector<Call> calls_;  // by submission
    std::map<BrokerId, Connection> connections_;
    std::vector<BrokerId> brokers_;  // from the latest metadata; empty before the first
    std::optional<BrokerId> controller_;
    bool metadata_wanted_ = false;
    std::optional<SimTime> metadata_attempt_;  // start of the latest request
    std::optional<SimTime> metadata_updated_;
    std::optional<SimTime> armed_;
};

}  // namespace bsim::admin
