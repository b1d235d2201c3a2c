#include "sim/kernel/event_queue.h"

#include <algorithm>
#include <utility>

#include "sim/base/check.h"

namespace bsim {

std::uint64_t EventQueue::reserve_seq() {
    BSIM_CHECK(next_seq_ < (1ULL << (64 - kSlotBits)));
    return next_seq_++;
}

EventId EventQueue::push(SimTime time, InlineFunction action) {
    return push_reserved(time, reserve_seq(), std::move(action));
}

EventId EventQueue::push_reserved(SimTime time, std::uint64_t seq, InlineFunction action) {
    const std::uint32_t slot = take_slot();
    slots_[slot].seq = seq;
    slots_[slot].action = std::move(action);
    heap_.push_back(Key{time.ns(), seq << kSlotBits | slot});
    sift_up(heap_.size() - 1);
    ++live_;
    return EventId{seq, slot};
}

bool EventQueue::pending(EventId id) const {
    return id.seq != 0 && id.slot < slots_.size() && slots_[id.slot].seq == id.seq;
}

bool EventQueue::cancel(EventId id) {
    if (!pending(id))
        return false;
    free_slot(id.slot);
    return true;
}

std::optional<SimTime> EventQueue::next_time() {
    drop_cancelled();
    if (heap_.empty())
        return std::nullopt;
    return SimTime(heap_.front().time);
}

std::optional<EventQueue::Due> EventQueue::pop() {
    drop_cancelled();
    if (heap_.empty())
        return std::nullopt;
    const Key top = heap_.front();
    Due due{SimTime(top.time), std::move(slots_[top.slot()].action)};
    free_slot(top.slot());
    pop_top();
    return due;
}

std::uint32_t EventQueue::take_slot() {
    if (!free_.empty()) {
        const std::uint32_t slot = free_.back();
        free_.pop_back();
        return slot;
    }
    BSIM_CHECK(slots_.size() < kSlotMask);
    slots_.emplace_back();
    return static_cast<std::uint32_t>(slots_.size() - 1);
}

void EventQueue::free_slot(std::uint32_t slot) {
    slots_[slot].seq = 0;
    slots_[slot].action.reset();
    free_.push_back(slot);
    --live_;
}

void EventQueue::drop_cancelled() {
    while (!heap_.empty() && slots_[heap_.front().slot()].seq != heap_.front().seq()) {
        pop_top();
    }
}

void EventQueue::sift_up(std::size_t at) {
    const Key key = heap_[at];
    while (at > 0) {
        const std::size_t parent = (at - 1) / 4;
        if (!(key < heap_[parent]))
            break;
        heap_[at] = heap_[parent];
        at = parent;
    }
    heap_[at] = key;
}

void EventQueue::pop_top() {
    const Key last = heap_.back();
    heap_.pop_back();
    if (heap_.empty())
        return;
    std::size_t at = 0;
    for (;;) {
        const std::size_t first = 4 * at + 1;
        if (first >= heap_.size())
            break;
        const std::size_t end = std::min(first + 4, heap_.size());
        std::size_t least = first;
        for (std::size_t child = first + 1; child < end; ++child) {
            if (heap_[child] < heap_[least])
                least = child;
        }
        if (!(heap_[least] < last))
            break;
        heap_[at] = heap_[least];
        at = least;
    }
    heap_[at] = last;
}

}  // namespace bsim
