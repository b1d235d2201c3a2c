#pragma once
// For each broker the partitions that have it in their ISR, and those that it leads; and the
// partitions without a leader. In order of topic id, then partition: Kafka walks a hash map here.
// Source: BrokersToIsrs.

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "sim/model/ids.h"
#include "sim/model/metadata_image_partition.h"

namespace bsim::controller {

class BrokersToIsrs {
  public:
    // Either may be null: the partition is new, or gone.
    void update(const TopicIdPartition& tp,
                const PartitionRegistration* before,
                const PartitionRegistration* after);

    const std::set<TopicIdPartition>& with_broker_in_isr(BrokerId broker) const;
    const std::set<TopicIdPartition>& led_by(BrokerId broker) const;
    const std::set<TopicIdPartition>& leaderless() const { return leaderless_; }

  private:
    std::map<BrokerId, std::set<TopicIdPartition>> members_;
    std::map<BrokerId, std::set<TopicIdPartition>> leaders_;
    std::set<TopicIdPartition> leaderless_;
};

}  // namespace bsim::controller
