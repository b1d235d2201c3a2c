#pragma once
// one-owner-per-partition: in one generation of a group a partition belongs to one member. Exact
// invariant G1 of facts/invariants.md (family I9).
//
// Violations, per group:
//   - RebalanceCompleted gives a partition to two members (or twice to one);
//   - two consumers that live hold a partition in the same generation, and the coordinator counts
//     both among its members; with a cooperative protocol that is a partition which was given away
//     before its former owner, who has seen the generation, let go of it;
//   - a consumer gains a partition in a generation that its holder has joined, and not yet heard
//   the
//     outcome of: with an eager protocol the holder should have let go of it before it joined, with
//     a cooperative one the assignor has left out the rebalance in which it does so;
//   - a member holds, in the generation that was completed last, what it was not assigned there.
// Legal: a consumer that was paused, cut off or fenced goes on holding what it had in an earlier
// generation, or under a member id that the coordinator has struck off; a static member that did
// not join is taken along into the next generation.
// Permitted: where a loss of `__consumer_offsets` made a generation's number come twice, and one of
// the two claims is older than the loss, or no generation was completed since.
// A consumer is known by its member id; without one, by its name, which is its client.id unless
// that is configured.

#include <map>
#include <set>
#include <string>

#include "sim/check/checker.h"

namespace bsim {

class OneOwnerPerPartition : public Checker {
  public:
    explicit OneOwnerPerPartition(const CheckSettings& settings)
        : Checker("one-owner-per-partition", CheckKind::Safety), settings_(settings) {}

    void on(const Event& event, const ClusterView& view) override;

  private:
    // What a consumer believes to hold.
    struct Claim {
        GenerationId generation;
        std::string member;
        std::set<TopicPartition> owned;
        EventNumber at;
    };
    struct Group {
        std::map<NodeName, Claim> claims;
        EventNumber completed;         // when the coordinator completed a generation last
        std::set<std::string> joined;  // member ids and client.ids that ever joined
    };

    void on_completed(const Event& event, const RebalanceCompleted& e, const ClusterView& view);
    void on_changed(const Event& event, const AssignmentChanged& e, const ClusterView& view);
    // Somebody who has joined the generation goes on holding it from an earlier one.
    void gained_too_early(const Event& event,
                          const AssignmentChanged& e,
                          const std::set<TopicPartition>& before,
                          const ClusterView& view);
    void within_assignment(const Event& event,
                           const AssignmentChanged& e,
                           const GroupSnapshot& told,
                           const ClusterView& view);
    // `since`: what it goes by was told then.
    struct Wrong {
        std::string how;
        EventNumber since;
    };
    void wrong(const Event& event, const std::string& group, Wrong what, const ClusterView& view);
    // Has it joined the generation that was completed last?
    static bool takes_part(const Group& group,
                           const NodeName& node,
                           const Claim& claim,
                           const GroupSnapshot& told);
    // Does the coordinator count it among the members?
    static bool is_member(const Group& group,
                          const NodeName& node,
                          const Claim& claim,
                          const GroupSnapshot* told);

    CheckSettings settings_;
    std::map<std::string, Group> groups_;
};

}  // namespace bsim
