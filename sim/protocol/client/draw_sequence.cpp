#include "sim/protocol/client/draw_sequence.h"

#include "sim/base/check.h"
#include "sim/base/stable_hash.h"

namespace bsim::client {

std::uint64_t DrawSequence::next() {
    state_ = mix64(state_);
    return state_;
}

std::int32_t DrawSequence::below(std::int32_t bound) {
    BSIM_CHECK(bound > 0);
    return static_cast<std::int32_t>(next() >> 33U) % bound;
}

}  // namespace bsim::client
