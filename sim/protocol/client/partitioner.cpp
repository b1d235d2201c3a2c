#include "sim/protocol/client/partitioner.h"

#include <algorithm>
#include <utility>

#include "sim/base/check.h"
#include "sim/protocol/client/murmur2.h"

namespace bsim::client {

PartitionIndex partition_for_key(ByteView key, std::int32_t partition_count) {
    BSIM_CHECK(partition_count > 0);
    return PartitionIndex((murmur2(key) & 0x7fffffff) % partition_count);
}

StickyPartitioner::StickyPartitioner(std::string topic, std::int32_t sticky_bytes)
    : topic_(std::move(topic)), sticky_bytes_(sticky_bytes) {
    BSIM_CHECK(sticky_bytes >= 1);
}

PartitionIndex StickyPartitioner::draw_next(const ClusterMetadata& cluster,
                                            DrawSequence& draws) const {
    if (!load_.empty()) {
        const std::int32_t drawn = draws.below(load_.back().cumulative);
        const auto chosen = std::find_if(load_.begin(), load_.end(), [&](const Share& share) {
            return drawn < share.cumulative;
        });
        return chosen->partition;
    }
    const std::vector<PartitionIndex>& available = cluster.available_partitions(topic_);
    if (available.empty())
        return PartitionIndex(draws.below(cluster.partition_count(topic_)));
    return available[static_cast<std::size_t>(
        draws.below(static_cast<std::int32_t>(available.size())))];
}

PartitionIndex StickyPartitioner::current(const ClusterMetadata& cluster, DrawSequence& draws) {
    if (!current_)
        current_ = draw_next(cluster, draws);
    return *current_;
}

bool StickyPartitioner::appended(std::int32_t bytes,
                                 bool may_switch,
                                 const ClusterMetadata& cluster,
                                 DrawSequence& draws) {
    produced_bytes_ += bytes;
    const bool enough = produced_bytes_ >= sticky_bytes_ && may_switch;
    const bool too_much = produced_bytes_ >= 2 * std::int64_t{sticky_bytes_};
    if (!enough && !too_much)
        return false;
    current_ = draw_next(cluster, draws);
    produced_bytes_ = 0;
    return true;
}

void StickyPartitioner::update_load(const std::vector<QueueSize>& queues, std::size_t known) {
    load_.clear();
    if (queues.empty() || known < 2)
        return;
    const auto longest = std::max_element(
        queues.begin(), queues.end(),
        [](const QueueSize& a, const QueueSize& b) { return a.batches < b.batches; });
    const bool all_equal = std::all_of(queues.begin(), queues.end(), [&](const QueueSize& queue) {
        return queue.batches == longest->batches;
    });
    // Weights are needed only if the queues differ or some partition is left out.
    if (all_equal && queues.size() == known)
        return;
    std::int32_t sum = 0;
    for (const QueueSize& queue : queues) {
        sum += longest->batches + 1 - queue.batches;
        load_.push_back({queue.partition, sum});
    }
}

}  // namespace bsim::client
