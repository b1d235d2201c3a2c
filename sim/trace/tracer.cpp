#include "sim/trace/tracer.h"

#include "sim/trace/event_text.h"

namespace bsim {

EventNumber Tracer::emit_recorded(SimTime t, const NodeName& n, EventBody body) {
    event_.c.clear();
    if (context_ != EventNumber{})
        event_.c.push_back(context_);
    event_.body = std::move(body);
    return publish(t, n);
}

EventNumber Tracer::publish(SimTime t, const NodeName& n) {
    BSIM_CHECK(!publishing_);
    BSIM_CHECK(t >= event_.t);
    publishing_ = true;
    event_.i = EventNumber(++last_number_);
    event_.t = t;
    event_.n = n;
    canonical_.clear();
    append_canonical(canonical_, event_);
    if (!is_message_event(event_.body)) {
        canonical_ += '\n';
        hash_.update(canonical_);
        canonical_.pop_back();
    }
    for (EventSink* sink : sinks_)
        sink->on(event_, canonical_);
    publishing_ = false;
    if (scopes_ > 0)
        context_ = event_.i;
    return event_.i;
}

}  // namespace bsim
