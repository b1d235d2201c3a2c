#pragma once
// The events of a run in memory, to be asked for what happened last before something else.
//
// All events are kept but those that come by the thousand and tell nothing about causes (fetch by
// fetch: high watermarks, flushes, records handed over, messages): of these only the cause is kept,
// so that chains lead through them. One of them is kept whole if it is asked for by its number.
// References stay valid as long as nothing is added.

#include <array>
#include <cstdint>
#include <istream>
#include <map>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "sim/base/result.h"
#include "sim/trace/event.h"
#include "sim/trace/reader.h"

namespace bsim {

// The place of a kind in EventBody.
template <class Body>
constexpr std::size_t kind_index() {
    std::size_t index = 0;
    [&]<std::size_t... I>(std::index_sequence<I...>) {
        ((index = std::is_same_v<std::variant_alternative_t<I, EventBody>, Body> ? I : index), ...);
    }
    (std::make_index_sequence<std::variant_size_v<EventBody>>{});
    return index;
}

class StoredTrace {
  public:
    // `whole` is an event to be kept whatever its kind. Events come in order of their numbers.
    explicit StoredTrace(EventNumber whole) : whole_(whole) {}
    void add(Event event);

    const std::vector<Event>& events() const { return events_; }
    std::uint64_t size() const { return count_; }
    EventNumber last_number() const { return last_; }
    SimTime end() const { return end_; }

    // nullptr if it is not kept, or not in the trace.
    const Event* find(EventNumber i) const;
    // What is recorded as the cause of that event, through those that are not kept; nullptr if
    // there is nothing.
    const Event* recorded_cause(const Event& event) const;
    // The newest event kept that is not younger than the number.
    const Event* last_kept(EventNumber at) const;

    // The newest event of a kind before that number (not included) of which `is` is true.
    template <class Body, class Is>
    const Event* last(EventNumber before, Is&& is) const {
        const std::vector<std::size_t>& places = by_kind_[kind_index<Body>()];
        for (std::size_t at = count_before(places, before); at > 0; --at) {
            const Event& event = events_[places[at - 1]];
            if (is(event, *as<Body>(event)))
                return &event;
        }
        return nullptr;
    }
    // The oldest one after that number.
    template <class Body, class Is>
    const Event* first_after(EventNumber after, Is&& is) const {
        const std::vector<std::size_t>& places = by_kind_[kind_index<Body>()];
        const EventNumber next(after.value() + 1);
        for (std::size_t at = count_before(places, next); at < places.size(); ++at) {
            const Event& event = events_[places[at]];
            if (is(event, *as<Body>(event)))
                return &event;
        }
        return nullptr;
    }

  private:
    std::size_t count_before(const std::vector<std::size_t>& places, EventNumber before) const;

    EventNumber whole_;
    std::vector<Event> events_;
    std::array<std::vector<std::size_t>, std::variant_size_v<EventBody>> by_kind_;
    std::vector<std::pair<EventNumber, EventNumber>> passed_;  // not kept: number and cause
    std::uint64_t count_ = 0;
    EventNumber last_;
    SimTime end_;
};

// A stored trace up to its end.
Result<StoredTrace, TraceError> read_stored_trace(std::istream& in, EventNumber whole);

}  // namespace bsim
