#include "sim/network/link.h"

#include <algorithm>

#include "sim/base/check.h"

namespace bsim {

SimDuration serialization_delay(std::int64_t bytes, std::int64_t bits_per_second) {
    BSIM_CHECK(bits_per_second > 0 && bytes >= 0);
    const __int128 bit_ns = static_cast<__int128>(bytes) * 8 * 1'000'000'000;
    return nanoseconds(static_cast<std::int64_t>((bit_ns + bits_per_second - 1) / bits_per_second));
}

void TransmitQueue::pass(Passage& passage, std::int64_t bytes, std::int64_t bits_per_second) {
    passage.first = std::max(passage.first, free_);
    free_ = passage.first + serialization_delay(bytes, bits_per_second);
    passage.last = std::max(passage.last, free_);
}

}  // namespace bsim
