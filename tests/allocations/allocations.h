#pragma once
// How often this program has asked for memory through `operator new`, which is replaced in programs
// that this file's source belongs to.

#include <cstdint>

namespace bsim {

std::uint64_t allocations();

}  // namespace bsim
