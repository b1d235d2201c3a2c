#include "sim/check/excuse.h"

#include <algorithm>
#include <fmt/format.h>
#include <optional>

namespace bsim {

namespace {

std::string lost_with_power(const CheckSettings& settings,
                            const TopicPartition& p,
                            const PartitionView& partition,
                            std::size_t losers) {
    if (losers < settings.needed_isr(p.topic, partition.replicas.size()))
        return "";
    return fmt::format("{} replicas lost it in a power failure, min.insync.replicas is {}", losers,
                       settings.min_isr_of(p.topic));
}

}  // namespace

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
    return losers == nullptr ? "" : lost_with_power(settings, p, partition, losers->size());
}

std::string excuse_for_loss_at(const CheckSettings& settings,
                               const TopicPartition& p,
                               const PartitionView& partition,
                               Offset offset) {
    if (partition.last_unclean_epoch && settings.unclean_allowed(p.topic))
        return "an unclean election";
    // Batches are known there by their base offsets; those of several epochs may have stood there.
    std::size_t losers = 0;
    std::optional<Offset> base;
    for (const auto& [batch, brokers] : partition.lost_in_crash) {
        if (batch.base > offset)
            break;
        losers = base == batch.base ? std::max(losers, brokers.size()) : brokers.size();
        base = batch.base;
    }
    return lost_with_power(settings, p, partition, losers);
}

}  // namespace bsim
