#pragma once
// How many files this process may hold open at a time, and what of it each disk gets.

#include <cstddef>
#include <cstdint>

namespace bsim {

// Raises the limit to what the system lets this process have without asking (RLIMIT_NOFILE's hard
// limit). The usual 1,024 would be there for programs that call select(); this one does not.
void raise_descriptor_limit();

// How many descriptors each of so many disks of this process may hold open: as many as PosixDisk
// likes to have, or what the limit has for it, at least 4.
std::uint32_t max_open_descriptors(std::size_t disks);

}  // namespace bsim
