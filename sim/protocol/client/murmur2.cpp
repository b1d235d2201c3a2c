#include "sim/protocol/client/murmur2.h"

#include <cstddef>

namespace bsim::client {

std::int32_t murmur2(ByteView data) {
    constexpr std::uint32_t kMultiplier = 0x5bd1e995U;
    const auto length = static_cast<std::uint32_t>(data.size());
    std::uint32_t hash = 0x9747b28cU ^ length;
    const std::size_t whole = data.size() / 4 * 4;
    for (std::size_t i = 0; i < whole; i += 4) {
        std::uint32_t word = 0;
        for (std::size_t byte = 0; byte < 4; ++byte) {
            word |= static_cast<std::uint32_t>(data[i + byte]) << (8U * byte);
        }
        word *= kMultiplier;
        word ^= word >> 24U;
        word *= kMultiplier;
        hash *= kMultiplier;
        hash ^= word;
    }
    if (whole < data.size()) {
        for (std::size_t i = data.size(); i-- > whole;) {
            hash ^= static_cast<std::uint32_t>(data[i]) << (8U * (i - whole));
        }
        hash *= kMultiplier;
    }
    hash ^= hash >> 13U;
    hash *= kMultiplier;
    hash ^= hash >> 15U;
    return static_cast<std::int32_t>(hash);
}

}  // namespace bsim::client
