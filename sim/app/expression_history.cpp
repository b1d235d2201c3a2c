#include "sim/app/expression_history.h"

#include <algorithm>
#include <array>
#include <variant>

#include "sim/world/event_interest.h"
#include "sim/world/trace_state.h"

namespace bsim {
namespace {

class Fold {
  public:
    explicit Fold(const Expression& expression)
        : state_(TraceState::Seen{view_}),
          interest_(expression),
          watch_(expression),
          instants_(!sources_of(expression).events.empty()) {}

    void begin() {
        state_.forget_event(SimTime());
        note(SimTime(), EventNumber{});
    }
    void on(const Event& event) {
        pass_time(event.t);
        view_.on(event);
        state_.on(event);
        if (interest_.in(event)) {
            newest_[event.body.index()] = event.i;
            last_ = event.i;
            note(event.t, event.i);
        }
        state_.forget_event(event.t);
    }
    // What time alone changes before that instant.
    void pass_time(SimTime until) {
        for (auto next = watch_.next_look(); next && *next < until; next = watch_.next_look()) {
            state_.forget_event(*next);
            note(*next, last_);
            if (watch_.next_look() == next)
                return;
        }
    }
    ExpressionHistory take() {
        for (const EventNumber i : newest_) {
            if (i != EventNumber{})
                out_.newest.push_back(i);
        }
        std::sort(out_.newest.begin(), out_.newest.end());
        return std::move(out_);
    }

  private:
    void note(SimTime t, EventNumber i) {
        const ExpressionValue value = watch_.look(state_);
        const bool again = instants_ && value == ExpressionValue(true);
        if (!again && !out_.moments.empty() && out_.moments.back().value == value)
            return;
        out_.moments.push_back({t, i, value});
    }

    ClusterView view_;
    TraceState state_;
    EventInterest interest_;
    ExpressionWatch watch_;
    bool instants_;  // it may be true at single instants, and again at the next
    EventNumber last_;
    std::array<EventNumber, std::variant_size_v<EventBody>> newest_{};
    ExpressionHistory out_;
};

bool is(const ExpressionMoment& moment, bool value) {
    return moment.value == ExpressionValue(value);
}

}  // namespace

const ExpressionMoment* ExpressionHistory::at(SimTime t) const {
    const auto after = std::partition_point(moments.begin(), moments.end(),
                                            [&](const auto& moment) { return moment.t <= t; });
    return after == moments.begin() ? nullptr : &*(after - 1);
}

const ExpressionMoment* ExpressionHistory::last(bool value, SimTime t) const {
    const ExpressionMoment* found = nullptr;
    for (const ExpressionMoment& moment : moments) {
        if (moment.t <= t && is(moment, value))
            found = &moment;
    }
    return found;
}

const ExpressionMoment* ExpressionHistory::first(bool value, SimTime from) const {
    const ExpressionMoment* const now = at(from);
    if (now != nullptr && is(*now, value))
        return now;
    for (const ExpressionMoment& moment : moments) {
        if (moment.t >= from && is(moment, value))
            return &moment;
    }
    return nullptr;
}

Result<ExpressionHistory, TraceError> expression_history(std::istream& trace,
                                                         const Expression& expression,
                                                         std::optional<SimTime> until) {
    TraceReader reader(trace, Attributes::Required);
    BSIM_TRY_VOID(reader.header());
    Fold fold(expression);
    fold.begin();
    for (;;) {
        BSIM_TRY(const auto event, reader.next());
        if (!event || (until && event->t > *until))
            break;
        fold.on(*event);
    }
    if (until)
        fold.pass_time(*until + SimDuration(1));
    return fold.take();
}

}  // namespace bsim
