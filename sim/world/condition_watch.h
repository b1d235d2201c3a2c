#pragma once
// Calls back as soon as a condition has been true for some time, in the simulated instant in which
// that is so. Conditions are looked at when an event has happened that can change them, and when
// time alone can.
//
// The call comes from the scheduler, never from within the event that made the condition true.

#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "sim/base/strong.h"
#include "sim/kernel/scheduler.h"
#include "sim/trace/sinks.h"
#include "sim/world/event_interest.h"
#include "sim/world/trace_state.h"

namespace bsim {

using ConditionId = Strong<struct ConditionIdTag, std::uint64_t>;

class ConditionWatch : public EventSink {
  public:
    ConditionWatch(Scheduler& scheduler, const TraceState::Seen& seen)
        : scheduler_(scheduler), state_(seen) {}

    // `cause` is the event that made the condition true, EventNumber{} if it was so all along.
    using Fire = std::function<void(EventNumber cause)>;
    struct Wish {
        const Expression& expression;  // outlives the watch
        SimDuration hold;              // how long it must have been true without a break
        bool anew = false;             // it must have been false (or unknown) first
    };
    // Calls once, unless cancelled before. The condition is looked at now, too.
    ConditionId add(const Wish& wish, Fire fire);
    void cancel(ConditionId id);

    // EventSink
    void on(const Event& event, std::string_view canonical) override;

  private:
    struct Condition {
        Condition(const Wish& wish, Fire call)
            : interest(wish.expression),
              watch(wish.expression),
              hold(wish.hold),
              armed(!wish.anew),
              fire(std::move(call)) {}

        EventInterest interest;
        ExpressionWatch watch;
        SimDuration hold;
        bool armed;  // was not true at the last look, or need not have been
        Fire fire;
        bool holding = false;  // true now, the call is scheduled
        EventNumber since;     // what made it true
        EventId pending_call;
        EventId look;
    };

    void look(ConditionId id, Condition& condition, EventNumber event);
    void look_again(ConditionId id);
    void call(ConditionId id);

    Scheduler& scheduler_;
    TraceState state_;
    std::map<ConditionId, std::unique_ptr<Condition>> conditions_;
    std::uint64_t next_ = 1;
};

}  // namespace bsim
