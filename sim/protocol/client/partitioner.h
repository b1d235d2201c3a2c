#pragma once
// Which partition a record goes to.
//
// With a key: (murmur2(key) & 0x7fffffff) % partitions, over all partitions, available or not.
// Without: one partition is kept ("sticky") until at least batch.size bytes went to it and no batch
// of it is half full, or twice batch.size in any case; then the next is drawn. The draw is uniform
// over the partitions that have a leader, or, if the queues differ, weighted against long queues:
// a partition with q waiting batches weighs (longest queue + 1 - q).
// Source: KIP-480, KIP-794, producer.internals.BuiltInPartitioner.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/base/bytes.h"
#include "sim/model/ids.h"
#include "sim/protocol/client/cluster_metadata.h"
#include "sim/protocol/client/draw_sequence.h"

namespace bsim::client {

// Requires partition_count > 0.
PartitionIndex partition_for_key(ByteView key, std::int32_t partition_count);

class StickyPartitioner {
  public:
    // Requires sticky_bytes >= 1: batch.size.
    StickyPartitioner(std::string topic, std::int32_t sticky_bytes);

    // Where keyless records go at present. Requires that the topic is known to `cluster`.
    PartitionIndex current(const ClusterMetadata& cluster, DrawSequence& draws);

    // Notes that `bytes` went to the present partition. `may_switch`: its last batch is full (or
    // it has none), so that leaving it now splits no batch. True if the partition changed.
    bool appended(std::int32_t bytes,
                  bool may_switch,
                  const ClusterMetadata& cluster,
                  DrawSequence& draws);

    struct QueueSize {
        PartitionIndex partition;
        std::int32_t batches = 0;
    };
    // Takes the queues of the partitions to choose from; `known` is how many partitions the topic
    // has queues for, those left out included.
    void update_load(const std::vector<QueueSize>& queues, std::size_t known);
    // Falls back to the uniform draw.
    void forget_load() { load_.clear(); }

  private:
    struct Share {
        PartitionIndex partition;
        std::int32_t cumulative = 0;  // exclusive upper bound of the numbers that choose it
    };

    PartitionIndex draw_next(const ClusterMetadata& cluster, DrawSequence& draws) const;

    std::string topic_;
    std::int32_t sticky_bytes_;
    std::optional<PartitionIndex> current_;
    std::int64_t produced_bytes_ = 0;
    std::vector<Share> load_;  // empty: uniform
};

}  // namespace bsim::client
