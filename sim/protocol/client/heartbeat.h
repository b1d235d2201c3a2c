#pragma once
// The three clocks of a member: when the next heartbeat is due, until when the coordinator keeps
// the member without one, and until when the application must call poll().
// Source: org.apache.kafka.clients.consumer.internals.Heartbeat.

#include <algorithm>
#include <cstdint>

#include "sim/base/backoff.h"
#include "sim/base/time.h"
#include "sim/protocol/client/draw_sequence.h"
#include "sim/protocol/client/settings.h"

namespace bsim::client {

class Heartbeat {
  public:
    explicit Heartbeat(const ConsumerSettings& settings)
        : interval_(settings.group->heartbeat_interval_ms),
          session_timeout_(settings.group->session_timeout_ms),
          max_poll_interval_(settings.group->max_poll_interval_ms),
          backoff_(client_backoff(settings.retry_backoff_ms, settings.retry_backoff_max_ms)) {}

    void polled(SimTime now) { poll_deadline_ = now + max_poll_interval_; }
    void sent(SimTime now) { due_at_ = now + interval_; }
    void failed(SimTime now, DrawSequence& draws) {
        due_at_ = now + backoff_.after(attempts_++, draws.next());
    }
    void received(SimTime now) {
        attempts_ = 0;
        reset_session(now);
    }
    void reset_session(SimTime now) { session_deadline_ = now + session_timeout_; }
    void reset_all(SimTime now) {
        reset_session(now);
        polled(now);
        due_at_ = now + interval_;
    }

    SimTime due_at() const { return due_at_; }
    bool due(SimTime now) const { return due_at_ <= now; }
    bool session_expired(SimTime now) const { return session_deadline_ <= now; }
    bool poll_expired(SimTime now) const { return poll_deadline_ <= now; }
    // When one of the three clocks strikes next.
    SimTime next_at() const { return std::min({due_at_, session_deadline_, poll_deadline_}); }

  private:
    SimDuration interval_;
    SimDuration session_timeout_;
    SimDuration max_poll_interval_;
    ExponentialBackoff backoff_;
    std::int64_t attempts_ = 0;
    SimTime due_at_;
    SimTime session_deadline_;
    SimTime poll_deadline_;
};

}  // namespace bsim::client
