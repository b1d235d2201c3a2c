#pragma once
// How the members of consumer groups read: who holds which partition, where it has to begin, and
// what all members of a group together were handed. For consumer-positions.
//
// An assignment of a partition lasts from the AssignmentChanged by which a consumer gains it to the
// one by which it loses it, or to the end of its process. Offsets that a declared jump passes over
// count as handed.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sim/check/cluster_view.h"

namespace bsim {

class GroupReaders {
  public:
    // Of an assignment whose first position is not known yet.
    struct Start {
        std::string group;
        std::optional<Offset> committed;  // when the partition was gained
        EventNumber told;                 // when its coordinator told of that commit
        Offset highest;                   // that was told to be committed since, with that one
        // Has a coordinator loaded the group since the last commit that was told before the gain?
        // It may have found one that nobody told of.
        bool untold = false;
    };
    struct Gap {
        Offset from;
        Offset to;  // excluded
    };

    // The partitions whose assignment to this consumer ended or began.
    std::vector<TopicPartition> changed(const NodeName& node,
                                        const AssignmentChanged& e,
                                        const ClusterView& view);
    void committed(const Event& event, const OffsetCommitted& e, const ClusterView& view);
    void loaded(const Event& event, const std::string& group);
    void stopped(const NodeName& node) { readers_.erase(node); }
    void recreated(const TopicPartition& p);

    // The group that the consumer reads the partition for; nullptr without one.
    const std::string* group_of(const NodeName& node, const TopicPartition& p) const;
    // Asked when the consumer first goes on reading a partition that it gained; nullopt later, and
    // for consumers without a group.
    std::optional<Start> begin(const NodeName& node, const TopicPartition& p);

    void handed(const std::string& group, const TopicPartition& p, Gap offsets);
    // The epochs of the first and of the last record that these offsets handed out.
    struct Epochs {
        LeaderEpoch first;
        LeaderEpoch last;
    };
    void handed_records(const std::string& group,
                        const TopicPartition& p,
                        Gap offsets,
                        Epochs epochs);
    // The epoch of the record before `offset`, if a member was handed it last thing of a poll.
    std::optional<LeaderEpoch> epoch_before(const std::string& group,
                                            const TopicPartition& p,
                                            Offset offset) const;
    // The lowest offset of which the group was handed something, or that was passed over openly.
    std::optional<Offset> first_handed(const std::string& group, const TopicPartition& p) const;
    // The first of these offsets that no member was handed and where some log holds a batch.
    std::optional<Gap> missed(const std::string& group,
                              const TopicPartition& p,
                              Gap offsets,
                              const ClusterView& view) const;

  private:
    Start start_of(const std::string& group,
                   const TopicPartition& p,
                   const ClusterView& view) const;

    struct Reader {
        std::string group;
        std::set<TopicPartition> owned;
        std::map<TopicPartition, Start> starts;  // not begun yet
    };
    using Key = std::pair<std::string, TopicPartition>;  // group
    using Ranges = std::map<Offset, Offset>;             // from -> to, disjoint, not touching

    std::map<NodeName, Reader> readers_;
    std::map<Key, Ranges> handed_;
    // By the offset after it, the epoch of a record that was handed out; none below the commit.
    std::map<Key, std::map<Offset, LeaderEpoch>> ends_;
    std::map<std::string, EventNumber> loaded_;  // by group, the newest load
    struct Told {
        EventNumber at;
        EventNumber by_coordinator;  // 0 if a deposed one told
    };
    std::map<Key, Told> committed_;  // the newest OffsetCommitted
};

}  // namespace bsim
