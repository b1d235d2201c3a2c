#pragma once
// CRC-32C (Castagnoli, reflected 0x82F63B78), as record batches and producer snapshots carry it.
// crc32c("123456789") == 0xe3069283. Computed by ISA-L.

#include <cstdint>

#include "sim/base/bytes.h"

namespace bsim {

std::uint32_t crc32c(ByteView bytes);
// The checksum of what `crc` was computed over, followed by `more`; crc32c_extend(0, b) ==
// crc32c(b).
std::uint32_t crc32c_extend(std::uint32_t crc, ByteView more);

}  // namespace bsim
