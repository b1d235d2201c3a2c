#include "sim/base/crc32c.h"

#include <algorithm>
#include <climits>
#include <isa-l/crc.h>

namespace bsim {

std::uint32_t crc32c(ByteView bytes) {
    return crc32c_extend(0, bytes);
}

std::uint32_t crc32c_extend(std::uint32_t crc, ByteView bytes) {
    // ISA-L takes an int length and applies neither the initial nor the final inversion.
    crc = ~crc;
    while (!bytes.empty()) {
        const std::size_t part = std::min<std::size_t>(bytes.size(), INT_MAX);
        // The library's signature lacks const; it only reads.
        auto* data = const_cast<unsigned char*>(bytes.data());
        crc = crc32_iscsi(data, static_cast<int>(part), crc);
        bytes = bytes.subspan(part);
    }
    return ~crc;
}

}  // namespace bsim
