#pragma once
// CRC-32C (Castagnoli, reflected 0x82F63B78), as record batches and producer snapshots carry it.
// crc32c("123456789") == 0xe3069283. Computed by ISA-L.

#include <cstdint>

#include "sim/base/bytes.h"

namespace bsim {

std::uint32_t crc32c(ByteView bytes);

}  // namespace bsim
