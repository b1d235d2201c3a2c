#pragma once
// When a scenario itself left too little standing for a partition to be served, so that nobody can
// blame the protocol. Well is a node that is up, not paused and no target of a fault that is open.
//
// A partition is excused while
//   - no majority of the voters of the metadata quorum is well;
//   - fewer of its replicas are well than min.insync.replicas, or none that may lead (ISR, ELR);
//   - its leader or another member of its ISR is up and under a fault: slow, or cut from somebody;
//   - a fault is open that names nobody: it may strike anybody's messages.
// A client is excused while it is not well. That one broker is dead or paused excuses nothing.

#include <map>
#include <set>
#include <string>

#include "sim/check/checker.h"
#include "sim/check/spans.h"

namespace bsim {

class AvailabilityExcuses {
  public:
    explicit AvailabilityExcuses(const CheckSettings& settings) : settings_(settings) {}

    // True if what it says of any partition may have changed; if only of one, `*p` is that one.
    bool on(const Event& event, const ClusterView& view);

    const Spans& of(const TopicPartition& p) { return partitions_[p]; }
    const Spans& of_client(const std::string& client) { return clients_[client]; }

  private:
    void look_at_nodes(const ClusterView& view);
    void look_at(const TopicPartition& p, const PartitionView& partition, SimTime now);
    std::string_view excuse(const TopicPartition& p, const PartitionView& partition) const;
    bool is_well(BrokerId broker) const { return !unwell_.contains(broker); }

    CheckSettings settings_;
    std::set<NodeName> voters_;
    std::set<BrokerId> unwell_;  // brokers
    std::set<BrokerId> gray_;    // those of them that are up
    bool quorum_well_ = true;
    bool nameless_ = false;
    std::map<TopicPartition, Spans> partitions_;
    std::map<std::string, Spans> clients_;
};

}  // namespace bsim
