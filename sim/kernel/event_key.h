#pragma once
// The place of one scheduled event in the order of a run, and the slot where its callable lies.

#include <cstdint>

namespace bsim {

struct EventKey {
    static constexpr unsigned kSlotBits = 24;
    static constexpr std::uint64_t kMaxSlots = 1ULL << kSlotBits;
    static constexpr std::uint64_t kMaxSeq = 1ULL << (64 - kSlotBits);

    EventKey(std::int64_t time_ns, std::uint64_t seq, std::uint32_t slot)
        : time(time_ns), order(seq << kSlotBits | slot) {}

    std::int64_t time;    // ns
    std::uint64_t order;  // seq << kSlotBits | slot

    bool operator<(const EventKey& other) const {
        return time != other.time ? time < other.time : order < other.order;
    }
    std::uint64_t seq() const { return order >> kSlotBits; }
    std::uint32_t slot() const { return static_cast<std::uint32_t>(order & (kMaxSlots - 1)); }
};

}  // namespace bsim
