#pragma once
// The pending events of a run, popped in (time, seq) order.
//
// Keys of 16 bytes {time, seq << 24 | slot} lie in an implicit 4-ary heap; the callables lie in a
// slab of slots, so that sifting moves only keys. A slot remembers the seq that it was given out
// for: cancelling frees the slot at once, in O(1), and a key whose slot has moved on is skipped
// when it surfaces.
// Limits: 2^24 events pending, 2^40 scheduled in a run; both are checked.

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/base/time.h"
#include "sim/kernel/inline_function.h"

namespace bsim {

// Names one scheduled event for cancelling; seq numbers start at 1, so a default EventId is none.
struct EventId {
    std::uint64_t seq = 0;
    std::uint32_t slot = 0;
};

class EventQueue {
  public:
    struct Due {
        SimTime time;
        InlineFunction action;
    };

    EventId push(SimTime time, InlineFunction action);
    // The number that the next push takes. Reserving one lets a timer keep its place in the order.
    std::uint64_t reserve_seq();
    EventId push_reserved(SimTime time, std::uint64_t seq, InlineFunction action);

    // False if the event has run or was cancelled already.
    bool cancel(EventId id);
    bool pending(EventId id) const;

    // Time of the next live event; drops cancelled keys on the way.
    std::optional<SimTime> next_time();
    std::optional<Due> pop();

    std::size_t live() const { return live_; }

  private:
    static constexpr unsigned kSlotBits = 24;
    static constexpr std::uint64_t kSlotMask = (1U << kSlotBits) - 1;

    struct Key {
        std::int64_t time;
        std::uint64_t order;  // seq << kSlotBits | slot
        bool operator<(const Key& other) const {
            return time != other.time ? time < other.time : order < other.order;
        }
        std::uint64_t seq() const { return order >> kSlotBits; }
        std::uint32_t slot() const { return static_cast<std::uint32_t>(order & kSlotMask); }
    };
    struct Slot {
        std::uint64_t seq = 0;  // 0: free
        InlineFunction action;
    };

    std::uint32_t take_slot();
    void free_slot(std::uint32_t slot);
    void sift_up(std::size_t at);
    void pop_top();
    void drop_cancelled();

    std::vector<Key> heap_;
    std::vector<Slot> slots_;
    std::vector<std::uint32_t> free_;
    std::uint64_t next_seq_ = 1;
    std::size_t live_ = 0;
};

}  // namespace bsim
