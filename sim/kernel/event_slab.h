#pragma once
// Where the callables of pending events lie: slots of a cache line each, which never move, so that
// a callable is made, run and destroyed in one place (event_heap.h says what that bought).

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "sim/base/check.h"
#include "sim/kernel/event_key.h"
#include "sim/kernel/inline_function.h"

namespace bsim {

class EventSlab {
  public:
    struct alignas(64) Slot {
        std::uint64_t seq = 0;  // of the event that waits here; 0: none does
        InlineFunction action;
    };
    static_assert(sizeof(Slot) == 64);

    Slot& operator[](std::uint32_t slot) const {
        return (*chunks_[slot >> kChunkBits])[slot & (std::tuple_size_v<Chunk> - 1)];
    }
    // A slot without an action.
    std::uint32_t take() {
        if (free_.empty())
            grow();
        const std::uint32_t slot = free_.back();
        free_.pop_back();
        return slot;
    }
    void give_back(std::uint32_t slot) { free_.push_back(slot); }

    void prefetch(std::uint32_t slot) const { __builtin_prefetch(&(*this)[slot]); }

  private:
    static constexpr unsigned kChunkBits = 8;
    using Chunk = std::array<Slot, 1U << kChunkBits>;

    void grow();

    std::vector<std::unique_ptr<Chunk>> chunks_;
    std::vector<std::uint32_t> free_;  // the last to come is the first to go: it is still cached
};

}  // namespace bsim
