#pragma once
// offsets-monotonic: what a group has committed of a partition never goes back. Part of exact
// invariant G9 of facts/invariants.md (family I8).
//
// Violations: OffsetCommitted below the one before it; an offset that expires although the group is
// stable and has a member that was assigned a partition of the topic; a commit that its coordinator
// tells of while all that it has written to the group's partition of `__consumer_offsets` since it
// took the commit in (latency_ns) is above the high watermark. The last is not looked at with
// offsets.commit.required.acks=1, or the switch commit_ack=leader.
// Legal: after the owner declared a reset (PositionReset other than at the start of an assignment)
// that jumps back to this offset or below, and has not gone back by it yet; a commit from outside
// of the membership, which is how an administrator resets a group that is empty; the first commit
// after OffsetRemoved, or in another life of group or topic. Permitted: the first after a
// loss of `__consumer_offsets`; a commit that its sender may have given up or sent again
// (CommitRetried, or CommitFailed without a verdict of the coordinator, since its assignment
// changed last) and that took effect late, but not more than 35 s later.

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "sim/check/checker.h"

namespace bsim {

class OffsetsMonotonic : public Checker {
  public:
    explicit OffsetsMonotonic(const CheckSettings& settings)
        : Checker("offsets-monotonic", CheckKind::Safety), settings_(settings) {}

    void on(const Event& event, const ClusterView& view) override;

  private:
    struct Committed {
        Offset offset;
        EventNumber told;  // when its coordinator told of it
        // The lowest offset to which the owner has declared a reset since.
        std::optional<Offset> reset;
    };
    using Key = std::pair<std::string, TopicPartition>;

    void on_committed(const Event& event, const OffsetCommitted& e, const ClusterView& view);
    void judge_moment(const Event& event, const OffsetCommitted& e, const ClusterView& view);
    void on_reset(const Event& event, const PositionReset& e);
    void on_removed(const Event& event, const OffsetRemoved& e, const ClusterView& view);
    void forget(const TopicPartition& p);
    // May a commit of this member take effect late?
    bool is_in_doubt(SimTime now, const OffsetCommitted& e, const ClusterView& view) const;

    CheckSettings settings_;
    std::map<Key, Committed> committed_;
    struct Consumer {
        std::string group;
        std::string member;              // empty if not told
        std::optional<SimTime> unknown;  // the newest commit of unknown outcome
    };
    std::map<NodeName, Consumer> consumers_;
    // What a leader of a partition of `__consumer_offsets` has written to it.
    struct Written {
        std::deque<std::pair<SimTime, Offset>> open;  // when, and where it ends
        std::optional<SimTime> replicated;            // when the newest was written that is

        void replicate(Offset hw);
    };
    std::map<std::pair<TopicPartition, NodeName>, Written> written_;
};

}  // namespace bsim
