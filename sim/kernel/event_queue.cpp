#include "sim/kernel/event_queue.h"

namespace bsim {

bool EventQueue::cancel(EventId id) {
    if (!pending(id))
        return false;
    EventSlab::Slot& slot = slab_[id.slot];
    slot.seq = 0;
    slot.action.reset();
    slab_.give_back(id.slot);
    --live_;
    return true;
}

bool EventQueue::find_next() {
    for (;;) {
        while (heap_.hole() || (!heap_.empty() && !live(heap_.top())))
            heap_.pop();
        if (!heap_.empty())
            return true;
        const bool any = wheel_.advance([this](EventKey key) {
            if (live(key))
                heap_.push(key);
        });
        if (!any)
            return false;
    }
}

}  // namespace bsim
