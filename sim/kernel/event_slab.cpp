#include "sim/kernel/event_slab.h"

namespace bsim {

void EventSlab::grow() {
    const std::size_t first = chunks_.size() << kChunkBits;
    const std::size_t end = first + std::tuple_size_v<Chunk>;
    BSIM_CHECK(end <= EventKey::kMaxSlots);
    chunks_.push_back(std::make_unique<Chunk>());
    free_.reserve(end);
    for (std::size_t slot = end; slot > first; --slot)
        free_.push_back(static_cast<std::uint32_t>(slot - 1));
}

}  // namespace bsim
