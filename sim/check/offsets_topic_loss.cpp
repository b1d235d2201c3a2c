#include "sim/check/offsets_topic_loss.h"

#include <algorithm>
#include <fmt/format.h>

namespace bsim {

namespace {

bool lost_by(const PartitionView& partition, const CommittedLoss& loss, std::size_t budget) {
    return std::any_of(partition.lost_in_crash.begin(), partition.lost_in_crash.end(),
                       [&](const auto& entry) {
                           return (!loss.batch || (entry.first.base == loss.batch->base &&
                                                   entry.first.epoch == loss.batch->epoch)) &&
                                  entry.second.size() >= budget;
                       });
}

}  // namespace

std::optional<ExcusedLoss> offsets_topic_loss(const ClusterView& view,
                                              const CheckSettings& settings,
                                              const std::string& group) {
    const auto p = view.groups().partition_of(group);
    const PartitionView* const partition = p ? view.partition(*p) : nullptr;
    if (partition == nullptr || !partition->committed_loss)
        return std::nullopt;
    const CommittedLoss& loss = *partition->committed_loss;
    if (loss.unclean)
        return ExcusedLoss{loss.since, fmt::format("an unclean election of {}", p->to_string())};
    std::size_t budget = static_cast<std::size_t>(std::max(settings.min_isr_of(p->topic), 1));
    if (!partition->replicas.empty())
        budget = std::min(budget, partition->replicas.size());
    if (!lost_by(*partition, loss, budget))
        return std::nullopt;
    return ExcusedLoss{loss.since, fmt::format("power failures took a batch of {} from {} replicas",
                                               p->to_string(), budget)};
}

std::string excused_by_loss(const std::optional<ExcusedLoss>& loss, EventNumber told) {
    return loss && told < loss->since ? loss->words : "";
}

EventNumber told_when(const Event& event, const std::string& group, const ClusterView& view) {
    return view.groups().coordinates(event.n, group) ? event.i : EventNumber();
}

}  // namespace bsim
