#pragma once
// What a process can ask of a disk, as faults and configured latencies tell it apart.

#include <cstdint>

namespace bsim {

enum class DiskOp : std::uint8_t {
    Read,   // of what is not in memory
    Write,  // into the page cache, or of a name
    Fsync,
};

}  // namespace bsim
