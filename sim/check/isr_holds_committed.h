#pragma once
// isr-holds-committed: whoever may be elected holds all that is committed.
// Exact invariants R6, R7 (for whatever is committed, acknowledged or not) and R18 of
// facts/invariants.md (family I3). What is committed is the checkers' own truth
// (check/committed_truth.h), not what a broker thinks.
//
// Violations:
//   R18  a leader proposes, on the controller's newest state, an ISR with a newcomer whose log does
//        not reach the leader's high watermark and the start of its epoch, or is another's below;
//   R6   a member of the controller's ISR or ELR that takes part lacks a committed batch: looked at
//        whenever ISR or ELR change, when the broker is unfenced, and when it loses a part of its
//        log. A broker takes part while its process runs and has registered in this life;
//   R7   a leader takes up the controller's newest epoch without all that is committed.
// Permitted: what check/excuse.h permits, and a member for which its leader does not wait
// (check/forgotten_newcomers.h). Each loss is reported once a broker and leader epoch.
// Not looked at: members that have not yet registered since they started; Kafka fences them before
// it lets them register, and takes them out of the ISR then, but for the last member.

#include <map>
#include <set>
#include <utility>
#include <vector>

#include "sim/check/checker.h"

namespace bsim {

class IsrHoldsCommitted : public Checker {
  public:
    explicit IsrHoldsCommitted(const CheckSettings& settings)
        : Checker("isr-holds-committed", CheckKind::Safety), settings_(settings) {}

    void on(const Event& event, const ClusterView& view) override;

  private:
    struct Watched {
        std::vector<BrokerId> isr;  // before the change under way
        std::set<std::pair<BrokerId, LeaderEpoch>> reported;
    };

    void on_changed(const Event& event, const PartitionChanged& e, const ClusterView& view);
    void on_proposed(const Event& event, const IsrProposed& e, const ClusterView& view);
    void on_leader(const Event& event, const BecameLeader& e, const ClusterView& view);
    void on_unfenced(const Event& event, BrokerId broker, const ClusterView& view);
    // The replica that the event names has lost a part of its log.
    void on_cut(const Event& event, const TopicPartition& p, const ClusterView& view);
    void look_at(const Event& event,
                 const TopicPartition& p,
                 BrokerId broker,
                 const ClusterView& view);
    void report(const Event& event,
                const TopicPartition& p,
                BrokerId broker,
                const PartitionView& partition);

    CheckSettings settings_;
    std::map<TopicPartition, Watched> watched_;
};

}  // namespace bsim
