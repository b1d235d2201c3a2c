#pragma once
// The one place where events come into being. Nodes emit; the tracer numbers the event, adds its
// cause, folds it into the run hash and hands it to the sinks.
//
// Numbers. Every event takes the next number from 1, also Message* and Connection* events that the
// run does not record: recording, and the set of sinks, change neither numbers nor hash.
// Hash. XXH3-128 over, for each event but Message* and Connection*, the bytes
// `"t":…,"n":"…","k":"…","a":{…}` and a line feed, exactly as they stand in trace.jsonl.
// Causes. context() is the event to which what happens now is due. Within a CauseScope each event
// that is emitted without explicit causes takes the context as its cause and then becomes the
// context itself. A shell stores context() in what it schedules or sends and opens a CauseScope
// with it when that comes due. A message event that is not recorded leaves the context as it is, so
// that causes always name events that a trace holds. Outside of any scope an event has no cause
// unless one is given, and there is no context.
//
// Requires: times never fall; sinks outlive the tracer and do not emit.

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "sim/base/time.h"
#include "sim/trace/event.h"
#include "sim/trace/run_hash.h"
#include "sim/trace/sinks.h"

namespace bsim {

enum class RecordMessages { No, Yes };

class Tracer {
  public:
    explicit Tracer(RecordMessages record_messages) : record_messages_(record_messages) {}

    // Sinks are told in the order in which they subscribed, before the first event.
    void subscribe(EventSink& sink) { sinks_.push_back(&sink); }

    // The context is the cause.
    template <class Body>
    EventNumber emit(SimTime t, const NodeName& n, Body body) {
        static_assert(!kIsMessageEvent<Body>, "use emit_message");
        event_.c.clear();
        if (context_ != EventNumber{})
            event_.c.push_back(context_);
        event_.body = std::move(body);
        return publish(t, n);
    }
    // These are the causes; the context plays no part, but the event becomes it.
    template <class Body>
    EventNumber emit(SimTime t, const NodeName& n, Body body, std::span<const EventNumber> causes) {
        static_assert(!kIsMessageEvent<Body>, "use emit_message");
        event_.c.assign(causes.begin(), causes.end());
        event_.body = std::move(body);
        return publish(t, n);
    }
    // For Message* and Connection* events: `make` builds the body and is called only if the run
    // records them. Returns the context to carry on with the message.
    template <class Make>
    EventNumber emit_message(SimTime t, const NodeName& n, Make&& make) {
        using Body = decltype(make());
        static_assert(kIsMessageEvent<Body>, "use emit");
        if constexpr (std::is_same_v<Body, MessageSent>)
            ++messages_sent_;
        if constexpr (std::is_same_v<Body, MessageDropped>)
            ++messages_dropped_;
        if (record_messages_ == RecordMessages::No) {
            ++last_number_;
            return context_;
        }
        return emit_recorded(t, n, make());
    }

    EventNumber context() const { return context_; }
    // The number of the newest event, which is also how many there were.
    EventNumber last_number() const { return EventNumber(last_number_); }
    std::string hash_hex() const { return hash_.hex(); }
    std::uint64_t messages_sent() const { return messages_sent_; }
    std::uint64_t messages_dropped() const { return messages_dropped_; }

  private:
    friend class CauseScope;

    EventNumber emit_recorded(SimTime t, const NodeName& n, EventBody body);
    EventNumber publish(SimTime t, const NodeName& n);

    RecordMessages record_messages_;
    std::vector<EventSink*> sinks_;
    std::uint64_t last_number_ = 0;
    std::uint64_t messages_sent_ = 0;
    std::uint64_t messages_dropped_ = 0;
    EventNumber context_;
    int scopes_ = 0;  // how many are open
    RunHash hash_;
    Event event_;            // reused
    std::string canonical_;  // reused
    bool publishing_ = false;
};

// While it lives, what is emitted is due to `cause` (EventNumber{} for "to nothing"). Scopes nest;
// the end of a scope brings the context back that was there before.
class CauseScope {
  public:
    CauseScope(Tracer& tracer, EventNumber cause) : tracer_(tracer), before_(tracer.context_) {
        tracer_.context_ = cause;
        ++tracer_.scopes_;
    }
    ~CauseScope() {
        tracer_.context_ = before_;
        --tracer_.scopes_;
    }
    CauseScope(const CauseScope&) = delete;
    CauseScope& operator=(const CauseScope&) = delete;

  private:
    Tracer& tracer_;
    EventNumber before_;
};

}  // namespace bsim
