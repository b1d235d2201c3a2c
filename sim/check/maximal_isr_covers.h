#pragma once
// maximal-isr-covers: a leader waits for whoever may be in the ISR as the controller has it.
// Exact invariant R9 of facts/invariants.md (family I4).
//
// The maximal ISR of a leader is what it knows to be committed, and what it has proposed since. Of
// a leader in the controller's newest epoch these are violations:
//   - the controller's ISR has a member that is neither in the ISR that the leader confirmed last
//     (at first: that with which its epoch began) nor in what it has proposed since: looked at
//     when the controller's ISR changes, and when the leader proposes or confirms one;
//   - while a proposal is open its high watermark passes a member of the controller's ISR that it
//     has proposed to remove;
//   - the controller takes in the newcomer that it has proposed, and its high watermark has passed
//     that one meanwhile: it is so at that moment, or was so when the high watermark rose.
// Answers to proposals are no events. A proposal that was refused counts as open until the next one
// or until the ISR is confirmed, which asks less, not more. Permitted: members that joined by a
// proposal which the leader has dropped on late metadata (check/forgotten_newcomers.h).

#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "sim/check/checker.h"

namespace bsim {

class MaximalIsrCovers : public Checker {
  public:
    MaximalIsrCovers() : Checker("maximal-isr-covers", CheckKind::Safety) {}

    void on(const Event& event, const ClusterView& view) override;

  private:
    using Isr = std::vector<BrokerId>;
    struct Belief {
        LeaderEpoch epoch;
        std::map<PartitionEpoch, Isr> history;  // what the controller had, from `confirmed` on
        Isr confirmed;
        std::optional<Isr> proposed;
        Isr passed;         // members proposed that the high watermark has passed since
        bool told = false;  // of the member that is not covered, in this epoch
    };

    void on_changed(const Event& event, const PartitionChanged& e, const ClusterView& view);
    void on_proposed(const Event& event, const IsrProposed& e, const ClusterView& view);
    void on_dropped(const Event& event, const IsrProposalDropped& e, const ClusterView& view);
    void on_confirmed(const Event& event,
                      const TopicPartition& p,
                      const Isr& isr,
                      const ClusterView& view);
    void on_hw(const Event& event, const HwAdvanced& e, const ClusterView& view);
    // What is known of the leader of that epoch, nullptr if events told of none.
    Belief* belief_of(const TopicPartition& p, LeaderEpoch epoch);
    void judge_cover(const Event& event,
                     const TopicPartition& p,
                     Belief& belief,
                     const PartitionView& partition);
    void judge_newcomers(const Event& event,
                         const TopicPartition& p,
                         const Belief& belief,
                         const Isr& before,
                         const PartitionView& partition);

    std::map<TopicPartition, Belief> beliefs_;
};

}  // namespace bsim
