#include "sim/report/why/stored_trace.h"

#include <algorithm>

namespace bsim {
namespace {

template <class... Kinds>
bool is_one_of(const EventBody& body) {
    return (std::holds_alternative<Kinds>(body) || ...);
}

bool is_kept(const EventBody& body) {
    return !is_message_event(body) &&
           !is_one_of<HwAdvanced, LogFlushed, RaftHw, RecordsConsumed, RecordsSkipped>(body);
}

}  // namespace

void StoredTrace::add(Event event) {
    ++count_;
    last_ = event.i;
    end_ = event.t;
    if (!is_kept(event.body) && event.i != whole_) {
        passed_.emplace_back(event.i, event.c.empty() ? EventNumber{} : event.c.front());
        return;
    }
    by_kind_[event.body.index()].push_back(events_.size());
    events_.push_back(std::move(event));
}

const Event* StoredTrace::find(EventNumber i) const {
    const auto at = std::partition_point(events_.begin(), events_.end(),
                                         [&](const Event& event) { return event.i < i; });
    return at == events_.end() || at->i != i ? nullptr : &*at;
}

const Event* StoredTrace::last_kept(EventNumber at) const {
    const auto end = std::partition_point(events_.begin(), events_.end(),
                                          [&](const Event& event) { return event.i <= at; });
    return end == events_.begin() ? nullptr : &*(end - 1);
}

const Event* StoredTrace::recorded_cause(const Event& event) const {
    EventNumber cause = event.c.empty() ? EventNumber{} : event.c.front();
    while (cause != EventNumber{}) {
        if (const Event* const found = find(cause))
            return found;
        const auto at =
            std::partition_point(passed_.begin(), passed_.end(),
                                 [&](const auto& passed) { return passed.first < cause; });
        if (at == passed_.end() || at->first != cause || at->second >= cause)
            return nullptr;
        cause = at->second;
    }
    return nullptr;
}

std::size_t StoredTrace::count_before(const std::vector<std::size_t>& places,
                                      EventNumber before) const {
    const auto at = std::partition_point(
        places.begin(), places.end(), [&](std::size_t place) { return events_[place].i < before; });
    return static_cast<std::size_t>(at - places.begin());
}

Result<StoredTrace, TraceError> read_stored_trace(std::istream& in, EventNumber whole) {
    TraceReader reader(in, Attributes::Required);
    BSIM_TRY_VOID(reader.header());
    StoredTrace trace(whole);
    for (;;) {
        BSIM_TRY(auto event, reader.next());
        if (!event)
            return trace;
        trace.add(std::move(*event));
    }
}

}  // namespace bsim
