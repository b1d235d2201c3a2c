#pragma once
// generation-monotonic: the generation of a group never falls while the group lives, also when its
// coordinator moves, and each completed join raises it by one. Exact invariant G7 of
// facts/invariants.md.
//
// Violations, per group:
//   - at its coordinator, a generation that falls; or that changes otherwise than by one, when the
//     group leaves PreparingRebalance;
//   - RebalanceCompleted in another generation than the coordinator's, or in one that is not above
//     the last completed one: two assignments would bear one number;
//   - a coordinator that loads, or begins, a group below the last completed generation.
// A group's life ends when it is Dead and not before: also that it became empty is written down.
// What was never completed, the next coordinator need not know of. What a deposed coordinator says
// is not judged (trace/group_fold.h). Permitted: what a loss of `__consumer_offsets` takes back,
// until a generation is completed after it. Source: GroupMetadata.initNextGeneration,
// GroupMetadataManager.loadGroup.

#include <map>
#include <optional>
#include <string>

#include "sim/check/checker.h"

namespace bsim {

class GenerationMonotonic : public Checker {
  public:
    explicit GenerationMonotonic(const CheckSettings& settings)
        : Checker("generation-monotonic", CheckKind::Safety), settings_(settings) {}

    void on(const Event& event, const ClusterView& view) override;

  private:
    struct Life {
        std::optional<NodeName> coordinator;     // whose memory `generation` is
        std::optional<GenerationId> generation;  // as the coordinator has it
        std::optional<GenerationId> completed;   // the newest RebalanceCompleted
        EventNumber told;                        // when the coordinator completed one last
    };

    void on_state(const Event& event, const GroupState& e, const ClusterView& view);
    void on_completed(const Event& event, const RebalanceCompleted& e, const ClusterView& view);
    void on_loaded(const Event& event, const GroupMoved& e, const ClusterView& view);
    void stepped(const Event& event, const GroupState& e, GenerationId before);
    void fell(const Event& event,
              const std::string& group,
              std::string how,
              const ClusterView& view);

    CheckSettings settings_;
    std::map<std::string, Life> lives_;
};

}  // namespace bsim
