#include "sim/check/excuse.h"

#include <fmt/format.h>

namespace bsim {

bool unclean_after(const CheckSettings& settings,
                   const TopicPartition& p,
                   const PartitionView& partition,
                   LeaderEpoch epoch) {
    return partition.last_unclean_epoch > epoch && settings.unclean_allowed(p.topic);
}

std::string excuse_for_loss(const CheckSettings& settings,
                            const TopicPartition& p,
                            const PartitionView& partition,
                            const LoggedBatch& batch,
                            LeaderEpoch since) {
    if (unclean_after(settings, p, partition, since))
        return "an unclean election";
    const auto* const losers = partition.lost_by(batch);
    if (losers == nullptr ||
        losers->size() < settings.needed_isr(p.topic, partition.replicas.size())) {
        return "";
    }
    return fmt::format("{} replicas lost it in a power failure, min.insync.replicas is {}",
                       losers->size(), settings.min_isr_of(p.topic));
}

}  // namespace bsim
