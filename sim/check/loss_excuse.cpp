#include "sim/check/loss_excuse.h"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>

namespace bsim {

std::string lost_with_power(const CheckSettings& settings,
                            const TopicPartition& p,
                            const PartitionView& partition,
                            Offset offset) {
    // Batches are known there by their base offsets.
    const auto above = partition.lost_in_crash.upper_bound(offset);
    if (above == partition.lost_in_crash.begin())
        return "";
    const std::size_t losers = std::prev(above)->second.size();
    std::size_t budget = static_cast<std::size_t>(std::max(settings.min_isr_of(p.topic), 1));
    if (!partition.replicas.empty())
        budget = std::min(budget, partition.replicas.size());
    if (losers < budget)
        return "";
    return fmt::format("{} replicas lost it in a power failure, min.insync.replicas is {}", losers,
                       settings.min_isr_of(p.topic));
}

}  // namespace bsim
