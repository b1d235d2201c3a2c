#include "sim/check/offsets_topic_loss.h"

#include <algorithm>
#include <fmt/format.h>

namespace bsim {

std::string offsets_topic_loss(const ClusterView& view,
                               const CheckSettings& settings,
                               const std::string& group) {
    const auto p = view.groups().partition_of(group);
    const PartitionView* const partition = p ? view.partition(*p) : nullptr;
    if (partition == nullptr)
        return "";
    if (partition->last_unclean_epoch)
        return fmt::format("an unclean election of {}", p->to_string());
    std::size_t budget = static_cast<std::size_t>(std::max(settings.min_isr_of(p->topic), 1));
    if (!partition->replicas.empty())
        budget = std::min(budget, partition->replicas.size());
    const bool lost = std::any_of(partition->lost_in_crash.begin(), partition->lost_in_crash.end(),
                                  [&](const auto& entry) { return entry.second.size() >= budget; });
    if (!lost)
        return "";
    return fmt::format("power failures took a batch of {} from {} replicas", p->to_string(),
                       budget);
}

}  // namespace bsim
