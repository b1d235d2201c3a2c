#include "sim/storage/descriptor_limit.h"

#include <algorithm>
#include <sys/resource.h>

#include "sim/storage/posix_disk.h"

namespace bsim {

void raise_descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);  // refused: the limit stays, and disks get less
}

std::uint32_t max_open_descriptors(std::size_t disks) {
    constexpr rlim_t kOthers = 64;  // traces, folders that are listed, what the caller left open
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
        return kDefaultMaxOpenDescriptors;
    const rlim_t free = limit.rlim_cur > kOthers ? limit.rlim_cur - kOthers : 0;
    return static_cast<std::uint32_t>(
        std::clamp<rlim_t>(free / std::max<std::size_t>(disks, 1), 4, kDefaultMaxOpenDescriptors));
}

}  // namespace bsim
