#pragma once
// The pending events of a run, taken in (time, seq) order and run where they lie.
//
// Keys of 16 bytes {time, seq << 24 | slot} wait in a heap, and before that in a wheel as long as
// they are far off; callables lie in a slab of slots, so that only keys move. A slot remembers the
// seq that it was given out for: cancelling frees the slot at once, in O(1), and a key whose slot
// has moved on is skipped when it surfaces.
// Limits: 2^24 events pending, 2^40 scheduled in a run; both are checked.

#include <cstdint>
#include <utility>

#include "sim/base/check.h"
#include "sim/base/time.h"
#include "sim/kernel/event_heap.h"
#include "sim/kernel/event_slab.h"
#include "sim/kernel/event_wheel.h"

namespace bsim {

// Names one scheduled event for cancelling; seq numbers start at 1, so a default EventId is none.
struct EventId {
    std::uint64_t seq = 0;
    std::uint32_t slot = 0;
};

class EventQueue {
  public:
    EventQueue() = default;
    EventQueue(const EventQueue&) = delete;  // its parts refer to each other
    EventQueue& operator=(const EventQueue&) = delete;

    template <class F>
    EventId push(SimTime time, F&& action) {
        return push_reserved(time, reserve_seq(), std::forward<F>(action));
    }
    // The number that the next push takes. Reserving one lets a timer keep its place in the order.
    std::uint64_t reserve_seq() {
        BSIM_CHECK(next_seq_ < EventKey::kMaxSeq);
        return next_seq_++;
    }
    template <class F>
    EventId push_reserved(SimTime time, std::uint64_t seq, F&& action) {
        const std::uint32_t slot = slab_.take();
        EventSlab::Slot& taken = slab_[slot];
        taken.seq = seq;
        taken.action.emplace(std::forward<F>(action));
        const EventKey key(time.ns(), seq, slot);
        if (!wheel_.add(key))
            heap_.push(key);
        ++live_;
        return EventId{seq, slot};
    }

    // False if the event has run, is running or was cancelled already.
    bool cancel(EventId id);
    bool pending(EventId id) const { return id.seq != 0 && slab_[id.slot].seq == id.seq; }

    // Whether an event is left, which next_time() and run_next() then speak of.
    bool more() { return (!heap_.hole() && !heap_.empty() && live(heap_.top())) || find_next(); }
    SimTime next_time() const { return SimTime(heap_.top().time); }
    // The event may push, cancel and reserve.
    void run_next() {
        const std::uint32_t slot = heap_.top().slot();
        EventSlab::Slot& next = slab_[slot];
        next.seq = 0;
        --live_;
        heap_.leave_hole();
        next.action.call_and_reset();
        slab_.give_back(slot);
    }

    std::size_t live() const { return live_; }

  private:
    bool live(EventKey key) const { return slab_[key.slot()].seq == key.seq(); }
    bool find_next();

    EventSlab slab_;
    EventHeap heap_{slab_};
    EventWheel wheel_;
    std::uint64_t next_seq_ = 1;
    std::size_t live_ = 0;
};

}  // namespace bsim
