#include "sim/check/availability_report.h"

#include <algorithm>

namespace bsim {

std::int64_t UnavailableWindows::unexcused() const {
    return std::count_if(list.begin(), list.end(),
                         [](const UnavailableWindow& window) { return window.exceeds; });
}

SimDuration UnavailableWindows::total() const {
    SimDuration sum;
    for (const UnavailableWindow& window : list)
        sum = sum + (window.to - window.from);
    return sum;
}

SimDuration UnavailableWindows::quantile(std::int64_t percent) const {
    if (list.empty())
        return {};
    std::vector<SimDuration> lengths;
    for (const UnavailableWindow& window : list)
        lengths.push_back(window.to - window.from);
    std::sort(lengths.begin(), lengths.end());
    const std::int64_t rank = (std::ssize(lengths) * percent + 99) / 100;
    return lengths[static_cast<std::size_t>(std::max<std::int64_t>(rank, 1) - 1)];
}

bool PartitionAvailability::untroubled() const {
    return produce.list.empty() && consume.list.empty() && cluster.list.empty() && elections == 0 &&
           isr_changes == 0;
}

std::int64_t AvailabilityReport::per_minute_milli(std::int64_t count) const {
    constexpr std::int64_t kMinuteMs = 60'000;
    const std::int64_t ms = length.ms();
    return ms <= 0 ? 0 : (count * kMinuteMs * 1000 + ms / 2) / ms;
}

}  // namespace bsim
