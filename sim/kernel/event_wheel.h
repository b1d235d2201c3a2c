#pragma once
// Keys of events that are far off: a hierarchy of timing wheels (Varghese and Lauck, "Hashed and
// Hierarchical Timing Wheels", 1987, scheme 7). Wheel 0 has a bucket for every tick of 17 ms, a
// bucket of the next wheel spans a whole turn of the one before, and so on to the end of time.
// Keys within a bucket are in no order: a tick's keys go to the heap together, when it begins.
// Timeouts, most of which never come true, so stay out of the heap: a fifth more events a second
// with 64 nodes, each with one event and one timer of 50 ms pending.

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "sim/kernel/event_key.h"

namespace bsim {

class EventWheel {
  public:
    // False if the key belongs to the current tick or an earlier one; then it is not taken.
    bool add(EventKey key) {
        const auto tick = static_cast<std::uint64_t>(key.time) >> kTickBits;
        if (tick <= tick_)
            return false;
        const auto wheel = static_cast<std::size_t>(std::bit_width(tick ^ tick_) - 1) / kWheelBits;
        const std::size_t bucket = tick >> (wheel * kWheelBits) & (kBuckets - 1);
        push(heads_[wheel][bucket], key);
        occupied_[wheel] |= 1ULL << bucket;
        return true;
    }

    // Moves on to the next tick that has keys, or to the turn in which it lies, and hands those
    // that are due to `take`; false if there are none at all.
    template <class Take>
    bool advance(Take take) {
        for (std::size_t wheel = 0; wheel < kWheels; ++wheel) {
            if (occupied_[wheel] == 0)
                continue;
            const auto bucket = static_cast<std::size_t>(std::countr_zero(occupied_[wheel]));
            occupied_[wheel] &= occupied_[wheel] - 1;
            const std::size_t shift = wheel * kWheelBits;
            const std::uint64_t turn = tick_ >> (shift + kWheelBits) << kWheelBits;
            tick_ = (turn | bucket) << shift;
            pour(std::exchange(heads_[wheel][bucket], 0), take);
            return true;
        }
        return false;
    }

  private:
    static constexpr unsigned kTickBits = 24;
    static constexpr unsigned kWheelBits = 6;
    static constexpr std::size_t kBuckets = 1U << kWheelBits;
    static constexpr std::size_t kWheels = (63 - kTickBits + kWheelBits - 1) / kWheelBits;
    // A bucket is a list of nodes, by the index of the first; 0 ends it.
    struct Node {
        EventKey key;
        std::uint32_t next;
    };

    void push(std::uint32_t& head, EventKey key) {
        std::uint32_t node = free_;
        if (node != 0) {
            free_ = nodes_[node].next;
            nodes_[node] = {key, head};
        } else {
            node = static_cast<std::uint32_t>(nodes_.size());
            nodes_.push_back({key, head});
        }
        head = node;
    }
    template <class Take>
    void pour(std::uint32_t head, Take take) {
        while (head != 0) {
            const Node node = nodes_[head];
            nodes_[head].next = std::exchange(free_, head);
            if (!add(node.key))
                take(node.key);
            head = node.next;
        }
    }

    std::uint64_t tick_ = 0;
    std::array<std::uint64_t, kWheels> occupied_{};  // a bit for each bucket with keys
    std::array<std::array<std::uint32_t, kBuckets>, kWheels> heads_{};
    std::vector<Node> nodes_ = std::vector<Node>(1, Node{EventKey(0, 0, 0), 0});
    std::uint32_t free_ = 0;
};

}  // namespace bsim
